"""What a PDF from a stranger may not do: scripts, attachments, forms that send data, passwords."""

import re
import zlib

from services.registration.domain.uploads import FileIsDamaged
from shared.errors import N_, Rejection

_MOST_UNPACKED = 20 * 1024 * 1024
_PIECE = 4096
_END = b"endstream"
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_ENCRYPTED = re.compile(rb"/Encrypt(?![A-Za-z0-9])")


def _named(*names: str) -> re.Pattern[bytes]:
    """One of these names of a PDF, its letters as they are or as #xx. Content is not rewritten: that took seconds."""
    spelled = ("".join(f"(?:{letter}|(?i:#{ord(letter):02x}))" for letter in name) for name in names)
    return re.compile(b"/(?:" + "|".join(spelled).encode() + rb")(?![A-Za-z0-9])")


_ACTIVE = _named(
    "JavaScript",
    "Launch",
    "EmbeddedFile",
    "EmbeddedFiles",
    "RichMedia",
    "XFA",
    "SubmitForm",
    "ImportData",
    "GoToE",
    "Rendition",
    "FileAttachment",
)
_SHORT = _named("JS")  # three bytes stand in any compressed picture by chance
_OBJECTS = re.compile(b"(?P<name>" + _named("ObjStm").pattern + b")|" + _STREAM.pattern)
_NEAR = 300  # bytes from a stream's kind to its beginning


class FileIsActive(Rejection):
    """A PDF with scripts, attachments or a password."""

    kind = "invalid"
    title = N_("This PDF contains more than pages")
    detail = N_(
        "PDF files with scripts, attachments, forms that send data or a password are not taken. "
        "Print it into a new PDF."
    )


def ensure_plain_pdf(content: bytes) -> None:
    """Let a PDF of pages pass. Raises FileIsDamaged, FileIsActive.

    Also looks into compressed object streams, where such entries can hide. What still gets through can do nothing
    here: files are only ever handed out as attachments, in a sandbox.
    """
    ending = content.rstrip(b"\r\n \t\x00")[-1024:]
    if b"%%EOF" not in ending or b"startxref" not in content:
        raise FileIsDamaged
    if not ending.endswith(b"%%EOF"):
        raise FileIsDamaged  # something else hangs behind the PDF
    objects = _without_bodies(content)
    if _ENCRYPTED.search(objects) or _SHORT.search(objects):
        raise FileIsActive
    if any(_ACTIVE.search(each) for each in _parts(content)):
        raise FileIsActive


def _without_bodies(content: bytes) -> bytes:
    """The file without what stands in its streams. Each byte is looked at once: strangers choose them."""
    kept, at = [], 0
    while start := _STREAM.search(content, at):
        end = content.find(_END, start.end())
        if end < 0:
            break
        kept.append(content[at : start.start()])
        at = end + len(_END)
    return b"".join((*kept, content[at:]))


def _parts(content: bytes) -> list[bytes]:
    """The file itself, and what its compressed streams of objects unpack to."""
    found, budget, at, named = [content], _MOST_UNPACKED, 0, -_NEAR
    while each := _OBJECTS.search(content, at):
        at = each.end()
        if each["name"]:
            named = at
        elif each.start() - named < _NEAR:
            unpacked, at = _unpacked(content, at, budget)
            budget -= len(unpacked) + _PIECE  # also many empty ones are work
            if budget <= 0:
                raise FileIsActive
            found.append(unpacked)
    return found


def _unpacked(content: bytes, at: int, most: int) -> tuple[bytes, int]:
    """What the stream that begins there unpacks to, and where it ends; piece by piece, as the rest is not its own."""
    machine, found = zlib.decompressobj(), bytearray()
    while at < len(content) and not machine.eof and len(found) < most:
        piece = content[at : at + _PIECE]
        try:
            found += machine.decompress(piece, most - len(found))
        except zlib.error:
            raise FileIsDamaged from None
        at += len(piece) - len(machine.unused_data)
    return bytes(found), at

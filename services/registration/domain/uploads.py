"""Files that strangers send: what is taken, how large, under which name, and what a PDF may not do."""

import re
import unicodedata
import zlib
from dataclasses import dataclass

from shared.errors import N_, Rejection

MOST_BYTES = 5 * 1024 * 1024
MOST_SIDE = 12_000  # pixels
MOST_PIXELS = 30_000_000
LARGEST_KEPT = 2_400  # pixels; larger pictures are made smaller
ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}

_MOST_NAME = 80
_MOST_UNPACKED = 20 * 1024 * 1024
_PIECE = 4096
_END = b"endstream"
_UNSAFE = re.compile(r"[^\w\s()+,\-]")
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
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


class FileIsEmpty(Rejection):
    """Nothing in it."""

    kind = "invalid"
    title = N_("This file is empty")


class FileIsTooLarge(Rejection):
    """More than we keep."""

    kind = "too_large"
    title = N_("This file is too large")
    detail = N_("A file may have at most 5 MB. A smaller picture or a PDF with fewer pages is enough.")


class FileTypeIsNotTaken(Rejection):
    """By its content it is neither PDF, PNG nor JPEG, whatever its name says."""

    kind = "unsupported"
    title = N_("This kind of file is not taken")
    detail = N_("Please send a PDF, PNG or JPEG file. The name does not count, the content does.")


class FileIsDamaged(Rejection):
    """It begins like a picture or a PDF, but cannot be read to the end."""

    kind = "invalid"
    title = N_("This file cannot be read")
    detail = N_("It is damaged or not what its beginning says. Please save it anew and try again.")


class PictureIsTooLarge(Rejection):
    """Too many pixels, however few bytes."""

    kind = "invalid"
    title = N_("This picture has too many pixels")
    detail = N_("A picture may have at most 12,000 pixels a side and 30 million in all.")


class FileIsActive(Rejection):
    """A PDF with scripts, attachments or a password."""

    kind = "invalid"
    title = N_("This PDF contains more than pages")
    detail = N_(
        "PDF files with scripts, attachments, forms that send data or a password are not taken. "
        "Print it into a new PDF."
    )


class FileIsGone(Rejection):
    """Sent too long ago, or never."""

    kind = "gone"
    title = N_("This file is no longer here")
    detail = N_("Please choose the file again.")


@dataclass(frozen=True, kw_only=True)
class CleanFile:
    """A file that was checked, and written anew where it is a picture."""

    name: str
    media_type: str
    content: bytes


def media_type_of(content: bytes) -> str:
    """What a file is by its first bytes. Raises FileIsEmpty, FileIsTooLarge, FileTypeIsNotTaken."""
    if not content:
        raise FileIsEmpty
    if len(content) > MOST_BYTES:
        raise FileIsTooLarge
    for start, media_type in _STARTS.items():
        if content.startswith(start):
            return media_type
    raise FileTypeIsNotTaken


def safe_name(given: str, media_type: str) -> str:
    """A name without folders, controls and second endings, ending as its content says."""
    last = unicodedata.normalize("NFC", _BIDI.sub("", given)).replace("\\", "/").rpartition("/")[2]
    stem = last.rpartition(".")[0] or last
    plain = " ".join(_UNSAFE.sub("_", stem).split()).strip(" _-")[:_MOST_NAME]
    return f"{plain or 'file'}.{ENDINGS[media_type]}"


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


_STARTS = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}

"""Files that strangers send: what is taken, how large and under which name."""

import re
import unicodedata
from dataclasses import dataclass

from shared.errors import N_, Rejection

MOST_BYTES = 5 * 1024 * 1024
ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}

_STARTS = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_MOST_NAME = 80
_UNSAFE = re.compile(r"[^\w\s()+,\-]")
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


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

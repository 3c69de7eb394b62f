"""A ticket's code: how it is shown, and how it is read from whatever a scanner or a tired person typed."""

import re
from urllib.parse import urlsplit

from services.registration.domain.secrets import ALPHABET, LENGTH

_ALIKE = str.maketrans("ILO", "110")
_CODE = re.compile(rf"[{ALPHABET}]{{{LENGTH}}}")
_GAPS = re.compile(r"[\s\u00a0\u200b-\u200f\u2060\ufeff_.\-‐‑‒–—]+")
MAXIMUM = 300  # characters worth looking at; a QR code may hold any long address


def in_groups(code: str) -> str:
    """Four characters at a time, as people read a code aloud: 0123-4567-…-YZ."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def read_code(text: str) -> str | None:
    """The ticket code within a typed or scanned text, or None.

    Forgives case, spaces, dashes and look-alikes (I and L for 1, O for 0), and takes the whole address that the
    QR code carries. It does not check that the ticket exists.
    """
    if len(text) > MAXIMUM:
        return None
    plain = _GAPS.sub("", _last_part(text.strip())).upper().translate(_ALIKE)
    return plain if _CODE.fullmatch(plain) else None


def _last_part(text: str) -> str:
    if "/" not in text:
        return text
    try:
        path = urlsplit(text).path
    except ValueError:
        return ""
    return path.rstrip("/").rpartition("/")[2]

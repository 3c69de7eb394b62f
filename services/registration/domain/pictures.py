"""How much work a picture from a stranger may make: few bytes can ask for minutes of unpacking."""

import re

from services.registration.domain.uploads import FileIsDamaged
from shared.errors import N_, Rejection

MOST_SIDE = 12_000  # pixels
MOST_PIXELS = 30_000_000
LARGEST_KEPT = 2_400  # pixels; larger pictures are made smaller

_MOST_PARTS = 5_000
_MOST_SCANS = 50  # cameras write one, the web ten; each is a walk over all pixels, and may be a few bytes short
_SCAN = b"\xff\xda"
_MARKER = re.compile(rb"[^\xff]{0,999}\xff{1,999}([^\xff])")
_ALONE = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})  # markers without a length


class PictureIsTooLarge(Rejection):
    """Too many pixels, however few bytes."""

    kind = "invalid"
    title = N_("This picture has too many pixels")
    detail = N_("A picture may have at most 12,000 pixels a side and 30 million in all.")


def ensure_modest_size(width: int, height: int) -> None:
    """Before anything is unpacked. Raises PictureIsTooLarge."""
    if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
        raise PictureIsTooLarge


def ensure_modest_work(content: bytes, media_type: str) -> None:
    """Let a PNG or JPEG of usual make pass. Raises FileIsDamaged.

    A JPEG of 250 kB with thousands of empty scans takes a minute to unpack; millions of parts or of filling bytes take
    seconds to step over.
    """
    if not (_is_modest_png if media_type == "image/png" else _is_modest_jpeg)(content):
        raise FileIsDamaged


def _is_modest_png(content: bytes) -> bool:
    at = 8
    for _ in range(_MOST_PARTS):
        if at >= len(content):
            return True
        at += 12 + int.from_bytes(content[at : at + 4])
    return False


def _is_modest_jpeg(content: bytes) -> bool:
    """Scans are counted wherever they stand: a decoder may take for one what we take for the inside of a part."""
    if content.count(_SCAN) > _MOST_SCANS:
        return False
    at = 2
    for _ in range(_MOST_PARTS):
        found = _MARKER.match(content, at)
        if found is None:
            return False
        if content.startswith(_SCAN, found.start(1) - 1):
            return True
        at = found.end()
        if found[1][0] not in _ALONE:
            at += int.from_bytes(content[at : at + 2])
    return False

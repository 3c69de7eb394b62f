"""A stranger's file becomes one that may be kept: known by its content, pictures painted anew."""

import io
from threading import Lock

from PIL import Image, ImageOps

from services.registration.domain.pdf import ensure_plain_pdf
from services.registration.domain.pictures import (
    LARGEST_KEPT,
    PictureIsTooLarge,
    ensure_modest_size,
    ensure_modest_work,
)
from services.registration.domain.uploads import CleanFile, FileIsDamaged, media_type_of, safe_name

_ONE_AT_A_TIME = Lock()  # a picture unpacks to a hundred megabytes; many at once would be an attack
_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, OverflowError, MemoryError)


def clean_upload(name: str, content: bytes) -> CleanFile:
    """Raises the rejections of domain.uploads, pdf and pictures."""
    media_type = media_type_of(content)
    if media_type == "application/pdf":
        ensure_plain_pdf(content)
    else:
        ensure_modest_work(content, media_type)
        with _ONE_AT_A_TIME:
            content = _painted_anew(content, media_type)
    return CleanFile(name=safe_name(name, media_type), media_type=media_type, content=content)


def _painted_anew(content: bytes, media_type: str) -> bytes:
    """The pixels and nothing else: no place, camera, comment or second file behind them."""
    kind = "PNG" if media_type == "image/png" else "JPEG"
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as picture:
            ensure_modest_size(*picture.size)
            return _saved(picture, kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureIsTooLarge from None
    except _UNREADABLE:
        raise FileIsDamaged from None


def _saved(picture: Image.Image, kind: str) -> bytes:
    picture.draft("RGB", (LARGEST_KEPT, LARGEST_KEPT))
    picture.load()
    upright = ImageOps.exif_transpose(picture)
    has_alpha = "A" in upright.getbands() or "transparency" in upright.info
    plain = upright.convert("RGBA" if has_alpha and kind == "PNG" else "RGB")
    plain.thumbnail((LARGEST_KEPT, LARGEST_KEPT))
    stream = io.BytesIO()
    bare = Image.new(plain.mode, plain.size)
    bare.paste(plain)
    bare.save(stream, kind, **({"quality": 88} if kind == "JPEG" else {"optimize": False}))
    return stream.getvalue()

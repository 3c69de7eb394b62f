"""QR codes that every scanner reads: upper-case alphanumeric mode, level M, 8 px a module, border 4, opaque white."""

import io

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M

MODULE_PIXELS = 8
QUIET_ZONE = 4


def qr_png(content: str) -> bytes:
    """A PNG; content that fits alphanumeric mode (`HTTPS://HOST/T/CODE`) becomes a small symbol."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=MODULE_PIXELS, border=QUIET_ZONE)
    code.add_data(content, optimize=0)  # one segment; alphanumeric mode if every sign allows it
    code.make(fit=True)
    picture = io.BytesIO()
    _image(code.get_matrix()).save(picture, format="PNG", optimize=True)
    return picture.getvalue()


def _image(modules: list[list[bool]]) -> Image.Image:
    """One bit a pixel, opaque: dark pages must not shine through."""
    size = len(modules)
    small = Image.new("1", (size, size), 1)
    small.putdata([0 if dark else 1 for row in modules for dark in row])
    return small.resize((size * MODULE_PIXELS, size * MODULE_PIXELS), Image.Resampling.NEAREST)


def shown_size(png: bytes) -> int:
    """How wide the picture is shown in a mail: at least 240 px, whole pixels of the file where it is larger."""
    width = int.from_bytes(png[16:20], "big")
    return max(width, 240)

"""The ticket's QR code as a picture: opaque white with its quiet zone, whatever the theme of the page."""

import io
from typing import Any

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pil import PilImage

_QUIET = 4  # modules, ISO/IEC 18004


def as_svg(text: str) -> str:
    """One path on a white square, one unit a module."""
    modules = _code(text).get_matrix()
    size = len(modules)
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(modules) for x, dark in enumerate(row) if dark)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{path}" fill="#000"/></svg>'
    )


def as_png(text: str, *, module: int = 10) -> bytes:
    """The same in pixels."""
    picture = _code(text, module).make_image(image_factory=PilImage)
    stream = io.BytesIO()
    picture.save(stream)
    return stream.getvalue()


def _code(text: str, module: int = 1) -> "qrcode.QRCode[Any]":
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=module, border=_QUIET)
    code.add_data(text)
    code.make()
    return code

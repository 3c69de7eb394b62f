"""QR codes: small, opaque, and read by every decoder at three pixels a module."""

import io
import subprocess
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from services.notifications.rendering.qr import MODULE_PIXELS, QUIET_ZONE, qr_png
from tests.notifications.builders import CODE

PAYLOADS = [
    f"HTTPS://WERKTOR.EXAMPLE.ORG/T/{CODE}",
    f"HTTP://127.0.0.1:8000/T/{CODE}",
    CODE,
]


@pytest.fixture(params=PAYLOADS)
def payload(request: pytest.FixtureRequest) -> str:
    """What tickets carry."""
    text: str = request.param
    return text


def image(payload: str, pixels: int) -> Image.Image:
    """The symbol at so many pixels a module."""
    found = Image.open(io.BytesIO(qr_png(payload)))
    size = found.width // MODULE_PIXELS * pixels
    return found.convert("L").resize((size, size), Image.Resampling.NEAREST)


@pytest.mark.parametrize("pixels", [3, 8])
def test_zbar_and_zxing_read_it(payload: str, pixels: int, tmp_path: Path) -> None:
    image(payload, pixels).save(tmp_path / "code.png")

    zbar = subprocess.run(
        ["zbarimg", "--quiet", "--raw", str(tmp_path / "code.png")], check=True, capture_output=True, text=True
    )

    assert zbar.stdout.strip() == payload
    assert [each.text for each in zxingcpp.read_barcodes(image(payload, pixels))] == [payload]


def test_the_symbol_is_small_and_has_its_quiet_zone(payload: str) -> None:
    found = Image.open(io.BytesIO(qr_png(payload))).convert("L")
    modules = found.width // MODULE_PIXELS - 2 * QUIET_ZONE

    assert modules <= 29
    assert len(payload) <= 60
    edge = QUIET_ZONE * MODULE_PIXELS
    assert {found.getpixel((x, y)) for x in range(found.width) for y in range(edge)} == {255}


def test_the_picture_is_opaque_and_light() -> None:
    png = qr_png(PAYLOADS[0])

    assert Image.open(io.BytesIO(png)).mode == "1"
    assert len(png) < 1000

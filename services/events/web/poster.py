"""An event's poster for the notice board: one A4 page with a QR code that leads to the sign-up."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import qrcode
from fpdf import FPDF
from fpdf.enums import MethodReturnValue
from qrcode.constants import ERROR_CORRECT_M

FONTS = Path(__file__).parent / "fonts"
_FACES = (("Sans", "NotoSans"), ("Arabic", "NotoSansArabic"))
_WALL, _LIGHT, _INK, _SOFT = (11, 79, 92), (240, 171, 0), (20, 38, 44), (84, 102, 108)
_WIDTH, _HEIGHT, _MARGIN, _WALL_HEIGHT = 210.0, 297.0, 18.0, 104.0
_QUIET = 4  # modules, ISO/IEC 18004


@dataclass(frozen=True, kw_only=True)
class Poster:
    """What stands on it, in one language. `facts` are pairs of label and text; `link` is what the code carries."""

    overline: str
    title: str
    summary: str
    facts: Sequence[tuple[str, str]]
    call: str
    link: str
    footer: str
    is_rtl: bool


def drawn(poster: Poster) -> bytes:
    """A PDF. Letters of every script are shaped, right-to-left text runs right to left."""
    page = _page(poster)
    _wall(page, poster)
    _facts(page, poster)
    _code(page, poster)
    return bytes(page.output())


def _page(poster: Poster) -> FPDF:
    page = FPDF(format="A4")
    page.set_title(poster.title)
    page.set_auto_page_break(auto=False)
    page.set_margins(_MARGIN, _MARGIN, _MARGIN)
    for family, file in _FACES:
        page.add_font(family, "", FONTS / f"{file}-Regular.ttf")
        page.add_font(family, "B", FONTS / f"{file}-Bold.ttf")
    page.set_fallback_fonts(["Sans", "Arabic"], exact_match=False)
    page.set_text_shaping(use_shaping_engine=True, direction="rtl" if poster.is_rtl else None)
    page.add_page()
    return page


def _wall(page: FPDF, poster: Poster) -> None:
    """The gate: overline, title and summary on petrol, with a strip of light below."""
    page.set_fill_color(*_WALL)
    page.rect(0, 0, _WIDTH, _WALL_HEIGHT, style="F")
    page.set_fill_color(*_LIGHT)
    page.rect(0, _WALL_HEIGHT, _WIDTH, 3, style="F")
    page.set_y(_MARGIN)
    _say(page, poster, poster.overline, size=15, colour=_LIGHT, bold=True)
    page.ln(3)
    size = _fitting(page, poster.title, largest=38, height=50)
    _say(page, poster, poster.title, size=size, colour=(255, 255, 255), bold=True)
    if poster.summary and page.get_y() < _WALL_HEIGHT - 22:
        page.ln(3)
        _say(page, poster, poster.summary, size=14, colour=(226, 238, 240), most=2)


def _facts(page: FPDF, poster: Poster) -> None:
    page.set_y(_WALL_HEIGHT + 14)
    for label, text in poster.facts:
        _say(page, poster, label, size=11, colour=_SOFT)
        _say(page, poster, text, size=17, colour=_INK, bold=True, most=2)
        page.ln(4)


def _code(page: FPDF, poster: Poster) -> None:
    """The code stands where a phone reaches it, with its quiet zone, beside what to do."""
    size, bottom = 64.0, _HEIGHT - 30
    at = _MARGIN if poster.is_rtl else _WIDTH - _MARGIN - size
    _modules(page, poster.link, x=at, y=bottom - size, size=size)
    page.set_xy(_MARGIN + (size + 8 if poster.is_rtl else 0), bottom - size + 12)
    width = _WIDTH - 2 * _MARGIN - size - 8
    _say(page, poster, poster.call, size=22, colour=_WALL, bold=True, width=width)
    page.set_xy(_MARGIN, _HEIGHT - 24)
    page.set_font("Sans", "", 10)
    page.set_text_color(*_SOFT)
    page.cell(_WIDTH - 2 * _MARGIN, 5, poster.link, align="C", link=poster.link)
    page.set_xy(_MARGIN, _HEIGHT - 17)
    page.cell(_WIDTH - 2 * _MARGIN, 5, poster.footer, align="C")


def _modules(page: FPDF, link: str, *, x: float, y: float, size: float) -> None:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=_QUIET)
    code.add_data(link)
    code.make(fit=True)
    rows = code.get_matrix()
    side = size / len(rows)
    page.set_fill_color(0, 0, 0)
    for down, row in enumerate(rows):
        for along, length in _runs(row):
            page.rect(x + along * side, y + down * side, length * side, side, style="F")


def _runs(row: Sequence[bool]) -> list[tuple[int, int]]:
    """(start, length) of the dark stretches: no hairlines between modules that belong together."""
    found: list[tuple[int, int]] = []
    for at, dark in enumerate(row):
        if dark and found and sum(found[-1]) == at:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif dark:
            found.append((at, 1))
    return found


def _say(
    page: FPDF,
    poster: Poster,
    text: str,
    *,
    size: float,
    colour: tuple[int, int, int],
    bold: bool = False,
    width: float = 0,
    most: int = 6,
) -> None:
    page.set_font("Sans", "B" if bold else "", size)
    page.set_text_color(*colour)
    wide = width or _WIDTH - 2 * _MARGIN
    lines = _lines(page, text, wide)
    shown = " ".join(lines[:most]).rstrip() + "…" if len(lines) > most else text
    align = "R" if poster.is_rtl else "L"
    page.multi_cell(wide, h=size * 0.48, text=shown, align=align, new_x="LEFT", new_y="NEXT")


def _fitting(page: FPDF, text: str, *, largest: int, height: float) -> int:
    """The largest size in points at which the text fits the height in mm."""
    for size in range(largest, 15, -2):
        page.set_font("Sans", "B", size)
        if len(_lines(page, text, _WIDTH - 2 * _MARGIN)) * size * 0.48 <= height:
            return size
    return 16


def _lines(page: FPDF, text: str, width: float) -> list[str]:
    """The text as it breaks at this width in the present font."""
    return cast("list[str]", page.multi_cell(width, text=text, dry_run=True, output=MethodReturnValue.LINES))

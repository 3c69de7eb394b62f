"""A list of people as somebody else's program wrote it: encoding, separator, headings, rows."""

import csv
import io
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from shared.errors import N_, InvalidInput

MOST_ROWS = 1000
MOST_COLUMNS = 200  # each is shown with a choice of what it means
MOST_BYTES = 600_000
FIELDS = ("name", "first_name", "last_name", "email", "locale", "quota", "photo", "share_with_company", "newsletter")
_HEADINGS = {
    "name": ("name", "vollständiger name", "full name", "teilnehmer", "teilnehmende", "teilnehmerin", "الاسم"),
    "first_name": ("vorname", "first name", "firstname", "given name", "rufname"),
    "last_name": ("nachname", "familienname", "last name", "lastname", "surname", "family name"),
    "email": ("e-mail", "email", "mail", "e-mail-adresse", "e-mail address", "email address", "mailadresse", "البريد"),
    "locale": ("sprache", "language", "locale", "sprachcode", "sprache der e-mails", "اللغة"),
    "quota": ("platz", "plätze", "gruppe", "kontingent", "places", "group", "quota", "quota name"),
    "photo": ("foto", "fotos", "photo", "photos", "fotoerlaubnis"),
    "share_with_company": ("kontakt durch den betrieb", "weitergabe", "contact by the company", "share_with_company"),
    "newsletter": ("newsletter", "neuigkeiten", "news", "news by e-mail"),
}
_YES = frozenset({"ja", "j", "yes", "y", "x", "1", "true", "wahr", "✓", "نعم"})
_NO = frozenset({"nein", "n", "no", "0", "false", "falsch", "✗", "لا"})


def yes_or_no(text: str) -> bool | None:
    """What a cell says; None for anything else."""
    plain = text.strip().casefold()
    return True if plain in _YES else (False if plain in _NO else None)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the list; `number` is the one that a spreadsheet shows."""

    number: int
    cells: dict[str, str]

    def name(self) -> str:
        """In one field or in two."""
        return self.cells.get("name") or " ".join(
            filter(None, (self.cells.get("first_name"), self.cells.get("last_name")))
        )

    def agrees(self, purpose: str) -> bool:
        """Whether the list says yes; everything that is not a yes is a no."""
        return yes_or_no(self.cells.get(purpose, "")) is True


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What a text was read as: headings in their order, and the field that each was taken for ("" for none)."""

    headings: tuple[str, ...]
    fields: tuple[str, ...]
    rows: tuple[Row, ...]


def decoded(content: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 with it, else Windows-1252, as Excel here writes. Raises InvalidInput."""
    if len(content) > MOST_BYTES:
        raise InvalidInput({"file": [N_("This file is too large: at most 600 kB.")]})
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def read_sheet(
    text: str, chosen: Sequence[str] | None = None, questions: Mapping[str, Collection[str]] | None = None
) -> Sheet:
    """The list, separated by ; or , or tab. `chosen` overrules what the headings are taken for. Raises InvalidInput.

    questions: further fields with the headings they go by, those of the event's questions.
    """
    lines = [line for line in _lines(text.removeprefix("\ufeff")) if any(cell.strip() for cell in line[1])]
    if len(lines) < 2:
        raise InvalidInput({"text": [N_("There is no list here: a line with headings and at least one person.")]})
    if len(lines) > MOST_ROWS + 1:
        raise InvalidInput({"text": [N_("The list is too long: at most 1,000 people at once.")]})
    headings = tuple(cell.strip() for cell in lines[0][1])
    if len(headings) > MOST_COLUMNS:
        raise InvalidInput({"text": [N_("The list is too wide: at most 200 columns.")]})
    fields = _fields(
        headings, chosen, {name: {_plain(each) for each in said} for name, said in (questions or {}).items()}
    )
    if "email" not in fields or not {"name", "first_name", "last_name"} & set(fields):
        raise InvalidInput({"fields": [N_("A column with names and one with e-mail addresses is needed.")]})
    rows = tuple(Row(number=number, cells=_cells(fields, cells)) for number, cells in lines[1:])
    return Sheet(headings=headings, fields=fields, rows=rows)


def _lines(text: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text.replace("\0", "")), delimiter=_separator(text))
    try:
        return [(reader.line_num, line) for line in reader]
    except csv.Error:
        raise InvalidInput({"text": [N_("This list cannot be read. Please save it as CSV again.")]}) from None


def _separator(text: str) -> str:
    first = text.lstrip("\ufeff\r\n").partition("\n")[0]
    return max(";\t,", key=first.count)


def _fields(
    headings: Sequence[str], chosen: Sequence[str] | None, questions: Mapping[str, Collection[str]]
) -> tuple[str, ...]:
    if chosen is not None and len(chosen) == len(headings):
        if any(each not in {*FIELDS, *questions, "", "-"} for each in chosen):
            raise InvalidInput({"fields": [N_("The questions have changed meanwhile. Please look at them again.")]})
        found = ["" if each == "-" else each for each in chosen]
    else:
        found = [_meant(each, questions) for each in headings]
    return tuple(each if each not in found[:place] else "" for place, each in enumerate(found))


def _meant(heading: str, questions: Mapping[str, Collection[str]]) -> str:
    plain = _plain(heading)
    usual = (name for name, words in _HEADINGS.items() if plain in words or plain == name.replace("_", " "))
    asked = (name for name, words in questions.items() if plain in words)
    return next(usual, "") or next(asked, "")


def _plain(heading: str) -> str:
    return re.sub(r"[\s_]+", " ", heading.casefold()).strip(" :*?؟")


def _cells(fields: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    return {name: cell.strip() for name, cell in zip(fields, cells, strict=False) if name and cell.strip()}

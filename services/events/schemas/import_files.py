"""Lists of events as people keep them: YAML, or CSV as a spreadsheet writes it.

CSV: the first line names the columns, in any order, separated by comma or semicolon, UTF-8 with or without BOM:
format, title_de, title_en, … (any language), summary_de …, description_de …, date, start_time, end_time,
duration_minutes, zone, place, street, postal_code, city, country, meeting_point, arrival, online, join_url, places,
languages, german_level, organiser, note, key. German headings (Titel, Datum, Beginn, Ende, Ort, Plätze …) are
understood. `key` makes a row recognisable when its other cells change.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import yaml
from marshmallow import ValidationError, fields

from shared.errors import N_, InvalidInput
from shared.http.fields import Country, Language, Line, Many, Text, Translations, WebAddress, Wish, Zone
from shared.http.wording import flat

_TRANSLATED = re.compile(r"(title|summary|description)_([a-z]{2,3}(?:_[A-Za-z]{2,4})?)")
_GERMAN = {
    "titel": "title_de",
    "kurztext": "summary_de",
    "beschreibung": "description_de",
    "datum": "date",
    "beginn": "start_time",
    "start": "start_time",
    "ende": "end_time",
    "end": "end_time",
    "dauer": "duration_minutes",
    "zeitzone": "zone",
    "ort": "place",
    "straße": "street",
    "plz": "postal_code",
    "stadt": "city",
    "land": "country",
    "treffpunkt": "meeting_point",
    "anfahrt": "arrival",
    "link": "join_url",
    "plätze": "places",
    "kapazität": "places",
    "sprachen": "languages",
    "deutschniveau": "german_level",
    "veranstalter": "organiser",
    "notiz": "note",
    "bemerkung": "note",
    "schlüssel": "key",
    "title": "title_de",
    "summary": "summary_de",
    "description": "description_de",
}
_YES = {"1", "true", "yes", "ja", "x", "online"}


@dataclass(frozen=True, kw_only=True)
class ReadRow:
    """One entry with the line where it begins: its facts, or what is wrong with them."""

    line: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


class RowWish(Wish):
    """What a row may say. Times and numbers stay text: people write them in many ways (domain.imports reads them)."""

    format = Line(required=True, most=60)
    title = Translations(required=True, most=200)
    summary = Translations(most=500, lines=True)
    description = Translations(most=10_000, lines=True)
    organiser = Line(most=300)
    audience = Line(most=300)
    date = Line(most=40)
    first_day = Line(most=40)
    last_day = Line(most=40)
    month = Line(most=40)
    start_time = Line(most=40)
    end_time = Line(most=40)
    duration_minutes = Line(most=10)
    zone = Zone()
    place = Line(most=200)
    street = Line(most=200)
    postal_code = Line(most=20)
    city = Line(most=100)
    country = Country()
    meeting_point = Line(most=300)
    arrival = Text(most=1000)
    online = fields.Boolean()
    join_url = WebAddress()
    places = Line(most=10)
    attended = Line(most=10)
    exhibitors = Line(most=10)
    stakeholders = Many(Line(most=100), most=50)
    topics = Many(Line(most=300), most=50)
    languages = Many(Language(), most=20)
    german_level = Line(most=2)
    note = Text(most=5000)
    key = Line(most=100)


def read_events(content: bytes, *, name: str) -> list[ReadRow]:
    """The entries of a file. Raises InvalidInput when it is not such a file at all."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput({"file": [N_("The file is not UTF-8 text.")]}) from None
    rows = _from_csv(text) if name.lower().endswith((".csv", ".txt")) else _from_yaml(text)
    return [_checked(line, facts) for line, facts in rows]


def _checked(line: int, facts: object) -> ReadRow:
    if not isinstance(facts, dict):
        return ReadRow(line=line, faults=(N_("This is not an entry with fields."),))
    try:
        return ReadRow(line=line, facts=RowWish().load(facts))
    except ValidationError as fault:
        told = flat(fault.messages)
        return ReadRow(line=line, faults=tuple(f"{name}: {' '.join(said)}" for name, said in told.items()))


def _from_yaml(text: str) -> Iterator[tuple[int, object]]:
    try:
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        if root is not None and not isinstance(root, yaml.SequenceNode):
            raise InvalidInput({"file": [N_("The file must be a list of events.")]})
        for node in root.value if root else ():
            yield node.start_mark.line + 1, _as_text(loader.construct_object(node, deep=True))
    except (yaml.YAMLError, RecursionError, ValueError):
        raise InvalidInput({"file": [N_("The file is not well-formed YAML.")]}) from None


def _as_text(value: Any) -> Any:
    """Numbers and days as they are written."""
    if isinstance(value, dict):
        facts = {str(key): _as_text(each) for key, each in value.items()}
        title = facts.get("title")
        return facts | {"title": {"de": title}} if isinstance(title, str) else facts
    if isinstance(value, list):
        return [_as_text(each) for each in value]
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value if isinstance(value, bool) or value is None else str(value)


def _from_csv(text: str) -> Iterator[tuple[int, object]]:
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        columns = [_column(each) for each in next(reader, [])]
        if "format" not in columns:
            raise InvalidInput({"file": [N_("The first line must name the columns, among them “format”.")]})
        begins = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, _facts(columns, cells)
            begins = reader.line_num + 1
    except csv.Error:
        raise InvalidInput({"file": [N_("The file is not well-formed CSV.")]}) from None


def _column(heading: str) -> str:
    name = re.sub(r"[\s-]+", "_", heading.strip().lower())
    return _GERMAN.get(name, name)


def _facts(columns: list[str], cells: list[str]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for column, cell in zip(columns, cells, strict=False):
        if translated := _TRANSLATED.fullmatch(column):
            facts.setdefault(translated[1], {})[translated[2]] = cell.strip()
        elif cell.strip():
            facts[column] = _cell(column, cell.strip())
    if len(cells) > len(columns):
        facts["…"] = cells[len(columns)]  # more cells than headings: refused as unknown field
    return facts


def _cell(column: str, text: str) -> Any:
    if column in ("languages", "stakeholders", "topics"):
        return [part.strip() for part in re.split(r"[,;|/]", text) if part.strip()]
    return text.casefold() in _YES if column == "online" else text

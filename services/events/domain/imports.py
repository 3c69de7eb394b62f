"""A row of somebody's list becomes a wish for an event: what it says, what it lacks, nothing invented."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from services.events.domain.events import EventWish, Place, QuotaWish, SessionWish
from services.events.domain.formats import FORMATS
from shared.errors import N_

Row = Mapping[str, Any]

DEFAULT_ZONE = "Europe/Berlin"
# What is told about an event but has no field of its own yet goes into its note, under these words.
NOTED = {
    "organiser": "Organiser",
    "audience": "Audience",
    "month": "Month",
    "date": "Date",
    "first_day": "First day",
    "last_day": "Last day",
    "start_time": "Start",
    "city": "Town",
    "zone": "Time zone",
    "duration_minutes": "Minutes",
    "attended": "Attended",
    "exhibitors": "Exhibitors",
    "stakeholders": "Stakeholders",
    "topics": "Topics",
}
_FORMAT_NAMES = {
    "betriebserkundung": "company_tour",
    "messe-career-walk": "career_walk",
    "career-walk": "career_walk",
    "arbeitsmarktgespräch": "labour_market_talk",
    "bewerbungsworkshop": "application_workshop",
    "karriere-workshop": "career_workshop",
    "karrieresprechstunde": "consultation_hour",
    "schulung": "training_series",
    "qualifizierungsreihe": "training_series",
    "mentoring-programm": "mentoring_programme",
    "fachtagung": "conference",
    "markt der möglichkeiten": "fair",
}
_GERMAN_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4}|[0-9]{2})")
_HOUR = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2})(?::[0-9]{2})?)?(?:\s*(?:uhr|h))?", re.IGNORECASE)


class RowIsWrongError(Exception):
    """The row says something that cannot be; `field` and a sentence with its %(value)s."""

    def __init__(self, field: str, sentence: str, value: object = "") -> None:
        super().__init__(f"{field}: {sentence % {'value': value}}")


@dataclass(frozen=True, kw_only=True)
class Times:
    """What a row says about time."""

    day: date | None
    start: time | None
    minutes: int | None


def wish_of_row(row: Row) -> EventWish:
    """The event that the row describes. Raises RowIsWrongError."""
    times = _times(row)
    session = _session(row, times)
    places = _number(row, "places")
    missing = [*_missing_times(times), *_missing_place(row)]
    return EventWish(
        format=_format(row),
        title=row.get("title") or {},
        summary=row.get("summary") or {},
        description=row.get("description") or {},
        sessions=(session,) if session else (),
        quotas=(QuotaWish(capacity=places),) if places else (),
        languages=tuple(row.get("languages") or ()),
        german_level=row.get("german_level", ""),
        missing=tuple(missing),
        note=_note(row, is_scheduled=session is not None),
    )


def key_of_row(row: Row, organisation: str) -> str:
    """The same row means the same event, however often its file is read."""
    told = row.get("key")
    parts = [told] if told else [_text(row.get(name)) for name in ("format", "title", "date", "first_day", "month")]
    if not told:
        parts += [_text(row.get(name)) for name in ("city", "organiser", "start_time")]
    return hashlib.sha256("\x1f".join([organisation, *parts]).encode()).hexdigest()


def _format(row: Row) -> str:
    told = str(row.get("format", "")).strip()
    key = _FORMAT_NAMES.get(told.casefold(), told.casefold())
    if key not in FORMATS:
        raise RowIsWrongError("format", N_("“%(value)s” is not one of the known formats."), told)
    return key


def _times(row: Row) -> Times:
    start, end = _hour(row, "start_time"), _hour(row, "end_time")
    minutes = _number(row, "duration_minutes")
    if start and end:
        minutes = (end.hour - start.hour) * 60 + end.minute - start.minute
        if minutes <= 0:
            raise RowIsWrongError("end_time", N_("The end must be after the start."))
    return Times(day=_day(row, "date"), start=start, minutes=minutes)


def _session(row: Row, times: Times) -> SessionWish | None:
    if times.day is None or times.start is None or times.minutes is None:
        return None
    start = datetime.combine(times.day, times.start)
    return SessionWish(
        local_start=start,
        local_end=start + timedelta(minutes=times.minutes),
        zone=row.get("zone") or DEFAULT_ZONE,
        place=None if row.get("online") else _place(row),
        join_url=row.get("join_url", ""),
    )


def _place(row: Row) -> Place | None:
    names = ("street", "postal_code", "city", "meeting_point", "arrival")
    facts = {name: row[name] for name in names if row.get(name)} | {"name": row.get("place", "")}
    if not any(facts.values()):
        return None
    return Place(**facts, country=row.get("country") or "DE")


def _missing_times(times: Times) -> list[str]:
    lacks = {"date": times.day is None, "start_time": times.start is None, "end_time": times.minutes is None}
    return [name for name, lacking in lacks.items() if lacking]


def _missing_place(row: Row) -> list[str]:
    if row.get("online"):
        return [] if row.get("join_url") else ["join_url"]
    return ["venue"] if row.get("city") and not row.get("place") else []


def _note(row: Row, *, is_scheduled: bool) -> str:
    known = {"date", "start_time", "city", "zone", "duration_minutes"} if is_scheduled else set()
    lines = [f"{word}: {_text(row[name])}" for name, word in NOTED.items() if row.get(name) and name not in known]
    return "\n".join([*lines, *([row["note"]] if row.get("note") else [])])


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return " / ".join(str(each) for each in value.values())
    return ", ".join(str(each) for each in value) if isinstance(value, (list, tuple)) else str(value or "")


def _day(row: Row, name: str) -> date | None:
    text = str(row.get(name) or "").strip()
    if not text:
        return None
    try:
        if german := _GERMAN_DAY.fullmatch(text):
            day, month, year = (int(part) for part in german.groups())
            return date(year + 2000 if year < 100 else year, month, day)
        return date.fromisoformat(text)
    except ValueError:
        raise RowIsWrongError(name, N_("“%(value)s” is not a day like 2026-12-03 or 3.12.2026."), text) from None


def _hour(row: Row, name: str) -> time | None:
    text = str(row.get(name) or "").strip()
    if not text:
        return None
    found = _HOUR.fullmatch(text)
    try:
        return time(int(found[1]), int(found[2] or 0)) if found else time.fromisoformat(text)
    except ValueError:
        raise RowIsWrongError(name, N_("“%(value)s” is not a time like 14:00."), text) from None


def _number(row: Row, name: str) -> int | None:
    text = str(row.get(name) or "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text[:7]) <= 100_000):
        raise RowIsWrongError(name, N_("“%(value)s” is not a number between 1 and 100000."), text)
    return int(text)

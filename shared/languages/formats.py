"""Dates, times, lists and names of things in the reader's language. Zones are IANA names, datetimes aware."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale, dates, lists, numbers

from shared.languages.catalogues import SOURCE, known_locale

_NO_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})
Width = Literal["full", "long", "medium", "short"]


def when(starts_at: datetime, ends_at: datetime, zone: str, locale: str) -> str:
    """From when to when, said once where it is the same: "Thursday, December 3, 2026, 2:00 - 4:00 PM"."""
    start, end = _local(starts_at, zone), _local(ends_at, zone)
    if start.date() != end.date():
        return f"{format_datetime(starts_at, zone, locale)} – {format_datetime(ends_at, zone, locale)}"
    hours = f"{format_time(starts_at, zone, locale)} – {format_time(ends_at, zone, locale)}"
    return _joined(format_date(starts_at, zone, locale), hours, locale)


def format_date(day: date | datetime, zone: str, locale: str, width: Width = "full") -> str:
    """A day; of a datetime, the day it is in the zone. Width: full | long | medium | short."""
    if isinstance(day, datetime):
        day = _local(day, zone).date()
    return _day(day, locale, width)


def format_time(moment: datetime, zone: str, locale: str) -> str:
    """The time of day in the zone."""
    return _time(_local(moment, zone).time(), locale)


def format_datetime(moment: datetime, zone: str, locale: str, width: Width = "full") -> str:
    """Day and time of day in the zone."""
    return _joined(format_date(moment, zone, locale, width), format_time(moment, zone, locale), locale)


def format_number(number: float, locale: str) -> str:
    """A number with the language's digits and separators."""
    return numbers.format_decimal(number, locale=_locale(locale))


def enumeration(items: Sequence[str], locale: str, style: str = "standard") -> str:
    """Items as a list in a sentence: "German, English and Arabic"; style "or" for a choice."""
    return lists.format_list(list(items), style="or" if style == "or" else "standard", locale=_locale(locale))


@lru_cache(maxsize=1000)
def language_name(code: str, locale: str) -> str:
    """What a language is called in the reader's language; the code itself where nobody knows."""
    known = known_locale(code)
    return str((known.get_display_name(_locale(locale)) if known else "") or code)


def country_name(code: str, locale: str) -> str:
    """What an ISO 3166 country is called in the reader's language."""
    return str(_locale(locale).territories.get(code.upper(), code))


@lru_cache(maxsize=1)
def country_codes() -> tuple[str, ...]:
    """The ISO 3166 codes of countries and their territories (and XK), without unions and what tests use."""
    known = {str(code) for code in _locale(SOURCE).territories}
    return tuple(sorted(code for code in known - _NO_COUNTRIES if re.fullmatch("[A-Z]{2}", code)))


@lru_cache(maxsize=1000)
def zone_name(zone: str, locale: str) -> str:
    """What a time zone is called in the reader's language: "Central European Time"."""
    return zone if zone == "UTC" else dates.get_timezone_name(ZoneInfo(zone), locale=_locale(locale))


def zone_town(zone: str, locale: str) -> str:
    """The town that a time zone is named after: "Wien"."""
    return dates.get_timezone_location(ZoneInfo(zone), locale=_locale(locale), return_city=True)


@lru_cache(maxsize=5000)
def _day(day: date, locale: str, width: Width) -> str:
    return dates.format_date(day, format=width, locale=_locale(locale))


@lru_cache(maxsize=5000)
def _time(moment: time, locale: str) -> str:
    return dates.format_time(moment, format="short", locale=_locale(locale))


def _joined(day: str, time: str, locale: str) -> str:
    return _pattern(locale).replace("{1}", day).replace("{0}", time).replace("'", "")


@lru_cache(maxsize=100)
def _pattern(locale: str) -> str:
    return str(_locale(locale).datetime_formats["medium"])


def _local(moment: datetime, zone: str) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone cannot be shown")
    return moment.astimezone(ZoneInfo(zone))


def _locale(code: str) -> Locale:
    return known_locale(code) or Locale.parse(SOURCE)

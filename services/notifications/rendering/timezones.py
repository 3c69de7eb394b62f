"""VTIMEZONE components that Outlook understands: two yearly rules, made from the POSIX footer of the tz database."""

import functools
import importlib.resources
import re
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vDDDTypes, vRecur, vUTCOffset

_FOOTER = re.compile(
    r"^(?P<std><[^>]+>|[A-Za-z]+)(?P<offset>[-+]?[\d:]+)"
    r"(?:(?P<dst><[^>]+>|[A-Za-z]+)(?P<dst_offset>[-+]?[\d:]+)?,(?P<start>M[^,]+),(?P<end>M[^,]+))?$"
)
_RULE = re.compile(r"^M(\d+)\.(\d)\.(\d)(?:/(\d+)(?::(\d+))?)?$")
_DAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")


@dataclass(frozen=True)
class _Rule:
    """The `week`-th `day` (0 is Sunday, week 5 the last) of `month` at `at` local time."""

    month: int
    week: int
    day: int
    at: timedelta

    def local(self, year: int) -> datetime:
        first = datetime(year, self.month, 1)  # noqa: DTZ001 - local time by nature
        found = first + timedelta(days=(self.day - (first.weekday() + 1)) % 7)
        while self.week == 5 and (found + timedelta(days=7)).month == self.month:
            found += timedelta(days=7)
        return found + timedelta(days=0 if self.week == 5 else 7 * (self.week - 1)) + self.at

    @property
    def recurrence(self) -> vRecur:
        week = -1 if self.week == 5 else self.week
        return vRecur(FREQ="YEARLY", BYMONTH=self.month, BYDAY=f"{week}{_DAYS[self.day]}")


@dataclass(frozen=True)
class _Zone:
    """A standard offset and, where clocks change, the offset between `start` and `end`."""

    name: str
    offset: timedelta
    other_name: str = ""
    other_offset: timedelta = timedelta()
    start: _Rule | None = None
    end: _Rule | None = None

    def offset_at(self, instant: datetime) -> timedelta:
        if self.start is None or self.end is None:
            return self.offset
        moment, year = instant.astimezone(UTC).replace(tzinfo=None), instant.astimezone(UTC).year
        turns = [
            (rule.local(each) - before, after)
            for each in (year - 1, year, year + 1)
            for rule, before, after in (
                (self.start, self.offset, self.other_offset),
                (self.end, self.other_offset, self.offset),
            )
        ]
        return max(turn for turn in turns if turn[0] <= moment)[1]


def component_for(name: str, *instants: datetime) -> Timezone | None:
    """The VTIMEZONE of a zone, if its yearly rule gives the right offset at every instant; None: write UTC.

    None as well for UTC itself, for zones whose rule Outlook cannot read (RRULE with BYMONTHDAY) and for
    instants whose local time exists twice: RFC 5545 3.3.5 says the first, half of the parsers say the second.
    """
    zone = _simple_zone(name)
    if zone is None or name in {"UTC", "Etc/UTC"}:
        return None
    tz = zoneinfo.ZoneInfo(name)
    if all(_is_plain(instant.astimezone(tz)) and _agrees(zone, instant.astimezone(tz)) for instant in instants):
        return _component(name)
    return None


def _is_plain(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset()


def _agrees(zone: _Zone, local: datetime) -> bool:
    return zone.offset_at(local) == local.utcoffset()


@functools.cache
def _component(name: str) -> Timezone | None:
    zone = _simple_zone(name)
    if zone is None:
        return None
    timezone = Timezone()
    timezone.add("TZID", name)
    if zone.start is None or zone.end is None:
        timezone.add_component(_fixed(zone))
        return timezone
    for abbreviation, before, after, rule in (
        (zone.name, zone.other_offset, zone.offset, zone.end),
        (zone.other_name, zone.offset, zone.other_offset, zone.start),
    ):
        timezone.add_component(_turn(abbreviation, before, after, rule))
    return timezone


def _fixed(zone: _Zone) -> TimezoneStandard:
    part = TimezoneStandard()
    _fill(part, zone.name, zone.offset, zone.offset, datetime(1970, 1, 1))  # noqa: DTZ001
    return part


def _turn(abbreviation: str, before: timedelta, after: timedelta, rule: _Rule) -> TimezoneStandard | TimezoneDaylight:
    part = TimezoneDaylight() if after > before else TimezoneStandard()
    _fill(part, abbreviation, before, after, rule.local(1970))
    part.add("RRULE", rule.recurrence)
    return part


def _fill(
    part: TimezoneStandard | TimezoneDaylight,
    abbreviation: str,
    before: timedelta,
    after: timedelta,
    first: datetime,
) -> None:
    part.add("DTSTART", vDDDTypes(first))
    part.add("TZOFFSETFROM", vUTCOffset(before))
    part.add("TZOFFSETTO", vUTCOffset(after))
    part.add("TZNAME", abbreviation.strip("<>"))


@functools.cache
def _simple_zone(name: str) -> _Zone | None:
    found = _FOOTER.match(_footer(name))
    if found is None:
        return None
    offset = -_duration(found["offset"])
    if not found["dst"]:
        return _Zone(found["std"], offset)
    other = -_duration(found["dst_offset"]) if found["dst_offset"] else offset + timedelta(hours=1)
    start, end = _rule(found["start"]), _rule(found["end"])
    if start is None or end is None:
        return None
    return _Zone(found["std"], offset, found["dst"], other, start, end)


def _rule(text: str) -> _Rule | None:
    found = _RULE.match(text)
    if found is None:
        return None
    month, week, day, hours, minutes = found.groups()
    at = timedelta(hours=int(hours or 2), minutes=int(minutes or 0))
    return _Rule(int(month), int(week), int(day), at) if at < timedelta(days=1) else None


def _duration(text: str) -> timedelta:
    sign = -1 if text.startswith("-") else 1
    hours, minutes, seconds, *_ = [int(part) for part in text.lstrip("+-").split(":")] + [0, 0]
    return sign * timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _footer(name: str) -> str:
    """The last line of the zone's TZif file (RFC 9636 3.3), "" for unknown zones and old files."""
    if name not in zoneinfo.available_timezones():
        return ""
    for directory in zoneinfo.TZPATH:
        path = Path(directory, name)
        if path.is_file():
            return _last_line(path.read_bytes())
    return _last_line(importlib.resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes())


def _last_line(content: bytes) -> str:
    return content.rstrip(b"\n").rpartition(b"\n")[2].decode("ascii", "replace")

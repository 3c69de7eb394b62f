"""Local times are the truth; instants follow from them and the zone's rules of the day."""

import functools
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

EARLIEST, LATEST = 1990, 2100


@functools.cache
def zones() -> frozenset[str]:
    """The names of all IANA zones known here."""
    return frozenset(available_timezones())


def is_zone(name: str) -> bool:
    """Whether it is the name of an IANA zone."""
    return name in zones()


def is_sensible(local: datetime) -> bool:
    """Whether the year is one in which people plan events (and arithmetic cannot overflow)."""
    return EARLIEST <= local.year <= LATEST


def exists(local: datetime, zone: str) -> bool:
    """False for the hour that the clocks skip in spring."""
    there = local.replace(tzinfo=ZoneInfo(zone), fold=0)
    return there.astimezone(UTC).astimezone(there.tzinfo).replace(tzinfo=None) == local


def instant(local: datetime, zone: str) -> datetime:
    """The aware UTC moment; of the two in the doubled hour of autumn the first."""
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def parse(local: str) -> datetime:
    """From the stored form, e.g. 2026-12-03T14:00."""
    return datetime.fromisoformat(local)


def written(local: datetime) -> str:
    """The stored form."""
    return local.isoformat(timespec="minutes")


def with_offset(moment: datetime, zone: str) -> str:
    """The moment as its place reads it, with the offset of that day: 2026-12-03T14:00:00+01:00."""
    return moment.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")

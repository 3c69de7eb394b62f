"""VTIMEZONEs: right at every instant that they are used for, in the form that Outlook reads."""

import io
import zoneinfo
from datetime import UTC, datetime, timedelta

import pytest
from dateutil.tz import tzical
from icalendar import Calendar

from services.notifications.rendering.timezones import component_for

MOMENTS = [datetime(2026, 1, 1, 3, tzinfo=UTC) + timedelta(days=9 * step, hours=step % 24) for step in range(82)]
ZONES = sorted(name for name in zoneinfo.available_timezones() if name not in {"localtime", "Factory"})
AS_UTC = {
    "Africa/Cairo", "Africa/Casablanca", "Africa/El_Aaiun", "America/Godthab", "America/Nuuk", "America/Santiago",
    "America/Scoresbysund", "Asia/Gaza", "Asia/Hebron", "Asia/Jerusalem", "Asia/Tel_Aviv", "Chile/Continental",
    "Egypt", "Israel", "Etc/UTC", "UTC",
}  # fmt: skip


def written(name: str, *moments: datetime) -> str:
    """The VTIMEZONE alone, "" for UTC."""
    found = component_for(name, *moments)
    return found.to_ical(sorted=False).decode() if found else ""


def test_almost_every_zone_has_a_rule() -> None:
    summer, winter = datetime(2027, 7, 1, tzinfo=UTC), datetime(2027, 12, 20, tzinfo=UTC)

    without = {name for name in ZONES if not written(name, summer, winter)}

    assert without <= AS_UTC | {"America/Asuncion", "Africa/Casablanca"}
    assert {"Africa/Cairo", "Asia/Jerusalem", "UTC"} <= without


@pytest.mark.parametrize("part", range(8))
def test_every_rule_agrees_with_the_tz_database(part: int) -> None:
    """dateutil reads our component; zoneinfo knows the truth."""
    for name in ZONES[part::8]:
        zone = zoneinfo.ZoneInfo(name)
        for moment in MOMENTS:
            text = written(name, moment)
            if text:
                assert _offset(text, moment.astimezone(zone)) == moment.astimezone(zone).utcoffset(), (name, moment)


def test_rules_have_the_form_that_outlook_reads() -> None:
    text = written("Europe/Berlin", datetime(2026, 7, 1, tzinfo=UTC))

    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3" in text
    assert not {"RDATE", "COMMENT", "BYMONTHDAY"} & set(text.replace(":", " ").replace(";", " ").split())


@pytest.mark.parametrize("name", ["Nowhere/Town", "", "../etc/passwd", "Europe"])
def test_an_unknown_zone_has_none(name: str) -> None:
    assert component_for(name) is None


_cache: dict[str, object] = {}


def _offset(text: str, local: datetime) -> timedelta | None:
    if text not in _cache:
        calendar = f"BEGIN:VCALENDAR\r\n{text}END:VCALENDAR\r\n"
        assert Calendar.from_ical(calendar)
        _cache[text] = tzical(io.StringIO(calendar)).get()
    return local.replace(tzinfo=_cache[text], fold=0).utcoffset()  # type: ignore[arg-type]

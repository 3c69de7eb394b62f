"""Calendar entries: the rules of the study, other people's parsers, and whatever hypothesis thinks of."""

import dataclasses
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.notifications.domain.entries import Entry
from services.notifications.rendering.calendar import CalendarMessage, Mailbox, calendar
from tests.notifications.parsers import ics_event, libical_faults, libical_instants, vobject_event

START = datetime(2026, 12, 3, 13, tzinfo=UTC)
BASE = Entry(
    starts_at=START,
    ends_at=START + timedelta(hours=2),
    zone="Europe/Berlin",
    summary="Betriebserkundung",
    description="Deine Seite: https://werktor.example.org/registration/my/abc",
    location="Industriestraße 12, 75172 Pforzheim",
    url="https://werktor.example.org/registration/my/abc",
)


def written(
    *, method: str = "REQUEST", name: str = "Олена Шевченко", organiser: str = "MOZAIK", **entry: object
) -> bytes:
    """The bytes of one message."""
    return calendar(
        CalendarMessage(
            method=method,
            uid="abcdefghijklmnopqrstuvwxyz234567@werktor.example.org",
            sequence=0,
            dtstamp=datetime(2026, 11, 23, 9, tzinfo=UTC),
            organizer=Mailbox(name=organiser, email="kalender@werktor.example.org"),
            attendee=Mailbox(name=name, email="olena@example.org"),
            entry=dataclasses.replace(BASE, **entry),  # type: ignore[arg-type]
        )
    )


def lines(ics: bytes) -> list[str]:
    """Unfolded."""
    return ics.replace(b"\r\n ", b"").decode().split("\r\n")


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Africa/Cairo", "Asia/Kolkata", "America/New_York", "Europe/Dublin"])
def test_other_parsers_read_the_right_instants(method: str, zone: str) -> None:
    ics = written(method=method, zone=zone)

    assert libical_faults(ics) == []
    assert libical_instants(ics) == (BASE.starts_at, BASE.ends_at)
    assert vobject_event(ics).dtstart.value.astimezone(UTC) == BASE.starts_at
    assert vobject_event(ics).dtend.value.astimezone(UTC) == BASE.ends_at
    assert ics_event(ics).begin.datetime.astimezone(UTC) == BASE.starts_at


@pytest.mark.parametrize("fold", [0, 1])
def test_an_hour_that_exists_twice_is_written_in_utc(fold: int) -> None:
    start = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=fold)
    ics = written(starts_at=start.astimezone(UTC), ends_at=start.astimezone(UTC) + timedelta(hours=3))

    assert b"TZID" not in ics
    assert vobject_event(ics).dtstart.value == start.astimezone(UTC)
    assert libical_instants(ics)[0] == start.astimezone(UTC)


def test_an_event_over_the_change_of_clocks_keeps_its_length() -> None:
    start = datetime(2026, 10, 24, 20, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
    ics = written(starts_at=start, ends_at=start + timedelta(hours=9))

    assert "DTEND;TZID=Europe/Berlin:20261025T040000" in lines(ics)
    assert libical_instants(ics) == (start, start + timedelta(hours=9))


def test_an_online_session_has_a_conference() -> None:
    ics = written(join_url="https://meet.example.org/abc,def;g", location="Online")

    assert 'CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO;LABEL="Online":https://meet.example.org/abc,def;g' in lines(ics)
    assert libical_faults(ics) == []


def test_names_are_always_quoted_and_their_quotes_harmless() -> None:
    found = lines(written(name='Jürgen "Jogi" Löw', organiser="Verein, e.V.; Team: A"))

    assert any(line.startswith("ATTENDEE;CN=\"Jürgen 'Jogi' Löw\";CUTYPE=INDIVIDUAL") for line in found)
    assert any(line.startswith('ORGANIZER;CN="Verein, e.V.; Team: A":mailto:') for line in found)


INJECTIONS = [
    "Tour\r\nATTENDEE:mailto:evil@example.org",
    "Tour\rATTENDEE:mailto:evil@example.org",
    "Tour\nORGANIZER:mailto:evil@example.org",
    "Tour\u2028ATTENDEE:mailto:evil@example.org",
    "Tour\x85ATTENDEE:mailto:evil@example.org",
    "Tour\x0bATTENDEE:mailto:evil@example.org\x00",
    "Tour\ud800 ATTENDEE:mailto:evil@example.org",
    'Tour";X=":mailto:evil@example.org',
]


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize("place", ["summary", "description", "location", "url", "join_url", "name", "organiser"])
def test_no_text_becomes_a_line_of_its_own(text: str, place: str) -> None:
    ics = written(**{place: text})

    assert re.search(rb"(?<!\r)\n|\r(?!\n)", ics) is None
    assert [line for line in lines(ics) if line.startswith(("ATTENDEE", "ORGANIZER"))] == [
        next(line for line in lines(ics) if line.startswith("ORGANIZER")),
        next(line for line in lines(ics) if line.startswith("ATTENDEE")),
    ]
    assert "mailto:evil@example.org" not in vobject_event(ics).attendee.value


WILD = st.text(st.characters(codec=None), max_size=300)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(summary=WILD, description=WILD, location=WILD, name=WILD, method=st.sampled_from(["REQUEST", "CANCEL"]))
def test_whatever_is_written_stays_text(summary: str, description: str, location: str, name: str, method: str) -> None:
    ics = written(summary=summary or "x", description=description, location=location, name=name, method=method)

    assert max((len(line) for line in ics.split(b"\r\n")), default=0) <= 75
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", ics) is None
    for line in ics.split(b"\r\n"):
        line.decode("utf-8")
    names = [re.split("[;:]", line)[0] for line in lines(ics)]
    assert [names.count(each) for each in ("ATTENDEE", "ORGANIZER", "UID", "DTEND", "SUMMARY")] == [1] * 5
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]", ics.decode())
    assert libical_faults(ics) == []


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=200))
def test_printable_text_comes_back_letter_for_letter(text: str) -> None:
    wanted = text.strip() or "x"

    assert vobject_event(written(summary=wanted)).summary.value == wanted

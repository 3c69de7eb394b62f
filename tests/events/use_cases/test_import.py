"""Lists of events as people keep them."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.events.domain.events import EventIsIncomplete
from services.events.schemas.import_files import read_events
from services.events.storage.tables import Event, Organisation
from services.events.use_cases.import_events import Report, import_events
from services.events.use_cases.publish_event import publish_event
from shared.errors import InvalidInput
from tests.events.builders import BASE_URL, NOW, an_organisation, messages

REAL = Path(__file__).parents[2] / "data" / "real_events.yaml"


def take_in(session: Session, content: bytes | str, name: str = "events.csv") -> Report:
    organisation = session.scalar(select(Organisation)) or an_organisation(session)
    data = content.encode() if isinstance(content, str) else content
    return import_events(read_events(data, name=name), organisation=organisation, session=session, now=NOW)


def test_the_real_events_become_drafts_that_name_what_is_missing(session: Session) -> None:
    report = take_in(session, REAL.read_bytes(), REAL.name)

    assert report.lines[-1] == "12 created, 0 known already, 0 wrong"
    assert {each.status for each in report.created} == {"draft"}
    cebit, baselworld = report.created[:2]
    assert cebit.missing == ["date", "start_time", "end_time", "venue"]
    assert [each.capacity for each in cebit.quotas] == [50]
    assert "Month: 2016-03" in cebit.note
    assert baselworld.missing == ["start_time", "end_time", "venue", "quotas"]
    assert "Time zone: Europe/Zurich" in baselworld.note
    assert report.created[4].missing[-1] == "organiser"
    assert (
        "line 3: draft: career-walk-zur-cebit (missing: Date, Start time, End time, House and street)" in report.lines
    )
    assert messages(session) == []


def test_importing_the_same_file_again_creates_nothing(session: Session) -> None:
    take_in(session, REAL.read_bytes(), REAL.name)

    again = take_in(session, REAL.read_bytes(), REAL.name)

    assert again.lines[-1] == "0 created, 12 known already, 0 wrong"
    assert session.query(Event).count() == 12


def test_an_imported_draft_that_lacks_facts_is_not_published(session: Session) -> None:
    (event, *_) = take_in(session, REAL.read_bytes(), REAL.name).created

    with pytest.raises(EventIsIncomplete) as refusal:
        publish_event(event, base_url=BASE_URL, session=session, now=NOW)

    assert refusal.value.facts["missing"] == "date, start_time, end_time, venue"


GERMAN = "\ufeffFormat;Titel;Datum;Beginn;Ende;Ort;Stadt;Plätze;Sprachen\r\n"


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [("3.12.2026", "14:00", "16:30"), ("03.12.26", "14.00", "16.30 Uhr"), ("2026-12-03", "14:00:00", "16:30:00")],
)
def test_a_german_spreadsheet_is_understood(session: Session, day: str, start: str, end: str) -> None:
    row = f"Betriebserkundung;Blick in die Gießerei;{day};{start};{end};Werk 2;Pforzheim;10;de, ar\r\n"

    (event,) = take_in(session, GERMAN + row).created

    assert (event.format, event.title, event.missing) == ("company_tour", {"de": "Blick in die Gießerei"}, [])
    assert [(each.local_start, each.local_end) for each in event.sessions] == [("2026-12-03T14:00", "2026-12-03T16:30")]
    assert event.sessions[0].place == {
        "name": "Werk 2",
        "street": "",
        "postal_code": "",
        "city": "Pforzheim",
        "country": "DE",
        "meeting_point": "",
        "arrival": "",
    }
    assert event.languages == ["de", "ar"]


def test_a_comma_separated_file_with_several_languages_is_understood(session: Session) -> None:
    file = "format,title_de,title_ar,date,start_time,duration_minutes,online,join_url,places,note\n"
    file += 'conference,"Tagung, klein",مؤتمر,2026-12-03,10:00,90,ja,https://meet.example.org/x,40,"zwei\nZeilen"\n'

    (event,) = take_in(session, file).created

    assert event.title == {"de": "Tagung, klein", "ar": "مؤتمر"}
    assert event.sessions[0].place is None
    assert event.sessions[0].local_end == "2026-12-03T11:30"
    assert event.note == "zwei\nZeilen"
    publish_event(event, base_url=BASE_URL, session=session, now=NOW)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("party;Fest;;;;;;;", "format: “party” is not one of the known formats."),
        ("fair;;;;;;;;", "title: "),
        ("fair;Markt;31.2.2026;;;;;;", "date: “31.2.2026” is not a day"),
        ("fair;Markt;3.12.2026;25:00;;;;;", "start_time: “25:00” is not a time"),
        ("fair;Markt;3.12.2026;15:00;14:00;;;;", "end_time: The end must be after the start."),
        ("fair;Markt;;;;;;viele;", "places: “viele” is not a number"),
        ("fair;Markt;29.3.2026;02:30;04:00;;;;", "sessions.0.local_start: This time does not exist"),
        ("fair;Markt;;;;;;;klingonisch", "languages.0: "),
        ("fair;Ma\u202erkt;;;;;;;", "title.de"),
        ("fair;Markt;;;;;;;;zu viel", "…: This field does not exist."),
    ],
)
def test_a_wrong_row_is_named_with_its_line_and_changes_nothing_else(session: Session, row: str, reason: str) -> None:
    file = f"{GERMAN}fair;Erster;;;;;;;\r\n{row}\r\nfair;Dritter;;;;;;;\r\n"

    report = take_in(session, file)

    assert [each.title["de"] for each in report.created] == ["Erster", "Dritter"]
    assert report.lines[1].startswith(f"line 3: wrong: {reason}"), report.lines[1]
    assert session.query(Event).count() == 2


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\xff\xfe", "x.csv"),
        (b"nothing;here\n", "x.csv"),
        (b"{a: [", "x.yaml"),
        (b"a: b", "x.yaml"),
        (b"- !!python/object/apply:os.system ['true']", "x.yaml"),
    ],
)
def test_what_is_no_list_of_events_is_refused_whole(content: bytes, name: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_events(content, name=name)

    assert list(refusal.value.errors) == ["file"]


def test_an_empty_file_is_an_empty_list() -> None:
    found: list[Any] = read_events(b"", name="x.yaml")

    assert found == []

"""The organiser's list, a registration's own page, and the log."""

import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from services.registration.storage import events
from services.registration.storage.tables import AuditEntry, Note, Registration
from services.registration.use_cases.correct_attendance import mark_present
from services.registration.use_cases.forget_people import forget_people
from services.registration.use_cases.news import history_kind
from services.registration.use_cases.read_sensitive_answers import ACTION as READ_SENSITIVE_ANSWERS
from services.registration.web import history_view, words
from shared import clock
from shared.contracts.events import SignUpRules
from shared.contracts.message import REGISTRY
from shared.policy import Actor, Role
from tests.registration.builders import (
    ORGANISATION,
    a_quota,
    a_registration,
    messages,
    names_of,
)
from tests.registration.doors import House, post

RECORDED = re.compile(r'record\(\s*(?:(?:self\.)?session,\s+(?:self\.)?actor,\s+)?"(\w+)"')
ORGANISER = Actor(id=uuid4(), kind="account", name="Mina Öz", organisations={ORGANISATION: Role.ORGANISER})


def signed_up(house: House, told: Any, *names: str, **more: Any) -> list[UUID]:
    """Several people."""
    with house.sessions.begin() as session:
        event = events.get(session, told.id)
        return [a_registration(session, event, name=name, now=clock.now(), **more).id for name in names]


def come(house: House, told: Any, registration_id: UUID) -> None:
    """Somebody is at the door."""
    with house.sessions.begin() as session:
        event = events.get(session, told.id)
        place = told.sessions[0].id
        mark_present(registration_id, place, event=event, actor=ORGANISER, session=session, now=clock.now())


def listed(house: House, told: Any, query: str) -> list[str]:
    """The names that a query of the list shows, in order."""
    page = house.organiser().get(f"/registration/manage/{told.slug}/attendees?{query}").get_data(as_text=True)
    return [part.partition("</bdi>")[0] for part in page.split("<bdi>") if "</a></span></th>" in part]


@pytest.fixture
def crowd(house: House) -> Any:
    """Anna came and has a note; Boris waits and reads Arabic; Chloé agreed to photos."""
    told = house.event(slug="crowd", quotas=(a_quota(1, name={"en": "Tour"}), a_quota(1, name={"en": "Talk"})))
    tour, talk = (each.id for each in told.quotas)
    (anna,) = signed_up(house, told, "Anna", quota_ids=(tour,))
    signed_up(house, told, "Boris", quota_ids=(tour,), locale="ar")
    signed_up(house, told, "Chloé", quota_ids=(talk,), consents=frozenset({"privacy", "photo"}), source="api")
    come(house, told, anna)
    here = f"/registration/manage/{told.slug}/attendees/{anna}"
    post(house.organiser(), here, f"{here}/notes", text="Brings a guide dog")
    return told


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Anna", "Boris", "Chloé"]),
        ("sort=name_backwards", ["Chloé", "Boris", "Anna"]),
        ("sort=newest", ["Chloé", "Boris", "Anna"]),
        ("checked_in=true", ["Anna"]),
        ("checked_in=false", ["Boris", "Chloé"]),
        ("has_note=true", ["Anna"]),
        ("consent=photo", ["Chloé"]),
        ("source=api", ["Chloé"]),
        ("locale=ar", ["Boris"]),
        ("status=waiting", ["Boris"]),
        ("q=CHLOÉ+example", ["Chloé"]),
        ("q=chloé+boris", []),
        ("status=waiting&locale=de", []),
    ],
)
def test_each_filter_leaves_those_it_names(house: House, crowd: Any, query: str, names: list[str]) -> None:
    assert listed(house, crowd, query) == names


@pytest.mark.parametrize(("way", "name"), [("first_come", "Waiting"), ("approval", "Applied or waiting")])
def test_the_tile_and_the_filter_say_who_counts_as_waiting(house: House, way: str, name: str) -> None:
    told = house.event(sign_up=SignUpRules(selection=way))

    page = house.organiser().get(f"/registration/manage/{told.slug}/?lang=en").get_data(as_text=True)

    assert re.search(rf'status=waiting">{name}</a>', page)
    assert re.search(rf'<option value="waiting"[^>]*>{name}</option>', page)


def test_the_quota_filter_shows_holders_and_waiters(house: House, crowd: Any) -> None:
    assert listed(house, crowd, f"quota={crowd.quotas[0].id}") == ["Anna", "Boris"]


@pytest.mark.parametrize("order", ["arrival", "newest", "name", "name_backwards"])
def test_pages_of_any_order_show_everybody_once(house: House, order: str) -> None:
    told = house.event(capacity=20)
    signed_up(house, told, *(f"Person {each:02}" for each in (3, 1, 4, 0, 5, 9, 2, 6, 8, 7)))
    headers, seen, cursor = house.token(), [], ""

    while cursor is not None:
        address = f"/registration/api/v1/events/{told.id}/registrations?limit=3&sort={order}&cursor={cursor}"
        answer = house.visitor().get(address.removesuffix("&cursor="), headers=headers).get_json()
        seen += [each["name"] for each in answer["items"]]
        cursor = answer["next"]

    assert len(seen) == len(set(seen)) == 10
    if order.startswith("name"):
        assert seen == sorted(seen, reverse=order == "name_backwards")


def test_a_cursor_of_another_order_is_refused(house: House) -> None:
    told = house.event()
    signed_up(house, told, "A", "B")
    address = f"/registration/api/v1/events/{told.id}/registrations"
    cursor = house.visitor().get(f"{address}?limit=1", headers=house.token()).get_json()["next"]

    answer = house.visitor().get(f"{address}?sort=name&cursor={cursor}", headers=house.token())

    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == ["cursor"]


def test_the_chosen_columns_are_remembered(house: House, crowd: Any) -> None:
    organiser, here = house.organiser(), f"/registration/manage/{crowd.slug}/attendees"

    organiser.get(f"{here}?columns=&columns=locale&columns=source")
    page = organiser.get(here).get_data(as_text=True)

    assert 'data-label="Source"' in page
    assert 'data-label="E-mail address"' not in page


def test_an_export_holds_what_is_filtered_and_computes_nothing(house: House) -> None:
    told = house.event()
    signed_up(house, told, "=cmd|' /C calc'!A0", "Other", locale="ar")
    signed_up(house, told, "German", locale="de")
    here = f"/registration/manage/{told.slug}/attendees"

    text = house.organiser().get(f"{here}.csv?locale=ar&columns=status").get_data().decode("utf-8-sig")
    book = load_workbook(io.BytesIO(house.organiser().get(f"{here}.xlsx?locale=ar&columns=status").get_data()))
    plain = json.loads(house.organiser().get(f"{here}.json?locale=ar&columns=status").get_data())

    assert text.splitlines() == ['"Name","Status"', '"\'=cmd|\' /C calc\'!A0","Confirmed"', '"Other","Confirmed"']
    cells = [[(each.value, each.data_type) for each in row] for row in book.active.iter_rows(min_row=2)]
    assert cells[0] == [("=cmd|' /C calc'!A0", "s"), ("Confirmed", "s")]
    assert [(each["name"], each["status"]) for each in plain][1] == ("Other", "confirmed")
    with house.sessions.begin() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "export_attendees")).all()
        assert sorted(each.facts["form"] for each in entries) == ["csv", "json", "xlsx"]


@pytest.mark.parametrize("place", ["attendees.csv", "log", "log.csv"])
def test_a_helper_takes_nothing_along(house: House, crowd: Any, place: str) -> None:
    answer = house.organiser(role=Role.HELPER).get(f"/registration/manage/{crowd.slug}/{place}")

    assert answer.status_code == 403
    assert "Anna" not in answer.get_data(as_text=True)


def test_a_note_stays_with_the_organisation_and_off_the_queue(house: House, crowd: Any) -> None:
    with house.sessions.begin() as session:
        note = session.scalars(select(Note)).one()
        told = "".join(str(each) for each in messages(session))
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "write_note")).one()
    here = f"/registration/manage/{crowd.slug}/attendees/{note.registration_id}"

    mine = house.organiser().get(here).get_data(as_text=True)
    foreign = house.organiser(organisation=uuid4()).get(here)
    helper = house.organiser(role=Role.HELPER).get(here)
    api = house.visitor().get(
        f"/registration/api/v1/registrations/{note.registration_id}/notes", headers=house.token(organisation=uuid4())
    )

    assert "Brings a guide dog" in mine
    assert (foreign.status_code, helper.status_code, api.status_code) == (404, 403, 404)
    assert "guide dog" not in told + str(entry.facts)


def test_a_note_is_deleted_for_good(house: House, crowd: Any) -> None:
    with house.sessions.begin() as session:
        note = session.scalars(select(Note)).one()
    here = f"/registration/manage/{crowd.slug}/attendees/{note.registration_id}"

    answer = post(house.organiser(), here, f"{here}/notes/{note.id}/delete")

    assert answer.status_code == 303
    with house.sessions.begin() as session:
        assert session.scalars(select(Note)).all() == []
        assert session.scalars(select(AuditEntry.action)).all().count("drop_note") == 1


def test_the_history_tells_how_it_came(house: House) -> None:
    told = house.event(capacity=1)
    first, second = signed_up(house, told, "First", "Second")
    here = f"/registration/manage/{told.slug}"
    cancel = f"{here}/registrations/{first}/cancel"
    post(house.organiser(), cancel, cancel, reason="Double")

    page = house.organiser().get(f"{here}/attendees/{first}").get_data(as_text=True)
    promoted = house.organiser().get(f"{here}/attendees/{second}").get_data(as_text=True)

    assert "Signed up (Public form)" in page
    assert "Cancelled by an organiser" in page
    assert "<bdi>Mina Öz</bdi> cancelled a registration" in page
    assert "Got a place from the waiting list" in promoted


def test_earlier_events_count_for_the_same_organisation_only(house: House) -> None:
    over = clock.now() - timedelta(days=20)
    coming = house.event()
    (her,) = signed_up(house, coming, "Anna", email="anna@example.org")
    for slug, came in (("came", True), ("missed", False), ("closed-door", None)):
        told = house.event(slug=slug)
        (there,) = signed_up(house, told, "Anna", email="Anna@Example.org")
        (other,) = signed_up(house, told, "Somebody")
        if came is not None:
            come(house, told, there if came else other)
        with house.sessions.begin() as session:
            event = events.get(session, told.id)
            event.ends_at = over

    answer = house.visitor().get(f"/registration/api/v1/registrations/{her}/history", headers=house.token())
    page = house.organiser().get(f"/registration/manage/{coming.slug}/attendees?columns=earlier")

    assert answer.get_json()["earlier"] == {"came": 1, "missed": 1, "not_recorded": 1}
    assert "came 1 times, did not come 1 times" in page.get_data(as_text=True)


def test_the_log_says_who_did_what(house: House, crowd: Any) -> None:
    organiser = house.organiser()
    page = organiser.get(f"/registration/manage/{crowd.slug}/log").get_data(as_text=True)
    narrowed = organiser.get(f"/registration/manage/{crowd.slug}/log?action=export_attendees").get_data(as_text=True)
    table = organiser.get(f"/registration/manage/{crowd.slug}/log.csv?action=write_note").get_data().decode("utf-8-sig")
    api = house.visitor().get(f"/registration/api/v1/events/{crowd.id}/log", headers=house.token()).get_json()

    assert "wrote a note" in page
    assert "<bdi>Mina Öz</bdi>" in page
    assert "Nothing was done here yet" in narrowed
    assert '"Mina Öz","wrote a note","Anna"' in table
    assert [each["action"] for each in api["items"]] == ["write_note", "mark_present"]


def test_forgotten_people_leave_no_note_behind(house: House, crowd: Any) -> None:
    with house.sessions.begin() as session:
        forget_people(session=session, now=clock.now().replace(year=clock.now().year + 1))
        assert session.scalars(select(Note)).all() == []
        assert set(session.scalars(select(Registration.name))) == {""}
        assert names_of(messages(session))[:1] == ["RegistrationConfirmed"]


def test_whatever_people_do_has_a_word_in_the_log() -> None:
    use_cases = Path(history_view.__file__).parents[1] / "use_cases"
    recorded = {name for file in use_cases.glob("*.py") for name in RECORDED.findall(file.read_text())}

    assert {"invite", "publish_form", "cancel_registration"} < recorded
    assert recorded | {READ_SENSITIVE_ANSWERS} <= words.ACTIONS.keys()


def test_whatever_is_told_about_somebody_has_a_word_in_her_history() -> None:
    about = [each for each in REGISTRY.values() if "registration" in each.__dataclass_fields__]
    told = {history_kind(each) for each in about}

    assert "application_received" in told
    assert told <= history_view.KINDS.keys()


def test_a_message_without_words_says_what_is_missing_and_links_to_it(house: House) -> None:
    told = house.event()
    (olena,) = signed_up(house, told, "Olena")
    organiser, area = house.organiser(), f"/registration/manage/{told.slug}/attendees"

    answer = post(organiser, area, f"{area}/batches", action="message", ids=str(olena))

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for name in ("subject", "text"):
        assert f'<a href="#field-{name}">' in page
        assert f'id="field-{name}"' in page
    assert "Send the message" in page
    assert _told(house) == ["RegistrationConfirmed"]


def _told(house: House) -> list[str]:
    with house.sessions() as session:
        return names_of(messages(session))

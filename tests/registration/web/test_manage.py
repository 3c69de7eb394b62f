"""The organiser's pages."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event as sql_event
from sqlalchemy import func, select

from services.registration.storage import events
from services.registration.storage.tables import AuditEntry, Registration
from shared import clock
from shared.policy import Role
from tests.registration.builders import a_registration, messages, names_of
from tests.registration.doors import House, post


def registered(house: House, told: Any, *names: str, **more: Any) -> list[Any]:
    """Several people who signed up."""
    with house.sessions.begin() as session:
        event = events.get(session, told.id)
        return [a_registration(session, event, name=name, now=clock.now(), **more) for name in names]


def pages_of(slug: str) -> list[str]:
    """Every page of an event's back office that is ours."""
    here = f"/registration/manage/{slug}/"
    return [here, f"{here}waiting-list", f"{here}add"]


def test_the_list_shows_everybody_with_status(house: House) -> None:
    told = house.event(capacity=1)
    registered(house, told, "Олена Шевченко", "سارا موسوی‌نژاد")

    page = house.organiser().get(f"/registration/manage/{told.slug}/").get_data(as_text=True)

    assert "<bdi>Олена Шевченко</bdi>" in page
    assert "<bdi>سارا موسوی‌نژاد</bdi>" in page
    assert "Position 1" in page


@pytest.mark.parametrize("search", ["ШЕВЧЕНКО", "шевч", "олена", "p0@EXAMPLE"])
def test_search_finds_parts_in_any_case_and_script(house: House, search: str) -> None:
    told = house.event()
    with house.sessions.begin() as session:
        event = events.get(session, told.id)
        a_registration(session, event, name="Олена Шевченко", email="p0@example.org", now=clock.now())
        a_registration(session, event, name="Somebody Else", email="p1@example.org", now=clock.now())

    page = house.organiser().get(f"/registration/manage/{told.slug}/?q={search}").get_data(as_text=True)

    assert "Олена Шевченко</bdi>" in page
    assert "Somebody Else</bdi>" not in page


@pytest.mark.parametrize("search", ["%", "_", "100%25"])
def test_search_takes_wild_cards_for_letters(house: House, search: str) -> None:
    told = house.event()
    registered(house, told, "Anna")

    page = house.organiser().get(f"/registration/manage/{told.slug}/?q={search}").get_data(as_text=True)

    assert "Nobody matches" in page


def test_the_status_filter_shows_only_those(house: House) -> None:
    told = house.event(capacity=1)
    registered(house, told, "Holder", "Waiter")

    page = house.organiser().get(f"/registration/manage/{told.slug}/?status=waiting").get_data(as_text=True)

    assert "Waiter</bdi>" in page
    assert "Holder</bdi>" not in page


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(("place", "queries"), [("", 8), ("waiting-list", 5)])
def test_a_longer_list_asks_the_database_no_more_often(house: House, number: int, place: str, queries: int) -> None:
    told = house.event(capacity=0)
    registered(house, told, *(f"Person {each}" for each in range(number)))
    organiser = house.organiser()
    organiser.get("/registration/healthz")
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    sql_event.listen(house.engine, "before_cursor_execute", note)
    page = organiser.get(f"/registration/manage/{told.slug}/{place}")

    assert page.get_data(as_text=True).count("Person ") >= number
    assert len([each for each in asked if each.startswith("SELECT")]) == queries


def test_a_long_list_goes_on_on_the_next_page(house: House) -> None:
    told = house.event(capacity=60)
    registered(house, told, *(f"Person {each:02}" for each in range(55)))
    organiser = house.organiser()

    first = organiser.get(f"/registration/manage/{told.slug}/").get_data(as_text=True)
    following = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = organiser.get(following).get_data(as_text=True)

    assert (first.count("<bdi>Person "), second.count("<bdi>Person ")) == (50, 5)


def test_an_organiser_signs_somebody_up_at_once(house: House) -> None:
    told = house.event()
    organiser = house.organiser()
    address = f"/registration/manage/{told.slug}/add"

    answer = post(
        organiser,
        address,
        address,
        name="Fatoumata Binta Diallo",
        email="f@example.org",
        locale="de",
        **{"consents.privacy": "true"},
    )

    assert answer.status_code == 303
    with house.sessions.begin() as session:
        (registration,) = session.scalars(select(Registration))
        assert (registration.status, registration.source) == ("confirmed", "organiser")
        assert names_of(messages(session)) == ["RegistrationConfirmed"]
        (entry,) = session.scalars(select(AuditEntry))
        assert (entry.action, entry.object_id) == ("register_attendee", registration.id)
        assert "Diallo" not in str(entry.facts)


def test_an_organiser_is_told_of_a_known_address(house: House) -> None:
    told = house.event()
    with house.sessions.begin() as session:
        a_registration(session, events.get(session, told.id), email="anna@example.org", now=clock.now())
    address = f"/registration/manage/{told.slug}/add"

    answer = post(
        house.organiser(),
        address,
        address,
        name="Anna",
        email="anna@example.org",
        locale="de",
        **{"consents.privacy": "true"},
    )

    assert answer.status_code == 422
    assert "There is a registration for this e-mail address" in answer.get_data(as_text=True)
    with house.sessions.begin() as session:
        assert session.scalar(select(func.count()).select_from(Registration)) == 1


def test_an_organiser_cancels_with_a_reason(house: House) -> None:
    told = house.event(capacity=1)
    leaver, waiter = registered(house, told, "Leaver", "Waiter")
    address = f"/registration/manage/{told.slug}/registrations/{leaver.id}/cancel"

    answer = post(house.organiser(), address, address, reason="Signed up twice")

    assert answer.status_code == 303
    with house.sessions.begin() as session:
        rows = {row.id: row for row in session.scalars(select(Registration))}
        assert (rows[leaver.id].status, rows[leaver.id].cancelled_reason) == ("cancelled", "Signed up twice")
        assert rows[waiter.id].status == "confirmed"
        (entry,) = session.scalars(select(AuditEntry))
        assert (entry.action, entry.object_id) == ("cancel_registration", leaver.id)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_stranger_is_sent_to_sign_in(house: House, number: int) -> None:
    told = house.event()
    registered(house, told, "Secret")

    answer = house.visitor().get(pages_of(told.slug)[number])

    assert answer.status_code == 303
    assert answer.location.startswith("/events/account/sign-in?next=")


@pytest.mark.parametrize("number", [0, 1, 2])
def test_somebody_elses_event_does_not_exist(house: House, number: int) -> None:
    told = house.event()
    registered(house, told, "Secret")

    answer = house.organiser(organisation=uuid4()).get(pages_of(told.slug)[number])

    assert answer.status_code == 404
    assert "Secret" not in answer.get_data(as_text=True)


def test_a_helper_at_the_door_sees_no_list(house: House) -> None:
    told = house.event()
    registered(house, told, "Secret")

    answer = house.organiser(role=Role.HELPER).get(f"/registration/manage/{told.slug}/")

    assert answer.status_code == 403
    assert "Secret" not in answer.get_data(as_text=True)


def test_a_registration_of_another_event_cannot_be_cancelled_here(house: House) -> None:
    mine = house.event()
    other = house.event(slug="other", organiser=mine.organiser)
    (guest,) = registered(house, other, "Guest")
    form = f"/registration/manage/{mine.slug}/add"

    answer = post(house.organiser(), form, f"/registration/manage/{mine.slug}/registrations/{guest.id}/cancel")

    assert answer.status_code == 404
    with house.sessions.begin() as session:
        assert session.scalars(select(Registration.status)).all() == ["confirmed"]

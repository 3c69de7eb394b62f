"""Her own page, from the first mail to cancelling."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
import time_machine
import zxingcpp
from icalendar import Calendar
from PIL import Image
from sqlalchemy import select

from services.registration.domain.registrations import Receipt
from services.registration.storage import events
from services.registration.storage.tables import Registration
from shared import clock
from shared.contracts.registration import AttendeeLanguageChanged
from tests.registration.builders import TERMS, a_registration, a_session, messages
from tests.registration.doors import House, post


def registered(house: House, told: Any, **more: Any) -> tuple[Receipt, str]:
    """Somebody who signed up, and the token of her page."""
    with house.sessions.begin() as session:
        receipt = a_registration(session, events.get(session, told.id), now=clock.now(), **more)
    return receipt, TERMS.links.page_token(receipt.id)


def status_of(house: House, registration_id: UUID) -> str:
    """As stored."""
    with house.sessions.begin() as session:
        return session.get_one(Registration, registration_id).status


def test_looking_at_the_confirmation_link_changes_nothing(house: House) -> None:
    told = house.event()
    receipt, token = registered(house, told, terms=TERMS)

    for _ in range(3):
        assert house.visitor().get(f"/registration/confirm/{token}").status_code == 200
        assert house.visitor().head(f"/registration/confirm/{token}").status_code == 200

    assert status_of(house, receipt.id) == "pending"


def test_pressing_the_button_makes_the_place_hers_and_again_is_harmless(house: House) -> None:
    told = house.event()
    receipt, token = registered(house, told, terms=TERMS)
    visitor = house.visitor()
    address = f"/registration/confirm/{token}"

    first = post(visitor, address, address)
    second = visitor.get(address)

    assert (first.status_code, first.location) == (303, f"/registration/my/{token}")
    assert (second.status_code, second.location) == (303, f"/registration/my/{token}")
    assert status_of(house, receipt.id) == "confirmed"
    assert "Your place is yours" in visitor.get(first.location).get_data(as_text=True)


def test_a_late_link_offers_to_sign_up_again(house: House) -> None:
    told = house.event()
    receipt, token = registered(house, told, terms=TERMS)
    visitor = house.visitor()
    address = f"/registration/confirm/{token}"
    csrf = visitor.get(f"/registration/{told.slug}/sign-up")

    with time_machine.travel(clock.now() + timedelta(minutes=31), tick=False):
        looked = visitor.get(address)
        pressed = post(visitor, f"/registration/{told.slug}/sign-up", address)

    assert csrf.status_code == 200
    assert (looked.status_code, pressed.status_code) == (410, 410)
    assert f"/registration/{told.slug}/sign-up" in looked.get_data(as_text=True)
    assert status_of(house, receipt.id) == "pending"


@pytest.mark.parametrize(
    "address", ["/registration/my/nobody", "/registration/confirm/nobody", "/registration/my/nobody/ticket.svg"]
)
def test_a_link_that_nobody_has_is_nothing(house: House, address: str) -> None:
    assert house.visitor().get(address).status_code == 404


def test_the_ticket_on_her_page_scans_and_names_its_code(house: House) -> None:
    told = house.event()
    receipt, token = registered(house, told)
    visitor = house.visitor()

    page = visitor.get(f"/registration/my/{token}").get_data(as_text=True)
    picture = visitor.get(f"/registration/my/{token}/ticket.png")

    code = TERMS.links.ticket_code(receipt.id)
    assert all(f"<span>{code[at : at + 4]}</span>" in page for at in range(0, 26, 4))
    (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(picture.data)))
    assert found.text == f"HTTP://127.0.0.1:8000/T/{code}"


def test_only_holders_of_a_place_get_ticket_calendar_and_join_link(house: House) -> None:
    start = clock.now() + timedelta(days=3)
    online = a_session(
        place=None, join_url="https://meet.example.org/room", starts_at=start, ends_at=start + timedelta(hours=1)
    )
    told = house.event(sessions=(online,), capacity=1)
    _, holder = registered(house, told)
    _, waiter = registered(house, told)
    visitor = house.visitor()

    def seen(token: str) -> list[Any]:
        paths = ("", "/ticket", "/ticket.svg", "/ticket.png", "/calendar.ics")
        answers = [visitor.get(f"/registration/my/{token}{path}") for path in paths]
        return [*(each.status_code for each in answers), "meet.example.org" in answers[0].get_data(as_text=True)]

    assert seen(holder) == [200, 200, 200, 200, 200, True]
    assert seen(waiter) == [200, 404, 404, 404, 404, False]


def test_the_calendar_file_is_a_publication_in_the_events_zone(house: House) -> None:
    told = house.event()
    _, token = registered(house, told)

    answer = house.visitor("de").get(f"/registration/my/{token}/calendar.ics")

    calendar = Calendar.from_ical(answer.data)
    (entry,) = calendar.walk("VEVENT")
    assert answer.mimetype == "text/calendar"
    assert calendar["METHOD"] == "PUBLISH"
    assert "ATTENDEE" not in entry
    assert entry["SUMMARY"] == "Blick in die Goldschmiede"
    assert entry["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert entry["DTSTART"].dt == told.sessions[0].starts_at
    assert len(calendar.walk("VTIMEZONE")) == 1


def test_a_waiter_sees_her_position_move(house: House) -> None:
    told = house.event(capacity=0)
    first, _ = registered(house, told)
    _, token = registered(house, told)
    visitor = house.visitor()
    assert "You are number 2 on the waiting list" in visitor.get(f"/registration/my/{token}").get_data(as_text=True)

    ahead = f"/registration/my/{TERMS.links.page_token(first.id)}/cancel"
    post(visitor, ahead, ahead)

    assert "You are number 1 on the waiting list" in visitor.get(f"/registration/my/{token}").get_data(as_text=True)


def test_cancelling_asks_first_and_gives_the_place_on(house: House) -> None:
    told = house.event(capacity=1)
    leaver, token = registered(house, told)
    waiter, _ = registered(house, told)
    visitor = house.visitor()
    address = f"/registration/my/{token}/cancel"

    assert visitor.get(address).status_code == 200
    assert status_of(house, leaver.id) == "confirmed"
    answer = post(visitor, address, address)

    assert (answer.status_code, answer.location) == (303, f"/registration/my/{token}")
    assert (status_of(house, leaver.id), status_of(house, waiter.id)) == ("cancelled", "confirmed")
    assert "Your registration is cancelled" in visitor.get(answer.location).get_data(as_text=True)


def test_her_mails_change_their_language(house: House) -> None:
    told = house.event()
    receipt, token = registered(house, told)

    post(house.visitor(), f"/registration/my/{token}", f"/registration/my/{token}/language", locale="ar")

    with house.sessions.begin() as session:
        assert session.scalars(select(Registration.locale)).all() == ["ar"]
        (told_others,) = (each for each in messages(session) if isinstance(each, AttendeeLanguageChanged))
    assert (told_others.registration_id, told_others.version, told_others.locale) == (receipt.id, 2, "ar")


def test_a_language_that_we_do_not_speak_is_refused(house: House) -> None:
    told = house.event()
    _, token = registered(house, told)

    answer = post(house.visitor(), f"/registration/my/{token}", f"/registration/my/{token}/language", locale="xx")

    assert answer.status_code == 404
    with house.sessions.begin() as session:
        assert session.scalars(select(Registration.locale)).all() == ["de"]


@pytest.mark.parametrize("form", ["/t/{}", "/T/{}", "/registration/t/{}"])
def test_a_photographed_ticket_tells_nothing_and_checks_nobody_in(house: House, form: str) -> None:
    told = house.event()
    receipt, _ = registered(house, told, name="Olena Secret", email="olena@example.org")
    code = TERMS.links.ticket_code(receipt.id)

    page = house.visitor().get(form.format(code)).get_data(as_text=True)
    other = house.visitor().get(form.format("0" * 26)).get_data(as_text=True)

    assert "Opening this page checks nobody in" in page
    assert "Olena" not in page
    assert "Goldschmiede" not in page
    assert "Opening this page checks nobody in" in other


def test_personal_pages_are_kept_by_nobody(house: House) -> None:
    told = house.event()
    _, token = registered(house, told)

    for path in ("", "/ticket", "/ticket.svg", "/calendar.ics", "/cancel"):
        headers = house.visitor().get(f"/registration/my/{token}{path}").headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Robots-Tag"] == "noindex, nofollow"

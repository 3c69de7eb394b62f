"""What a host company sees of its guests, and what it does not."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from services.registration.storage import events
from services.registration.storage.tables import CheckIn, Registration, Scan
from services.registration.use_cases.tell_company import tell_companies
from shared import clock
from shared.contracts.events import EventSnapshot
from shared.contracts.registration import AddressConfirmationRequested, ContactsExchanged, GuestListReady
from shared.http.identity import issue_access
from shared.policy import Actor
from tests.registration.builders import LINKS, TERMS, a_registration, a_wish, messages
from tests.registration.doors import House, post

AGREED = frozenset({"privacy", "share_with_company"})


def host(house: House, told: EventSnapshot, company: UUID | None = None) -> FlaskClient:
    """A browser of somebody who speaks for the host company."""
    assert told.host
    client = house.visitor()
    actor = Actor(id=uuid4(), kind="account", name="Jens Müller", companies=frozenset({company or told.host.id}))
    client.set_cookie("at", issue_access(actor, key=house.identity_key, now=clock.now()))
    return client


def signed_up(house: House, told: EventSnapshot, name: str, **more: Any) -> UUID:
    with house.sessions.begin() as session:
        return a_registration(session, events.get(session, told.id), a_wish(name, **more), now=clock.now()).id


def heard(house: House, kind: type) -> list[Any]:
    with house.sessions() as session:
        return [each for each in messages(session) if isinstance(each, kind)]


def checked_in(house: House, told: EventSnapshot, registration_id: UUID) -> None:
    door = {"session_id": told.sessions[0].id, "event_id": told.id, "scanned_at": clock.now()}
    with house.sessions.begin() as session:
        scan = Scan(scan_id=uuid4(), content="", kind="entry", verdict="admitted", received_at=clock.now(), **door)
        scan.registration_id = registration_id
        session.add(scan)
        session.flush()
        session.add(CheckIn(registration_id=registration_id, scan_id=scan.scan_id, **door))


def test_the_host_sees_those_who_agreed_and_the_number_of_the_others(house: House) -> None:
    told = house.event()
    signed_up(house, told, "Олена Шевченко", email="olena@example.org", consents=AGREED)
    signed_up(house, told, "Anna Kovač", email="anna@example.org")

    page = host(house, told).get(f"/registration/company/{told.slug}").get_data(as_text=True)

    assert "Олена Шевченко" in page
    assert "olena@example.org" in page
    assert "Anna" not in page
    assert "anna@example.org" not in page
    assert "1 more person" in page


def test_somebody_who_cancelled_is_no_longer_shown(house: House) -> None:
    told = house.event()
    gone = signed_up(house, told, "Олена Шевченко", consents=AGREED)
    page = f"/registration/my/{TERMS.links.page_token(gone)}/cancel"
    post(house.visitor(), page, page)

    assert "Олена" not in host(house, told).get(f"/registration/company/{told.slug}").get_data(as_text=True)


@pytest.mark.parametrize("path", ["/guests", "/contact"])
def test_another_company_can_do_nothing(house: House, path: str) -> None:
    told = house.event()
    client = host(house, told, company=uuid4())
    wish = {"name": "X", "email": "x@example.org", "consents.privacy": "true"} if path == "/guests" else {}
    wish |= {"contact_name": "Jens", "contact_email": "j@example.org"} if path == "/contact" else {}

    answer = post(client, f"/registration/{told.slug}/sign-up", f"/registration/company/{told.slug}{path}", **wish)

    assert answer.status_code == 404
    assert client.get(f"/registration/company/{told.slug}").status_code == 404


@pytest.mark.parametrize("path", ["", "/guests", "/contact"])
def test_an_event_without_a_host_has_no_such_page(house: House, path: str) -> None:
    hosted, alone = house.event(), house.event(slug="alone", host=None)
    form, at = f"/registration/{alone.slug}/sign-up", f"/registration/company/{alone.slug}{path}"

    for client in (host(house, hosted), house.organiser()):
        answer = post(client, form, at) if path else client.get(at)

        assert answer.status_code == 404


def test_a_stranger_is_asked_to_sign_in(house: House) -> None:
    told = house.event()

    answer = house.visitor().get(f"/registration/company/{told.slug}")

    assert answer.status_code == 303
    assert "/events/account/sign-in" in answer.headers["Location"]


def test_the_organiser_sees_what_the_company_sees_and_cannot_speak_for_it(house: House) -> None:
    told = house.event()
    signed_up(house, told, "Олена Шевченко", consents=AGREED)

    page = house.organiser().get(f"/registration/company/{told.slug}").get_data(as_text=True)

    assert "Олена" in page
    assert "/guests" not in page


def test_a_guest_of_the_company_says_yes_herself(house: House) -> None:
    told = house.event()
    client, at = host(house, told), f"/registration/company/{told.slug}"
    wish = {"name": "Ayşe Öz", "email": "ayse@example.org", "locale": "de", "consents.privacy": "true"}

    assert post(client, at, f"{at}/guests", **wish).status_code == 303

    client.get(at)  # the notice that we wrote to her
    assert "Ayşe" not in client.get(at).get_data(as_text=True)
    with house.sessions() as session:
        guest = session.scalars(select(Registration)).one()
    assert (guest.status, guest.source) == ("pending", "company")
    (told_her,) = heard(house, AddressConfirmationRequested)
    assert told.host
    assert told_her.invited_by == told.host.name
    assert told_her.confirm_by - clock.now() > timedelta(days=2)
    confirmation = f"/registration/confirm/{TERMS.links.page_token(guest.id)}"
    assert f"{told.host.name} invites you." in house.visitor().get(confirmation).get_data(as_text=True)
    post(house.visitor(), confirmation, confirmation)
    assert "Ayşe Öz" in client.get(at).get_data(as_text=True)


def test_the_host_hears_three_days_before_and_only_once(house: House) -> None:
    told = house.event()
    signed_up(house, told, "Олена Шевченко", consents=AGREED)
    signed_up(house, told, "Anna Kovač")

    def come_round(days: int) -> None:
        with house.sessions.begin() as session:
            tell_companies(session=session, now=told.sessions[0].starts_at - timedelta(days=days), links=LINKS)

    come_round(4)
    assert heard(house, GuestListReady) == []
    come_round(3)
    come_round(2)

    (message,) = heard(house, GuestListReady)
    assert (message.number, message.names) == (2, ("Олена Шевченко",))
    assert message.page_url == LINKS.guests(told.slug)


class TestStayingInTouch:
    def test_contacts_are_exchanged_when_both_want_it_whoever_asked_first(self, house: House) -> None:
        told = house.event()
        first, second = signed_up(house, told, "Олена Шевченко"), signed_up(house, told, "Anna Kovač")
        with after(told):
            for each in (first, second):
                checked_in(house, told, each)
            wants(house, first)
            assert heard(house, ContactsExchanged) == []

            offers(house, told)
            offers(house, told)
            assert [each.registration.name for each in heard(house, ContactsExchanged)] == ["Олена Шевченко"]

            wants(house, second)
            wants(house, second)
        names = [each.registration.name for each in heard(house, ContactsExchanged)]
        assert names == ["Олена Шевченко", "Anna Kovač"]
        assert heard(house, ContactsExchanged)[0].contact.email == "jens@example.org"

    def test_the_company_does_not_learn_of_a_wish_it_does_not_share(self, house: House) -> None:
        told = house.event()
        she = signed_up(house, told, "Олена Шевченко")
        with after(told):
            checked_in(house, told, she)
            wants(house, she)

            assert "Олена" not in host(house, told).get(f"/registration/company/{told.slug}").get_data(as_text=True)

    def test_she_may_think_better_of_it(self, house: House) -> None:
        told = house.event()
        she = signed_up(house, told, "Олена Шевченко")
        with after(told):
            checked_in(house, told, she)
            wants(house, she)
            wants(house, she, answer="no")
            offers(house, told)

        assert heard(house, ContactsExchanged) == []

    def test_who_was_not_there_is_not_asked(self, house: House) -> None:
        told = house.event()
        she = signed_up(house, told, "Олена Шевченко")
        with after(told):
            page = f"/registration/my/{TERMS.links.page_token(she)}"

            assert "Stay in touch" not in house.visitor().get(page).get_data(as_text=True)
            assert wants(house, she).status_code == 403

    def test_before_the_end_nobody_can_agree(self, house: House) -> None:
        told = house.event()
        at = f"/registration/company/{told.slug}"

        answer = post(host(house, told), at, f"{at}/contact", contact_name="Jens", contact_email="jens@example.org")

        assert answer.status_code == 409


def after(told: EventSnapshot) -> Any:
    return time_machine.travel(told.sessions[0].ends_at + timedelta(hours=1), tick=False)


def wants(house: House, registration_id: UUID, answer: str = "yes") -> Any:
    page = f"/registration/my/{TERMS.links.page_token(registration_id)}"
    return post(house.visitor(), page, f"{page}/contact", answer=answer)


def offers(house: House, told: EventSnapshot) -> None:
    at = f"/registration/company/{told.slug}"
    wish = {"contact_name": "Jens Müller", "contact_email": "jens@example.org", "phone": "", "words": ""}
    assert post(host(house, told), at, f"{at}/contact", **wish).status_code == 303

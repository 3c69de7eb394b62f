"""Two bookings at the same time are shown to her who has them, and to nobody else."""

from datetime import timedelta

from services.registration.storage.tables import Registration
from shared import clock
from tests.registration.builders import TERMS, a_quota, a_session
from tests.registration.doors import House, post, sign_up
from tests.registration.web.test_my_page import registered

EMAIL = "olena@example.org"


def at(days: float, hours: float = 2) -> object:
    """A session so many days ahead."""
    start = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=days)
    return a_session(starts_at=start, ends_at=start + timedelta(hours=hours))


def test_the_other_booking_is_shown_before_she_confirms_and_she_may_go_on(house: House) -> None:
    first = house.event(slug="first", sessions=(at(5),), title={"en": "Welding for beginners"})
    second = house.event(slug="second", sessions=(at(5),))
    registered(house, first, email=EMAIL)
    receipt, token = registered(house, second, email=EMAIL, terms=TERMS)
    visitor = house.visitor()
    address = f"/registration/confirm/{token}"

    page = visitor.get(address).get_data(as_text=True)
    post(visitor, address, address)

    assert "You are also registered for something else at that time" in page
    assert "Welding for beginners" in page
    with house.sessions.begin() as session:
        assert session.get_one(Registration, receipt.id).status == "confirmed"


def test_other_times_other_people_and_unconfirmed_addresses_are_not_shown(house: House) -> None:
    morning, evening = at(5), at(5.5)
    own = tuple(a_quota(session_id=each.id, kind="session") for each in (morning, evening))
    first = house.event(slug="first", sessions=(morning, evening), quotas=own)
    second = house.event(slug="second", sessions=(at(5),))
    third = house.event(slug="third", sessions=(at(5),))
    registered(house, first, email=EMAIL, quota_ids=(own[1].id,))
    registered(house, third, email="somebody@example.org")
    registered(house, third, email=EMAIL, terms=TERMS)
    _, token = registered(house, second, email=EMAIL, terms=TERMS)

    page = house.visitor().get(f"/registration/confirm/{token}").get_data(as_text=True)

    assert "Is this your address?" in page
    assert "at that time" not in page


def test_signing_up_tells_a_stranger_nothing_of_other_bookings(house: House) -> None:
    first = house.event(slug="first", sessions=(at(5),), title={"en": "Welding for beginners"})
    second = house.event(slug="second", sessions=(at(5),))
    registered(house, first, email=EMAIL)
    visitor = house.visitor()

    answer = visitor.get(sign_up(visitor, second.slug, email=EMAIL).location).get_data(as_text=True)

    assert "One step is left" in answer
    assert "Welding" not in answer

"""Two hundred people sign up at once for twenty-five places: by JSON and by the page's form."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

import pytest

from tests.end_to_end.product import eventually
from tests.end_to_end.town import Answer, Town, address, done, fields_of

PEOPLE, PLACES = 200, 25
T = TypeVar("T")
pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]


def test_of_two_hundred_at_once_by_json_exactly_as_many_hold_places_as_there_are(town: Town) -> None:
    """Case 16, and the issue's figure; in the order of the answers' numbers nobody is missing or there twice."""
    event = town.event(capacity=PLACES)

    answers = list(_at_once(lambda _: town.sign_up(event, email=address())))

    assert Counter(each.status_code for each in answers) == {201: PEOPLE}
    positions = [each.json()["position"] for each in answers]
    assert positions.count(None) == PLACES
    assert sorted(each for each in positions if each) == list(range(1, PEOPLE - PLACES + 1))
    _ensure_truth(town, event, answers={each.json()["id"]: each.json()["position"] for each in answers})


def test_of_two_hundred_at_once_by_form_exactly_as_many_hold_places_as_there_are(town: Town) -> None:
    """Case 16 through the public page: every browser has its form open and waits for the hour."""
    event = town.event(capacity=PLACES)
    page = f"/registration/{event['slug']}/sign-up"
    browsers = [town.visitor() for _ in range(PEOPLE)]
    forms = [fields_of(each.get(page).text) for each in browsers]  # takes longer than the form's minimum time

    def send(number: int) -> Answer:
        fields = {"name": f"Person {number}", "email": address(), "locale": "de", "consents.privacy": "true"}
        return browsers[number].post(page, data={**forms[number], **fields, "homepage": ""}, timeout=60)

    answers = list(_at_once(send))

    assert Counter(each.status_code for each in answers) == {303: PEOPLE}
    assert all("/received/" in each.headers["Location"] for each in answers)
    _ensure_truth(town, event)


def test_sixty_at_once_for_ten_places_and_ten_leaving_meanwhile_keep_the_order(town: Town) -> None:
    """Case 16: whoever leaves gives her place to the first who waits, also in the middle of a rush."""
    event = town.event(capacity=10)
    first = [town.attendee(event) for _ in range(10)]

    def act(number: int) -> Answer:
        if number < 10:
            path = f"/registration/api/v1/registrations/{first[number]['id']}"
            return town.call("DELETE", path, token=town.organiser)
        return town.sign_up(event, token=town.organiser, email=address())

    answers = list(_at_once(act, people=70))

    assert Counter(each.status_code for each in answers) == {204: 10, 201: 60}
    living = [each for each in town.registrations(event) if each["status"] in {"confirmed", "waiting"}]
    assert Counter(each["status"] for each in living) == {"confirmed": 10, "waiting": 50}
    assert sorted(each["position"] for each in living if each["position"]) == list(range(1, 51))


def test_one_person_who_clicks_twenty_times_is_registered_once(town: Town) -> None:
    """Case 16: the same address at once, with and without an Idempotency-Key."""
    event, email = town.event(capacity=5), address()
    path = f"/registration/api/v1/events/{event['id']}/registrations"
    wish = town.wish(email=address())
    key = {"Idempotency-Key": wish["email"]}

    plain = list(_at_once(lambda _: town.sign_up(event, email=email), people=20))
    keyed = list(_at_once(lambda _: town.call("POST", path, json=wish, headers=key), people=20))

    assert {each.status_code for each in (*plain, *keyed)} == {201}
    assert len({each.json()["id"] for each in keyed}) == 1
    assert sorted(each["email"] for each in town.registrations(event)) == sorted([email, wish["email"]])
    assert town.places(event)["free"] == 3


def test_fewer_places_than_are_taken_are_refused(town: Town) -> None:
    """Case 16: lowering the capacity below the bookings."""
    event = town.event(capacity=3)
    for _ in range(3):
        town.attendee(event)
    path = f"/events/api/v1/events/{event['id']}"
    shown = "/events/api/v1/events/{}/availability".format(event["id"])
    eventually(lambda: town.call("GET", shown).json()["free"] == 0, what="the catalogue knows that it is full")

    refused = town.call("PATCH", path, token=town.organiser, json={"capacity": 2})

    assert refused.status_code == 409
    assert town.places(event)["capacity"] == 3
    assert town.places(event)["free"] == 0


def _at_once(act: Callable[[int], T], *, people: int = PEOPLE) -> Iterator[T]:
    """As many threads as people, all let go at the same moment."""
    gate = Barrier(people)

    def go(number: int) -> T:
        gate.wait(60)
        return act(number)

    with ThreadPoolExecutor(people) as crowd:
        yield from crowd.map(go, range(people))


def _ensure_truth(town: Town, event: dict[str, Any], *, answers: dict[str, Any] | None = None) -> None:
    """What the organiser sees, what registration says and what the catalogue shows agree."""
    listed = town.registrations(event)
    assert Counter(each["position"] is None for each in listed) == {True: PLACES, False: PEOPLE - PLACES}
    waiting = sorted((each for each in listed if each["position"]), key=lambda each: each["position"])
    assert [each["position"] for each in waiting] == list(range(1, PEOPLE - PLACES + 1))
    if answers is not None:
        assert {each["id"]: each["position"] for each in listed} == answers
    places = town.places(event)
    assert (places["capacity"], places["free"], places["waiting"]) == (PLACES, 0, PEOPLE - PLACES)
    catalogue = f"/events/api/v1/events/{event['id']}/availability"
    eventually(
        lambda: done(town.call("GET", catalogue), 200)["waiting"] == PEOPLE - PLACES,
        what="the catalogue tells the truth",
    )
    assert done(town.call("GET", catalogue), 200)["free"] == 0

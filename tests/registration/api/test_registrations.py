"""Registrations as JSON."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, func, select

from services.registration.inbox import handlers
from services.registration.storage.tables import AuditEntry, Quota, Registration
from shared import clock
from shared.contracts.events import ApiTokenRevoked
from shared.contracts.registration import AvailabilityChanged
from shared.policy import Role
from tests.registration.builders import LINKS, a_quota, messages, names_of
from tests.registration.doors import House, a_house

NAMES = Path(__file__).parents[2].joinpath("data/names.txt").read_text(encoding="utf-8").splitlines()


def address_of(told: Any) -> str:
    """Where to sign up."""
    return f"/registration/api/v1/events/{told.id}/registrations"


def body(**differences: Any) -> dict[str, Any]:
    """A sound sign-up."""
    usual = {
        "name": "Anna Kovač",
        "email": f"p{uuid4().hex[:10]}@example.org",
        "locale": "de",
        "consents": {"privacy": True},
    }
    return {**usual, **differences}


def stored(house: House) -> int:
    """How many registrations there are."""
    with house.sessions.begin() as session:
        return session.scalar(select(func.count()).select_from(Registration)) or 0


def test_a_stranger_gets_a_receipt(house: House) -> None:
    told = house.event()

    answer = house.visitor().post(address_of(told), json=body())

    assert answer.status_code == 201
    receipt = answer.get_json()
    assert set(receipt) == {"id", "event_id", "status", "position", "places", "confirm_by"}
    assert (receipt["status"], receipt["position"]) == ("pending", None)
    assert receipt["places"] == [{"quota_id": str(told.quotas[0].id), "position": None}]


def test_a_known_address_is_answered_like_a_new_one(house: House) -> None:
    told = house.event(capacity=50)
    visitor = house.visitor()
    visitor.post(address_of(told), json=body(email="anna@example.org"))

    known = visitor.post(address_of(told), json=body(email="anna@example.org"))
    fresh = visitor.post(address_of(told), json=body())

    assert known.status_code == fresh.status_code == 201
    assert dict.fromkeys(known.get_json()) == dict.fromkeys(fresh.get_json())
    assert {**known.get_json(), "id": "", "confirm_by": ""} == {**fresh.get_json(), "id": "", "confirm_by": ""}
    assert stored(house) == 2


def test_an_organisers_token_gets_the_whole_registration_at_once(house: House) -> None:
    told = house.event()

    answer = house.visitor().post(address_of(told), json=body(name="김민준"), headers=house.token())

    assert answer.status_code == 201
    whole = answer.get_json()
    assert (whole["name"], whole["status"], whole["source"], whole["consents"]) == (
        "김민준",
        "confirmed",
        "api",
        ["privacy"],
    )
    with house.sessions.begin() as session:
        assert names_of(messages(session)) == ["RegistrationConfirmed"]
        assert session.scalars(select(AuditEntry.action)).all() == ["register_attendee"]


def test_an_organiser_is_told_of_a_known_address(house: House) -> None:
    told = house.event()
    visitor = house.visitor()
    visitor.post(address_of(told), json=body(email="anna@example.org"))

    answer = visitor.post(address_of(told), json=body(email="anna@example.org"), headers=house.token())

    assert answer.status_code == 409
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["type"] == "urn:werktor:problem:already-registered"
    assert stored(house) == 1


def test_another_organisations_token_signs_up_like_a_stranger(house: House) -> None:
    told = house.event()

    answer = house.visitor().post(address_of(told), json=body(), headers=house.token(organisation=uuid4()))

    assert (answer.status_code, answer.get_json()["status"]) == (201, "pending")
    assert "email" not in answer.get_json()


@pytest.mark.parametrize(
    ("differences", "field"),
    [
        ({"consents": {}}, "consents.privacy"),
        ({"consents": {"privacy": False}}, "consents.privacy"),
        ({"consents": {"privacy": "true"}}, "consents.privacy"),
        ({"consents": {"privacy": True, "advertising": True}}, "consents.advertising"),
        ({"name": ""}, "name"),
        ({"name": "a\u0000b"}, None),
        ({"name": "12345"}, "name"),
        ({"email": "anna"}, "email"),
        ({"email": None}, "email"),
        ({"locale": "klingon"}, "locale"),
        ({"quota_ids": ["x"]}, None),
        ({"quota_ids": [str(uuid4())]}, "quota_ids"),
        ({"status": "confirmed"}, "status"),
        ({"position": 1}, "position"),
        ({"answers": {"diet": "x"}}, "answers"),
    ],
)
def test_unsound_sign_ups_are_refused_field_by_field(house: House, differences: dict, field: str | None) -> None:
    told = house.event()

    answer = house.visitor().post(address_of(told), json=body(**differences))

    assert answer.status_code in {400, 422}
    if field:
        assert list(answer.get_json()["errors"]) == [field]
    assert stored(house) == 0
    with house.sessions.begin() as session:
        assert session.scalars(select(Quota.taken)).all() == [0]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_comes_back_letter_for_letter(house: House, name: str) -> None:
    told = house.event()

    answer = house.visitor().post(address_of(told), json=body(name=name), headers=house.token())

    assert answer.get_json()["name"] == name


def test_the_same_idempotency_key_acts_once(house: House) -> None:
    told = house.event()
    visitor, wish = house.visitor(), body()
    headers = {**house.token(), "Idempotency-Key": "abc"}

    first = visitor.post(address_of(told), json=wish, headers=headers)
    second = visitor.post(address_of(told), json=wish, headers=headers)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_json() == second.get_json()
    assert stored(house) == 1


def test_an_idempotency_key_for_another_request_is_refused(house: House) -> None:
    told = house.event()
    visitor = house.visitor()
    visitor.post(address_of(told), json=body(), headers={"Idempotency-Key": "abc"})

    answer = visitor.post(address_of(told), json=body(), headers={"Idempotency-Key": "abc"})

    assert (answer.status_code, answer.get_json()["type"]) == (409, "urn:werktor:problem:idempotency-key-reused")
    assert stored(house) == 1


def test_the_list_is_for_the_organiser_and_comes_in_pages(house: House) -> None:
    told = house.event()
    visitor = house.visitor()
    for number in range(3):
        visitor.post(address_of(told), json=body(name=f"Person {'abc'[number]}"))

    first = visitor.get(address_of(told), query_string={"limit": 2}, headers=house.token()).get_json()
    query = {"limit": 2, "cursor": first["next"]}
    second = visitor.get(address_of(told), query_string=query, headers=house.token()).get_json()

    assert [each["name"] for each in first["items"] + second["items"]] == ["Person a", "Person b", "Person c"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("query", "expected"), [({"q": "ANNA"}, ["Anna"]), ({"status": "waiting"}, ["Bea"]), ({"q": "nobody"}, [])]
)
def test_the_list_can_be_searched(house: House, query: dict, expected: list[str]) -> None:
    told = house.event(capacity=1)
    for name in ("Anna", "Bea"):
        house.visitor().post(address_of(told), json=body(name=name), headers=house.token())

    answer = house.visitor().get(address_of(told), query_string=query, headers=house.token())

    assert [each["name"] for each in answer.get_json()["items"]] == expected


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 10**9},
        {"limit": 0},
        {"q": "x" * 101},
        {"cursor": "x"},
        {"cursor": "WyJhIiwiYiJd"},
        {"status": "x"},
    ],
)
def test_unsound_queries_are_refused(house: House, query: dict) -> None:
    told = house.event()

    answer = house.visitor().get(address_of(told), query_string=query, headers=house.token())

    assert answer.status_code == 422


def test_strangers_and_other_organisations_see_nothing(house: House) -> None:
    told = house.event()
    made = house.visitor().post(address_of(told), json=body(), headers=house.token()).get_json()
    one = f"/registration/api/v1/registrations/{made['id']}"
    foreign = house.token(organisation=uuid4())

    for address in (address_of(told), one):
        assert house.visitor().get(address).status_code == 401
        assert house.visitor().get(address, headers=foreign).status_code == 404
        assert house.visitor().get(address, headers=house.token(role=Role.HELPER)).status_code == 403
    for headers, status in (({}, 401), (foreign, 404), (house.token(role=Role.HELPER), 403)):
        assert house.visitor().delete(one, headers=headers).status_code == status
    assert house.visitor().get(one, headers=house.token()).get_json()["status"] == "confirmed"


def test_a_foreign_and_an_unknown_registration_answer_alike(house: House) -> None:
    told = house.event()
    made = house.visitor().post(address_of(told), json=body(), headers=house.token()).get_json()
    foreign = house.token(organisation=uuid4())

    answers = [
        house.visitor().get(f"/registration/api/v1/registrations/{each}", headers=foreign).get_json()
        for each in (made["id"], uuid4())
    ]

    assert answers[0] | {"request_id": ""} == answers[1] | {"request_id": ""}


def test_deleting_gives_the_place_on_and_again_is_harmless(house: House) -> None:
    told = house.event(capacity=1)
    visitor = house.visitor()
    leaver, waiter = (visitor.post(address_of(told), json=body(), headers=house.token()).get_json() for _ in range(2))
    address = f"/registration/api/v1/registrations/{leaver['id']}"

    assert [visitor.delete(address, headers=house.token()).status_code for _ in range(2)] == [204, 204]

    shown = visitor.get(f"/registration/api/v1/registrations/{waiter['id']}", headers=house.token()).get_json()
    assert (shown["status"], shown["position"]) == ("confirmed", None)
    assert visitor.get(address, headers=house.token()).get_json()["status"] == "cancelled"


def test_a_token_that_was_taken_back_is_not_believed(house: House) -> None:
    told = house.event()
    headers = house.token()
    jti = token_id(headers)
    with house.sessions.begin() as session:
        handlers(LINKS)[ApiTokenRevoked](ApiTokenRevoked(token_id=jti), session=session, now=clock.now())

    assert house.visitor().get(address_of(told), headers=headers).status_code == 401


def token_id(headers: dict[str, str]) -> Any:
    """The jti of a token."""
    payload = headers["Authorization"].split(".")[1]
    return UUID(json.loads(base64.urlsafe_b64decode(payload + "=="))["jti"])


def test_availability_is_for_everybody(house: House) -> None:
    one, two = a_quota(2), a_quota(1)
    told = house.event(quotas=(one, two))
    for _ in range(3):
        house.visitor().post(address_of(told), json=body(quota_ids=[str(two.id)]))

    answer = house.visitor().get(f"/registration/api/v1/events/{told.id}/availability").get_json()

    assert answer == {
        "event_id": str(told.id),
        "is_open": True,
        "capacity": 3,
        "free": 2,
        "waiting": 2,
        "quotas": [
            {"id": str(one.id), "capacity": 2, "free": 2, "waiting": 0},
            {"id": str(two.id), "capacity": 1, "free": 0, "waiting": 2},
        ],
    }


def test_a_place_that_those_who_wait_cannot_take_is_free_for_whoever_comes_next(house: House) -> None:
    full, roomy = a_quota(0), a_quota(1, name={"en": "Roomy"})
    told = house.event(quotas=(full, roomy), quota_choice="any")
    both = [str(full.id), str(roomy.id)]
    visitor = house.visitor()
    visitor.post(address_of(told), json=body(quota_ids=both, together=True), headers=house.token())

    shown = visitor.get(f"/registration/api/v1/events/{told.id}/availability").get_json()
    page = visitor.get(f"/registration/{told.slug}/sign-up").get_data(as_text=True)
    with house.sessions.begin() as session:
        said = [each for each in messages(session) if isinstance(each, AvailabilityChanged)]
    taken = visitor.post(address_of(told), json=body(quota_ids=both[1:]), headers=house.token()).get_json()

    assert [(each["free"], each["waiting"]) for each in shown["quotas"]] == [(0, 1), (1, 1)]
    assert "1 place free" in page
    assert {each.quota_id: each.free for each in said} == {full.id: 0, roomy.id: 1}
    assert (taken["status"], taken["position"]) == ("confirmed", None)


@pytest.mark.parametrize(
    ("differences", "rule"),
    [
        ({"status": "cancelled"}, "event-is-cancelled"),
        ({"sign_up_closes_at": clock.now() - timedelta(days=1)}, "sign-up-closed"),
        ({"sign_up_opens_at": clock.now() + timedelta(days=1)}, "sign-up-not-open-yet"),
    ],
)
def test_a_closed_event_says_which_rule_closed_it(house: House, differences: dict, rule: str) -> None:
    told = house.event(**differences)

    answer = house.visitor().post(address_of(told), json=body())

    assert (answer.status_code, answer.get_json()["type"]) == (409, f"urn:werktor:problem:{rule}")
    assert stored(house) == 0


def test_two_hundred_people_at_the_door_of_the_api(tmp_path: Path, either_engine: Engine) -> None:
    house = a_house(tmp_path, either_engine, confirm_address=False)
    told = house.event(capacity=25)

    def one(_number: int) -> tuple[int, int | None]:
        answer = house.visitor().post(address_of(told), json=body())
        return answer.status_code, answer.get_json().get("position")

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(one, range(200)))

    assert {status for status, _ in answers} == {201}
    assert [position for _, position in answers].count(None) == 25
    assert sorted(position for _, position in answers if position) == list(range(1, 176))

"""Offers as programs meet them."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from services.events.storage.tables import Event, Offer
from shared import clock
from shared.policy import Role
from tests.events.doors import House
from tests.events.offer_builders import TOUR

API = "/events/api/v1/offers"
DAY = (clock.now() + timedelta(days=60)).date()
DATES = [f"{DAY}T14:00", f"{DAY + timedelta(days=1)}T09:30"]
WISH = TOUR | {"dates": DATES, "email": "eva@gold.example.org"}


def begun(house: House, **differences: Any) -> tuple[Any, dict[str, str], str]:
    """A client, its token, and the address of a draft."""
    token = house.token()
    client = house.visitor()
    answer = client.post(API, json=WISH | differences, headers=token)
    assert answer.status_code == 201, answer.json
    return client, token, f"{API}/{answer.json['id']}"


def test_the_whole_story_by_json(house: House) -> None:
    client, token, at = begun(house)

    steps: list[tuple[str, dict[str, Any] | None]] = [
        ("offer", None),
        ("request-change", {"text": "Auch Englisch?"}),
        ("answer", {"text": "Ja.", "changes": {"languages": ["en"]}}),
        ("accept", {"start": DATES[1], "publish": True}),
        ("revise", {"changes": {"meeting_point": "Pforte Süd"}, "text": "Umbau"}),
        ("accept-revision", {"reason": {"de": "Umbau"}}),
    ]
    answers = [client.post(f"{at}/{step}", json=wish, headers=token) for step, wish in steps]

    assert [each.status_code for each in answers] == [200] * 6
    assert [each.json["status"] for each in answers] == [
        "offered",
        "change_requested",
        "offered",
        "accepted",
        "accepted",
        "accepted",
    ]
    offer = answers[-1].json
    event = client.get(f"/events/api/v1/events/{offer['event_id']}", headers=token).json
    assert (event["status"], event["languages"]) == ("published", ["en"])
    assert event["sessions"][0]["place"]["meeting_point"] == "Pforte Süd"
    assert event["sessions"][0]["starts_at"].startswith(DATES[1])
    assert (offer["content"]["meeting_point"], offer["revision"]) == ("Pforte Süd", None)


def test_a_draft_names_what_it_lacks_and_is_not_sent_without(house: House) -> None:
    token, client = house.token(), house.visitor()
    wish = {"company_name": "Gold", "email": "eva@gold.example.org"}
    draft = client.post(API, json=wish, headers=token).json

    answer = client.post(f"{API}/{draft['id']}/offer", headers=token)

    assert "dates" in draft["missing"]
    assert answer.status_code == 422
    assert answer.json["type"] == "urn:werktor:problem:offer-is-incomplete"
    assert answer.json["errors"]["dates"] == ["Please offer at least one date."]


def test_a_draft_is_changed_in_parts(house: House) -> None:
    client, token, at = begun(house)

    answer = client.patch(at, json={"title": "Anders", "site": {"city": "Calw"}}, headers=token)

    content = answer.json["content"]
    assert (content["title"], content["site"]["city"], content["site"]["street"]) == ("Anders", "Calw", "Werkstr. 2")
    assert content["description"] == TOUR["description"]


def test_an_old_etag_changes_nothing(house: House) -> None:
    client, token, at = begun(house)
    old = client.get(at, headers=token).headers["ETag"]
    client.patch(at, json={"title": "Eins"}, headers=token)

    answer = client.patch(at, json={"title": "Zwei"}, headers=token | {"If-Match": old})

    assert answer.status_code == 412
    assert client.get(at, headers=token).json["content"]["title"] == "Eins"


def test_unknown_and_wrong_fields_are_refused_by_name(house: House) -> None:
    client, token, at = begun(house)

    wishes = [{"status": "accepted"}, {"places": "many"}, {"dates": ["soon"]}, {"website": "javascript:alert(1)"}]
    wishes += [{"title": "a\x00b"}, {"title": "\u202eevil"}, {"places": 10**30}, {"safety": ["helmet"]}]
    answers = [client.patch(at, json=wish, headers=token) for wish in wishes]

    for wish, answer in zip(wishes, answers, strict=True):
        assert answer.status_code in {400, 422}, wish
        if answer.status_code == 422:
            assert any(name.startswith(next(iter(wish))) for name in answer.json["errors"])


def test_a_foreign_offer_is_as_unknown_as_one_that_never_was(house: House) -> None:
    client, _token, at = begun(house)
    foreign = house.token(slug="andere")

    seen = [client.get(at, headers=foreign), client.get(f"{API}/5f0a2b8e-0000-4000-8000-000000000000", headers=foreign)]
    decided = client.post(f"{at}/accept", json={"start": DATES[0]}, headers=foreign)

    assert [each.status_code for each in (*seen, decided)] == [404, 404, 404]
    bodies = [{name: value for name, value in each.json.items() if name != "request_id"} for each in seen]
    assert bodies[0] == bodies[1]
    assert client.get(API, headers=foreign).json["items"] == []


def test_nobody_without_a_token_and_no_helper(house: House) -> None:
    client, _token, at = begun(house)

    assert client.get(API).status_code == 401
    assert client.post(API, json=WISH).status_code == 401
    assert client.get(at).status_code == 401
    assert client.post(f"{at}/offer", headers=house.token(Role.HELPER)).status_code in {403, 404}


def test_the_same_key_begins_one_offer(house: House) -> None:
    token, client = house.token(), house.visitor()
    headers = token | {"Idempotency-Key": "k1"}

    first, second = (client.post(API, json=WISH, headers=headers) for _ in range(2))

    assert first.json["id"] == second.json["id"]
    with house.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Offer)) == 1


def test_the_list_goes_on_where_it_ended(house: House) -> None:
    client, token, _at = begun(house)
    for _ in range(2):
        client.post(API, json=WISH, headers=token)

    first = client.get(f"{API}?limit=2", headers=token).json
    second = client.get(f"{API}?limit=2&cursor={first['next']}", headers=token).json

    ids = [each["id"] for each in (*first["items"], *second["items"])]
    assert (len(ids), len(set(ids)), second["next"]) == (3, 3, None)
    assert client.get(f"{API}?status=accepted", headers=token).json["items"] == []


def test_a_second_acceptance_plans_nothing(house: House) -> None:
    client, token, at = begun(house)
    client.post(f"{at}/offer", headers=token)
    client.post(f"{at}/accept", json={"start": DATES[0]}, headers=token)

    answer = client.post(f"{at}/accept", json={"start": DATES[1]}, headers=token)

    assert (answer.status_code, answer.json["type"]) == (409, "urn:werktor:problem:offer-is-not-in-review")
    with house.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Event)) == 1

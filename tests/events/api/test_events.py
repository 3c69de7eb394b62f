"""Events as JSON: planning, changing, reading, and what others may not."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from services.events.storage.tables import Availability, Company, Event
from shared.policy import Role
from tests.events.builders import messages
from tests.events.doors import Counted, House

EVENTS = "/events/api/v1/events"
TOUR: dict[str, Any] = {
    "format": "company_tour",
    "title": "Blick in die Gießerei",
    "sessions": [
        {
            "starts_at": "2027-03-04T14:00:00+01:00",
            "ends_at": "2027-03-04T16:30:00+01:00",
            "zone": "Europe/Berlin",
            "place": {"name": "Werk 2", "city": "Pforzheim"},
        }
    ],
    "capacity": 25,
}


def planned(house: House, slug: str = "bruecke", **differences: Any) -> dict[str, Any]:
    answer = house.visitor().post(EVENTS, json={**TOUR, **differences}, headers=house.token(slug=slug))
    assert answer.status_code == 201, answer.json
    document: dict[str, Any] = answer.json
    return document


def published(house: House, slug: str = "bruecke", **differences: Any) -> dict[str, Any]:
    event = planned(house, slug, **differences)
    answer = house.visitor().post(f"{EVENTS}/{event['id']}/publish", headers=house.token(slug=slug))
    assert answer.status_code == 200, answer.json
    document: dict[str, Any] = answer.json
    return document


def count_events(house: House) -> int:
    with house.sessions() as session:
        return session.query(Event).count()


def test_a_planned_event_comes_back_whole(house: House) -> None:
    event = planned(house)

    assert event["title"] == {"de": "Blick in die Gießerei"}
    assert (event["slug"], event["status"], event["missing"]) == ("blick-in-die-giesserei", "draft", [])
    assert event["organiser"] == {"slug": "bruecke", "name": "Brücke e. V."}
    assert event["url"] == "http://127.0.0.1:8000/events/blick-in-die-giesserei"
    (session,), (quota,) = event["sessions"], event["quotas"]
    assert (session["starts_at"], session["zone"]) == ("2027-03-04T14:00:00+01:00", "Europe/Berlin")
    assert session["place"]["city"] == "Pforzheim"
    assert (quota["capacity"], quota["free"], quota["waiting"]) == (25, 25, 0)


@pytest.mark.parametrize("start", ["2027-03-04T14:00", "2027-03-04T13:00:00Z", "2027-03-04T14:00:00+01:00"])
def test_a_time_may_be_local_or_an_instant(house: House, start: str) -> None:
    event = planned(house, sessions=[{"starts_at": start, "place": "Werk 2"}])

    (session,) = event["sessions"]
    assert session["starts_at"] == "2027-03-04T14:00:00+01:00"
    assert session["ends_at"] == "2027-03-04T16:30:00+01:00"
    assert session["place"]["name"] == "Werk 2"


def test_without_quotas_an_event_has_its_formats_usual_ones(house: House) -> None:
    answer = house.visitor().post(
        EVENTS, json={"format": "labour_market_talk", "title": "Runder Tisch"}, headers=house.token()
    )

    event = answer.json
    assert [each["capacity"] for each in event["quotas"]] == [12, 4, 4, 2, 6]
    assert {each["kind"] for each in event["quotas"]} == {"stakeholder"}
    assert event["missing"] == ["sessions", "place"]


def test_a_host_by_name_is_entered_once(house: House) -> None:
    first = planned(house, host={"name": "Kühn GmbH", "city": "Pforzheim"})
    second = planned(house, host={"name": "Kühn GmbH"})

    assert first["host"] == second["host"]
    with house.sessions() as session:
        assert [each.name for each in session.scalars(select(Company))] == ["Kühn GmbH"]


def test_somebody_elses_company_is_no_host(house: House) -> None:
    foreign = planned(house, slug="andere", host={"name": "Kühn GmbH"})["host"]["id"]

    answer = house.visitor().post(EVENTS, json={**TOUR, "host": {"id": foreign}}, headers=house.token())

    assert (answer.status_code, answer.json["errors"]) == (422, {"company_id": ["There is no such company."]})
    assert count_events(house) == 1


@pytest.mark.parametrize(
    ("differences", "field"),
    [
        ({"format": "party"}, "format"),
        ({"title": " "}, "title"),
        ({"title": "Fein\u202egemacht"}, "title.de"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": 1, "quotas": [{"capacity": 1}]}, "capacity"),
        ({"sessions": [{"starts_at": "morgen"}]}, "sessions.0.starts_at"),
        ({"sessions": [{"starts_at": "2027-03-28T02:30"}]}, "sessions.0.local_start"),
        ({"sessions": [{"starts_at": "2027-03-04T14:00", "ends_at": "2027-03-04T13:00"}]}, "sessions.0.local_end"),
        ({"sessions": [{"starts_at": "2027-03-04T14:00", "zone": "../../etc/passwd"}]}, "sessions.0.zone"),
        ({"status": "published"}, "status"),
        ({"id": str(uuid4())}, "id"),
        ({"organisation_id": str(uuid4())}, "organisation_id"),
        ({"organiser": "andere"}, "organiser"),
    ],
)
def test_what_is_unsound_is_named_by_field_and_nothing_is_planned(
    house: House, differences: dict[str, Any], field: str
) -> None:
    house.organisation("andere")

    answer = house.visitor().post(EVENTS, json={**TOUR, **differences}, headers=house.token())

    assert answer.status_code == 422
    assert field in answer.json["errors"], answer.json
    assert count_events(house) == 0


def test_nobody_plans_without_a_token_or_with_a_helpers(house: House) -> None:
    assert house.visitor().post(EVENTS, json=TOUR).status_code == 401
    assert house.visitor().post(EVENTS, json=TOUR, headers=house.token(Role.HELPER)).status_code == 403
    assert count_events(house) == 0


def test_the_same_idempotency_key_plans_once(house: House) -> None:
    headers = house.token() | {"Idempotency-Key": "abc"}

    first, second = (house.visitor().post(EVENTS, json=TOUR, headers=headers) for _ in range(2))
    other = house.visitor().post(EVENTS, json={**TOUR, "title": "Anders"}, headers=headers)

    assert (first.status_code, second.status_code, first.json) == (201, 201, second.json)
    assert (other.status_code, count_events(house)) == (409, 1)


def test_a_draft_is_its_organisations_own_business(house: House) -> None:
    event = planned(house)
    unknown = house.visitor().get(f"{EVENTS}/{uuid4()}", headers=house.token(slug="andere"))

    for headers in ({}, house.token(slug="andere")):
        answer = house.visitor().get(f"{EVENTS}/{event['id']}", headers=headers)
        assert (answer.status_code, without_id(answer.json)) == (404, without_id(unknown.json))
    listed = house.visitor().get(EVENTS, headers=house.token(slug="andere")).json
    assert listed == {"items": [], "next": None}
    assert [each["id"] for each in house.visitor().get(EVENTS, headers=house.token()).json["items"]] == [event["id"]]


def without_id(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "request_id"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"title": "Gekapert"}),
        ("POST", "/publish", None),
        ("POST", "/cancel", {"reason": "Gekapert"}),
        ("POST", "/reschedule", {"sessions": [{"starts_at": "2027-05-04T14:00", "place": "X"}]}),
    ],
)
def test_somebody_elses_event_is_not_there_and_not_touched(
    house: House, method: str, path: str, body: dict[str, Any] | None
) -> None:
    event = planned(house)
    foreign = house.token(slug="andere")

    answer = house.visitor().open(f"{EVENTS}/{event['id']}{path}", method=method, json=body, headers=foreign)
    unknown = house.visitor().open(f"{EVENTS}/{uuid4()}{path}", method=method, json=body, headers=foreign)
    nobody = house.visitor().open(f"{EVENTS}/{event['id']}{path}", method=method, json=body)

    assert (answer.status_code, unknown.status_code, nobody.status_code) == (404, 404, 401)
    assert without_id(answer.json) == without_id(unknown.json)
    assert house.visitor().get(f"{EVENTS}/{event['id']}", headers=house.token()).json == event


def test_published_events_are_everybodys_without_what_is_internal(house: House) -> None:
    event = published(
        house,
        note="intern",
        sessions=[{"starts_at": "2027-03-04T14:00", "join_url": "https://meet.example.org/geheim"}],
    )

    seen = house.visitor().get(f"{EVENTS}/{event['id']}")

    assert event["sessions"][0]["join_url"] == "https://meet.example.org/geheim"
    assert seen.json["status"] == "published"
    assert "geheim" not in seen.text
    assert "intern" not in seen.text


def test_publishing_what_lacks_facts_names_them(house: House) -> None:
    event = planned(house, sessions=[])

    answer = house.visitor().post(f"{EVENTS}/{event['id']}/publish", headers=house.token())

    assert (answer.status_code, answer.json["missing"]) == (409, "sessions, place")
    assert answer.json["type"] == "urn:werktor:problem:event-is-incomplete"
    with house.sessions() as session:
        assert messages(session) == []


def test_a_change_keeps_what_it_does_not_name(house: House) -> None:
    event = published(house)

    answer = house.visitor().patch(f"{EVENTS}/{event['id']}", json={"capacity": 30}, headers=house.token())

    assert answer.status_code == 200
    changed = answer.json
    assert changed["quotas"][0]["capacity"] == 30
    assert changed["quotas"][0]["id"] == event["quotas"][0]["id"]
    assert (changed["title"], changed["sessions"]) == (event["title"], event["sessions"])


def test_a_moved_event_keeps_its_session(house: House) -> None:
    event = published(house)
    moved = {**TOUR["sessions"][0], "starts_at": "2027-03-05T10:00", "ends_at": "2027-03-05T12:00"}

    answer = house.visitor().post(
        f"{EVENTS}/{event['id']}/reschedule", json={"sessions": [moved], "reason": "Messe"}, headers=house.token()
    )

    assert answer.json["sessions"][0]["id"] == event["sessions"][0]["id"]
    assert answer.json["sessions"][0]["starts_at"] == "2027-03-05T10:00:00+01:00"
    with house.sessions() as session:
        assert messages(session)[-1].reason == {"de": "Messe"}  # type: ignore[attr-defined]


def test_a_cancelled_event_stays_visible_and_unchangeable(house: House) -> None:
    event = published(house)
    address = f"{EVENTS}/{event['id']}"

    answer = house.visitor().post(f"{address}/cancel", json={"reason": {"en": "Illness"}}, headers=house.token())

    assert (answer.status_code, answer.json["status"]) == (200, "cancelled")
    assert house.visitor().get(address).json["cancelled_reason"] == {"en": "Illness"}
    assert house.visitor().patch(address, json={"title": "X"}, headers=house.token()).status_code == 409
    assert house.visitor().post(f"{address}/cancel", json={}, headers=house.token()).status_code == 409


def test_an_etag_answers_304_until_a_place_is_taken(house: House) -> None:
    event = published(house)
    address = f"{EVENTS}/{event['id']}"
    tag = house.visitor().get(address).headers["ETag"]

    assert house.visitor().get(address, headers={"If-None-Match": tag}).status_code == 304
    told(house, event, free=24)
    fresh = house.visitor().get(address, headers={"If-None-Match": tag})
    assert (fresh.status_code, fresh.json["quotas"][0]["free"]) == (200, 24)
    # Taken places are no reason to refuse a change.
    answer = house.visitor().patch(address, json={"german_level": "B1"}, headers=house.token() | {"If-Match": tag})
    assert answer.status_code == 200
    assert answer.headers["ETag"] != tag


def test_a_change_of_an_older_version_is_refused(house: House) -> None:
    event = published(house)
    address = f"{EVENTS}/{event['id']}"
    tag = house.visitor().get(address).headers["ETag"]
    house.visitor().patch(address, json={"german_level": "B1"}, headers=house.token())

    answer = house.visitor().patch(address, json={"german_level": "C2"}, headers=house.token() | {"If-Match": tag})

    assert answer.status_code == 412
    assert house.visitor().get(address).json["german_level"] == "B1"


def told(house: House, event: dict[str, Any], *, free: int, waiting: int = 0, version: int = 1) -> None:
    quota = event["quotas"][0]
    with house.sessions.begin() as session:
        session.merge(
            Availability(
                quota_id=UUID(quota["id"]),
                event_id=UUID(event["id"]),
                version=version,
                capacity=quota["capacity"],
                free=free,
                waiting=waiting,
            )
        )


def test_availability_says_what_is_free_now(house: House) -> None:
    event = published(house)
    told(house, event, free=0, waiting=3)

    answer = house.visitor().get(f"{EVENTS}/{event['id']}/availability")

    places = {"capacity": 25, "free": 0, "waiting": 3}
    assert answer.json == {**places, "quotas": {event["quotas"][0]["id"]: places}}


def test_lists_are_filtered_as_asked(house: House) -> None:
    tour = published(house, languages=["de", "ar"])
    talk = published(
        house,
        format="labour_market_talk",
        title={"en": "Round table 100% job"},
        sessions=[{"starts_at": "2027-04-01T10:00", "place": {"name": "Rathaus", "city": "Köln"}}],
    )
    told(house, talk, free=0)

    def found(query: str) -> list[str]:
        answer = house.visitor().get(f"{EVENTS}?{query}")
        assert answer.status_code == 200, answer.json
        return [each["id"] for each in answer.json["items"]]

    assert found("") == [tour["id"], talk["id"]]
    assert found("format=company_tour") == [tour["id"]]
    assert found("city=k%C3%B6ln") == [talk["id"]]
    assert found("language=ar") == [tour["id"]]
    assert found("from=2027-03-05") == [talk["id"]]
    assert found("to=2027-03-04") == [tour["id"]]
    assert found("free=true") == [tour["id"]]
    assert found("text=GIESSEREI") == [tour["id"]]
    assert found("text=gie%C3%9Ferei+blick") == [tour["id"]]
    assert found("text=100%25") == [talk["id"]]
    assert found("text=%25") == [talk["id"]]
    assert found("text=_") == []
    assert found("text=br%C3%BCcke") == [tour["id"], talk["id"]]
    assert found("organiser=andere") == []


@pytest.mark.parametrize(
    "query",
    [
        "limit=101",
        "limit=1000000000",
        "text=" + "x" * 101,
        "format=x",
        "language=../etc",
        "from=now",
        "cursor=x",
        "cursor=WyJ4Il0",
        "cursor=WyIiLCJ4Il0",
    ],
)
def test_unsound_queries_are_refused(house: House, query: str) -> None:
    assert house.visitor().get(f"{EVENTS}?{query}").status_code == 422


def test_pages_follow_each_other_without_gap_or_repetition(house: House) -> None:
    for day in (4, 4, 5):
        published(house, sessions=[{"starts_at": f"2027-03-0{day}T14:00", "place": "Werk"}])
    planned(house, sessions=[])
    headers = house.token()
    seen: list[str] = []
    cursor = ""

    for _ in range(5):
        page = house.visitor().get(f"{EVENTS}?limit=1{cursor}", headers=headers).json
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    whole = [each["id"] for each in house.visitor().get(EVENTS, headers=headers).json["items"]]
    assert seen == whole
    assert len(whole) == 4


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_asks_the_database_the_same_few_times(house: House, number: int) -> None:
    for _ in range(number):
        published(house)

    with Counted(house.engine) as statements:
        answer = house.visitor().get(EVENTS)

    assert len(answer.json["items"]) == number
    assert len(statements) == 4, statements.statements


def test_hostile_text_comes_back_as_text(house: House) -> None:
    hostile = "<script>alert(1)</script> {{7*7}} ${7*7} =1+1"

    event = published(house, title=hostile, summary=hostile)

    assert event["title"] == {"de": hostile}
    page = house.visitor().get(f"/events/{event['slug']}").text
    assert "<script>alert" not in page
    assert "{{7*7}}" in page
    assert "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e" in page

"""An organiser's program changes where somebody takes part."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from services.registration.storage import events
from services.registration.storage.tables import AuditEntry, Registration
from services.registration.use_cases.cancel_registration import cancel_registration
from shared import clock
from shared.contracts.events import EventSnapshot, SignUpRules
from shared.policy import Role
from tests.registration.builders import LINKS, TERMS, a_quota, a_registration, messages, names_of
from tests.registration.doors import House


def address(registration_id: Any, more: str = "") -> str:
    """Where her places are."""
    return f"/registration/api/v1/registrations/{registration_id}/places{more}"


def two_groups(house: House, *capacities: int, **more: Any) -> EventSnapshot:
    """An event with groups."""
    return house.event(quotas=tuple(a_quota(each) for each in capacities), **more)


def person(house: House, told: EventSnapshot, number: int, **more: Any) -> Any:
    """Somebody in one of them."""
    with house.sessions.begin() as session:
        facts = {"quota_ids": (told.quotas[number].id,), "now": clock.now(), **more}
        return a_registration(session, events.get(session, told.id), **facts).id


def put(house: House, who: Any, *numbers: int, told: EventSnapshot, language: str = "en", **headers: str) -> Any:
    """Change her places."""
    body = {"quota_ids": [str(told.quotas[each].id) for each in numbers]}
    return house.visitor(language).put(address(who), json=body, headers=house.token() | headers)


def standing(answer: Any, told: EventSnapshot) -> list[tuple[int, int | None, int | None]]:
    """(group, position, the group that replaces it) of each of her places."""
    names = {str(each.id): number for number, each in enumerate(told.quotas)} | {None: None}
    found = [(names[each["quota_id"]], each["position"], names[each["replaced_by"]]) for each in answer["places"]]
    return sorted(found, key=lambda place: place[0])


def test_with_room_she_moves_at_once_and_it_stands_in_the_log(house: House) -> None:
    told = two_groups(house, 1, 1)
    anna = person(house, told, 0)

    answer = put(house, anna, 1, told=told)

    assert (answer.status_code, answer.get_json()["status"]) == (200, "confirmed")
    assert standing(answer.get_json(), told) == [(1, None, None)]
    with house.sessions.begin() as session:
        (entry,) = session.scalars(select(AuditEntry))
        assert (entry.action, entry.object_id, entry.facts) == (
            "change_places",
            anna,
            {"quota_ids": [str(told.quotas[1].id)]},
        )


def test_without_room_she_keeps_her_place_until_the_other_is_hers(house: House) -> None:
    told = two_groups(house, 1, 1)
    anna, holder = person(house, told, 0), person(house, told, 1)

    waits = put(house, anna, 1, told=told).get_json()
    with house.sessions.begin() as session:
        cancel_registration(holder, by="attendee", session=session, now=clock.now(), links=LINKS)
    shown = house.visitor().get(address(anna).removesuffix("/places"), headers=house.token()).get_json()

    assert (waits["status"], standing(waits, told)) == ("confirmed", [(0, None, 1), (1, 1, None)])
    assert standing(shown, told) == [(1, None, None)]


def test_a_wish_is_taken_back_once_and_again_is_harmless(house: House) -> None:
    told = two_groups(house, 1, 1)
    anna, _holder = person(house, told, 0), person(house, told, 1)
    put(house, anna, 1, told=told)

    answers = [house.visitor().delete(address(anna, "/wish"), headers=house.token()) for _ in range(2)]

    assert [(each.status_code, standing(each.get_json(), told)) for each in answers] == [(200, [(0, None, None)])] * 2
    with house.sessions.begin() as session:
        assert session.scalars(select(AuditEntry.action)).all() == ["change_places"] * 2
        assert names_of(messages(session))[2:] == ["PlaceChangeNoted"] * 2


def test_the_same_key_changes_once(house: House) -> None:
    told = two_groups(house, 1, 1)
    anna = person(house, told, 0)
    key = {"Idempotency-Key": "abc"} | house.token()

    first = put(house, anna, 1, told=told, **key)
    put(house, anna, 0, told=told)
    again = put(house, anna, 1, told=told, **key)

    assert first.get_json() == again.get_json()
    with house.sessions.begin() as session:
        held = [each.quota_id for each in session.get_one(Registration, anna).places if each.state == "held"]
        assert held == [told.quotas[0].id]


def test_the_organiser_changes_what_attendees_may_not(house: House) -> None:
    told = two_groups(house, 2, 2, sign_up=SignUpRules(by_invitation=True, changes_until_hours=24 * 90))
    made = house.visitor().post(
        f"/registration/api/v1/events/{told.id}/registrations",
        json={
            "name": "Anna",
            "email": "anna@example.org",
            "locale": "de",
            "consents": {"privacy": True},
            "quota_ids": [str(told.quotas[0].id)],
        },
        headers=house.token(),
    )

    answer = put(house, made.get_json()["id"], 1, told=told)

    assert standing(answer.get_json(), told) == [(1, None, None)]


def test_what_cannot_be_is_refused_in_the_readers_language_and_changes_nothing(house: House) -> None:
    told = two_groups(house, 1, 1)
    anna, pending, gone = person(house, told, 0), person(house, told, 1, terms=TERMS), person(house, told, 1)
    with house.sessions.begin() as session:
        cancel_registration(gone, by="attendee", session=session, now=clock.now(), links=LINKS)

    foreign = house.visitor("de").put(address(anna), json={"quota_ids": [str(uuid4())]}, headers=house.token())
    both = put(house, anna, 0, 1, told=told, language="de")
    early = put(house, pending, 0, told=told, language="de")
    late = put(house, gone, 0, told=told, language="de")
    nobody = put(house, uuid4(), 0, told=told, language="de")

    assert (foreign.status_code, foreign.get_json()["errors"]) == (
        422,
        {"quota_ids": ["Diese Auswahl gehört nicht zur Veranstaltung."]},
    )
    assert (both.status_code, list(both.get_json()["errors"])) == (422, ["quota_ids"])
    assert (early.status_code, early.get_json()["type"]) == (409, "urn:werktor:problem:address-not-confirmed")
    assert (late.status_code, late.get_json()["type"]) == (410, "urn:werktor:problem:registration-cancelled")
    assert nobody.status_code == 404
    with house.sessions.begin() as session:
        assert [each.state for each in session.get_one(Registration, anna).places] == ["held"]
        assert session.scalars(select(AuditEntry)).all() == []


@pytest.mark.parametrize(("who", "status"), [("nobody", 401), ("stranger", 404), ("helper", 403)])
def test_only_the_organiser_may(house: House, who: str, status: int) -> None:
    told = two_groups(house, 1, 1)
    anna = person(house, told, 0)
    headers = {"stranger": house.token(organisation=uuid4()), "helper": house.token(role=Role.HELPER)}.get(who, {})
    body = {"quota_ids": [str(told.quotas[1].id)]}

    answers = [
        house.visitor().put(address(anna), json=body, headers=headers),
        house.visitor().delete(address(anna, "/wish"), headers=headers),
    ]

    assert [each.status_code for each in answers] == [status, status]
    with house.sessions.begin() as session:
        assert [each.quota_id for each in session.get_one(Registration, anna).places] == [told.quotas[0].id]

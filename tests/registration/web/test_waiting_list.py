"""The organiser's waiting list: in pages, and moving somebody with a reason."""

import re
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from services.registration.storage.tables import AuditEntry, Place
from shared.contracts.events import EventSnapshot, SignUpRules
from tests.registration.builders import a_quota
from tests.registration.doors import House, a_coming_event, post
from tests.registration.web.test_manage import registered


def list_page(told: EventSnapshot, more: str = "") -> str:
    """The list's address."""
    return f"/registration/manage/{told.slug}/waiting-list{more}"


def move_page(told: EventSnapshot, who: Any) -> str:
    """The form's address."""
    return list_page(told, f"/{who.id}/{told.quotas[0].id}")


def names_on(page: str) -> list[str]:
    """Who stands on a page, in order."""
    return re.findall(r'<th scope="row"><a [^>]+><bdi>([^<]+)</bdi>', page)


def numbers(house: House, told: EventSnapshot) -> list[Any]:
    """Who waits, in order."""
    with house.sessions.begin() as session:
        waits = select(Place.registration_id).where(Place.quota_id == told.quotas[0].id, Place.state == "waiting")
        return list(session.scalars(waits.order_by(Place.number)))


def test_a_long_list_comes_in_pages_with_positions_that_go_on(house: House) -> None:
    told = house.event(capacity=0)
    registered(house, told, *(f"Person {each:02}" for each in range(55)))
    organiser = house.organiser()

    first = organiser.get(list_page(told)).get_data(as_text=True)
    following = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = organiser.get(following).get_data(as_text=True)

    assert names_on(first) + names_on(second) == [f"Person {each:02}" for each in range(55)]
    assert len(names_on(first)) == 50
    assert "55 people wait." in first
    assert '<td class="number" data-label="Position">51</td>' in second
    assert 'rel="prev"' in second


def test_each_quota_has_its_own_list(house: House) -> None:
    one, two = a_quota(0, name={"en": "Morning"}), a_quota(0, name={"en": "Evening"})
    told = house.event(quotas=(one, two))
    registered(house, told, "Early", quota_ids=(one.id,))
    registered(house, told, "Late", quota_ids=(two.id,))
    organiser = house.organiser()

    shown = organiser.get(list_page(told)).get_data(as_text=True)
    other = organiser.get(list_page(told, f"?quota={two.id}")).get_data(as_text=True)
    foreign = organiser.get(list_page(told, f"?quota={uuid4()}"))

    assert (names_on(shown), names_on(other), foreign.status_code) == (["Early"], ["Late"], 404)


def test_somebody_is_moved_with_a_reason_and_the_list_says_so(house: House) -> None:
    told = house.event(capacity=0)
    first, second, third = registered(house, told, "First", "Second", "Third")
    organiser = house.organiser()

    form = organiser.get(move_page(told, third)).get_data(as_text=True)
    answer = post(organiser, move_page(told, third), move_page(told, third), position="1", reason="Comes from far away")
    page = organiser.get(answer.location).get_data(as_text=True)

    assert "number 3 of 3 who wait" in form
    assert (answer.status_code, names_on(page)) == (303, ["Third", "First", "Second"])
    assert "Third is number 1 now." in page
    assert numbers(house, told) == [third.id, first.id, second.id]
    with house.sessions.begin() as session:
        (entry,) = session.scalars(select(AuditEntry))
        assert (entry.action, entry.facts["was"], entry.facts["position"], entry.facts["reason"]) == (
            "move_in_waiting_list",
            3,
            1,
            "Comes from far away",
        )


@pytest.mark.parametrize(
    ("position", "reason", "said"),
    [
        ("0", "Because", "Please choose a position from 1 to 2."),
        ("abc", "Because", "whole number"),
        ("", "Because", "Please fill this in."),
        ("3", "Because", "Please choose a position from 1 to 2."),
        ("1", " ", "Please fill this in."),
    ],
)
def test_what_cannot_be_is_said_with_what_was_typed_and_nobody_moves(
    house: House, position: str, reason: str, said: str
) -> None:
    told = house.event(capacity=0)
    people = registered(house, told, "First", "Second")
    organiser = house.organiser()

    answer = post(organiser, move_page(told, people[1]), move_page(told, people[1]), position=position, reason=reason)
    page = answer.get_data(as_text=True)

    assert (answer.status_code, said in page) == (422, True), re.findall(r"<li>.*</li>", page)
    assert f'name="position" value="{position}"' in page
    assert numbers(house, told) == [each.id for each in people]
    with house.sessions.begin() as session:
        assert session.scalars(select(AuditEntry)).all() == []


def test_who_waits_no_longer_cannot_be_moved(house: House) -> None:
    told = house.event(capacity=1)
    holder, waiter = registered(house, told, "Holder", "Waiter")
    organiser = house.organiser()

    answer = post(organiser, move_page(told, waiter), move_page(told, holder), position="1", reason="Because")

    assert (answer.status_code, organiser.get(move_page(told, holder)).status_code) == (409, 409)
    assert numbers(house, told) == [waiter.id]


def test_strangers_and_other_organisations_move_nobody(house: House) -> None:
    told = house.event(capacity=0)
    first, second = registered(house, told, "First", "Second")
    form = f"/registration/{told.slug}/sign-up"
    foreign = house.organiser(organisation=uuid4())

    answers = [
        post(foreign, form, move_page(told, second), position="1", reason="x"),
        post(house.visitor(), form, move_page(told, second), position="1", reason="x"),
        foreign.get(move_page(told, second)),
        house.visitor().get(list_page(told)),
    ]

    assert [each.status_code for each in answers] == [404, 401, 404, 303]
    assert numbers(house, told) == [first.id, second.id]


def test_the_page_says_how_a_freed_place_is_given(house: House) -> None:
    at_once = house.event(slug="at-once")
    offered = house.event(replace(a_coming_event(slug="offered"), sign_up=SignUpRules(offer_hours=24)))
    organiser = house.organiser()

    assert "goes at once to the first" in organiser.get(list_page(at_once)).get_data(as_text=True)
    page = organiser.get(list_page(offered)).get_data(as_text=True)
    assert "is offered to the first whose address is confirmed, for 24 hours." in page
    assert "at once" not in page

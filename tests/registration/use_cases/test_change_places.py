"""She wants another group or date, and never stands without a place in between."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from services.registration.domain.exchanges import circle
from services.registration.domain.registrations import Receipt
from services.registration.domain.rejections import ChangesAreClosed, OrganiserDecides
from services.registration.storage.tables import Event, Place, Registration
from services.registration.use_cases.answer_offer import take_offer
from services.registration.use_cases.cancel_registration import cancel_registration
from services.registration.use_cases.change_places import change_places
from services.registration.use_cases.change_places_for_attendee import take_wish_back
from services.registration.use_cases.decide_application import approve
from services.registration.use_cases.learn_of_event import learn_of_event
from shared.contracts.events import EventSnapshot, QuotaSnapshot, SignUpRules
from shared.contracts.registration import RegistrationConfirmed
from shared.database import sessions_for
from shared.errors import InvalidInput
from shared.policy import Actor, Role
from tests.registration.builders import (
    LINKS,
    NOW,
    ORGANISATION,
    a_quota,
    a_registration,
    a_session,
    a_snapshot,
    an_event,
    later,
    messages,
    names_of,
)
from tests.registration.use_cases.test_races import assert_sound, at_once, prepared

ORGANISER = Actor(id=uuid4(), kind="account", organisations={ORGANISATION: Role.ORGANISER})


def groups(*capacities: int, **more: Any) -> EventSnapshot:
    """An event with several groups."""
    return a_snapshot(quotas=tuple(a_quota(each, name={"de": f"Gruppe {each}"}) for each in capacities), **more)


def change(session: Session, receipt: Receipt, *wanted: QuotaSnapshot, **more: Any) -> Registration:
    """Change as the use case does."""
    ids = [each.id for each in wanted]
    return change_places(receipt.id, ids, session=session, **({"now": NOW, "links": LINKS} | more))


def places(session: Session, receipt: Receipt) -> dict[UUID, str]:
    """Her quotas and what she is there."""
    session.flush()
    rows = session.execute(
        select(Place.quota_id, Place.state).where(Place.registration_id == receipt.id, Place.state != "released")
    )
    return {quota_id: state for quota_id, state in rows}  # noqa: C416


def person(session: Session, event: Event, quota: QuotaSnapshot, **more: Any) -> Receipt:
    """Somebody in one group."""
    return a_registration(session, event, quota_ids=(quota.id,), **more)


def test_with_room_she_moves_at_once_and_her_place_goes_to_the_next(session: Session) -> None:
    told = groups(1, 1)
    one, two = told.quotas
    event = an_event(session, told)
    anna = person(session, event, one)
    next_ = person(session, event, one)
    before = len(messages(session))

    change(session, anna, two)

    assert places(session, anna) == {two.id: "held"}
    assert places(session, next_) == {one.id: "held"}
    confirmed = [each for each in messages(session)[before:] if isinstance(each, RegistrationConfirmed)]
    assert {(each.registration.id, each.changed) for each in confirmed} == {(anna.id, True), (next_.id, False)}


def test_without_room_she_keeps_her_place_until_the_other_is_hers(session: Session) -> None:
    told = groups(1, 1)
    one, two = told.quotas
    event = an_event(session, told)
    anna, holder, next_ = person(session, event, one), person(session, event, two), person(session, event, one)

    change(session, anna, two)
    kept = places(session, anna)
    assert names_of(messages(session))[-1] == "PlaceChangeNoted"
    cancel_registration(holder.id, by="attendee", session=session, now=NOW, links=LINKS)

    assert kept == {one.id: "held", two.id: "waiting"}
    assert places(session, anna) == {two.id: "held"}
    assert places(session, next_) == {one.id: "held"}


def test_more_places_move_a_whole_chain(session: Session) -> None:
    told = groups(1, 1, 1)
    one, two, three = told.quotas
    event = an_event(session, told)
    anna, bea, carl = (person(session, event, each) for each in told.quotas)
    last = person(session, event, one)
    change(session, anna, two)
    change(session, bea, three)

    larger = groups(1, 1, 2, id=told.id, version=2)
    quotas = tuple(
        a_quota(new.capacity, id=old.id, name=old.name) for old, new in zip(told.quotas, larger.quotas, strict=True)
    )
    learn_of_event(a_snapshot(id=told.id, version=2, quotas=quotas), session=session, now=NOW, links=LINKS)

    assert [places(session, each) for each in (anna, bea, carl, last)] == [
        {two.id: "held"},
        {three.id: "held"},
        {three.id: "held"},
        {one.id: "held"},
    ]


def test_two_who_want_each_others_place_change_at_once(session: Session) -> None:
    told = groups(1, 1)
    one, two = told.quotas
    event = an_event(session, told)
    anna, bea = person(session, event, one), person(session, event, two)

    change(session, anna, two)
    change(session, bea, one)

    assert places(session, anna) == {two.id: "held"}
    assert places(session, bea) == {one.id: "held"}


def test_the_first_in_line_is_never_passed_over_by_a_change(session: Session) -> None:
    told = groups(1, 1)
    one, two = told.quotas
    event = an_event(session, told)
    anna, bea, first = person(session, event, one), person(session, event, two), person(session, event, two)

    change(session, anna, two)
    change(session, bea, one)

    assert places(session, first) == {two.id: "waiting"}
    assert places(session, anna) == {one.id: "held", two.id: "waiting"}
    assert places(session, bea) == {two.id: "held", one.id: "waiting"}


def test_wanting_again_what_she_has_takes_the_wish_back(session: Session) -> None:
    told = groups(1, 1)
    one, two = told.quotas
    event = an_event(session, told)
    anna, holder = person(session, event, one), person(session, event, two)
    change(session, anna, two)

    change(session, anna, one)
    cancel_registration(holder.id, by="attendee", session=session, now=NOW, links=LINKS)

    assert places(session, anna) == {one.id: "held"}


def test_she_can_come_back_to_where_she_was(session: Session) -> None:
    told = groups(2, 2)
    one, two = told.quotas
    anna = person(session, an_event(session, told), one)

    change(session, anna, two)
    change(session, anna, one)

    assert places(session, anna) == {one.id: "held"}


def test_of_several_she_gives_up_one_for_each_new_one(session: Session) -> None:
    told = groups(1, 1, 1, 5, quota_choice="any")
    one, two, three, roomy = told.quotas
    event = an_event(session, told)
    anna = a_registration(session, event, quota_ids=(one.id, two.id))
    person(session, event, three)

    change(session, anna, three, roomy)

    found = places(session, anna)
    assert found.pop(roomy.id) == "held"
    assert found.pop(three.id) == "waiting"
    assert list(found.values()) == ["held"]


def test_an_offered_place_replaces_the_old_one_only_when_it_is_taken(session: Session) -> None:
    told = groups(1, 1, sign_up=SignUpRules(offer_hours=24))
    one, two = told.quotas
    event = an_event(session, told)
    anna, holder = person(session, event, one), person(session, event, two)
    change(session, anna, two)

    cancel_registration(holder.id, by="attendee", session=session, now=NOW, links=LINKS)
    offered = places(session, anna)
    take_offer(anna.id, session=session, now=later(hours=1), links=LINKS)

    assert offered == {one.id: "held", two.id: "offered"}
    assert places(session, anna) == {two.id: "held"}


def test_the_deadline_is_that_of_her_own_date(session: Session) -> None:
    soon = a_session(starts_at=later(hours=5), ends_at=later(hours=6))
    late, later_still = (a_session(starts_at=later(days=day), ends_at=later(days=day, hours=1)) for day in (5, 6))
    dates = (soon, late, later_still)
    told = a_snapshot(
        sessions=dates,
        quotas=tuple(a_quota(2, kind="session", session_id=each.id) for each in dates),
        sign_up=SignUpRules(changes_until_hours=24),
    )
    first, second, third = told.quotas
    event = an_event(session, told)
    anna, bea = person(session, event, first), person(session, event, second)

    change(session, bea, third)
    with pytest.raises(ChangesAreClosed):
        change(session, anna, second)
    with pytest.raises(ChangesAreClosed):
        change(session, bea, first)

    assert (places(session, anna), places(session, bea)) == ({first.id: "held"}, {third.id: "held"})


def test_places_that_a_person_gave_are_not_changed_by_the_attendee(session: Session) -> None:
    told = groups(2, 2, sign_up=SignUpRules(selection="approval"))
    one, two = told.quotas
    anna = person(session, an_event(session, told), one)

    change(session, anna, two)
    applied = places(session, anna)
    session.get_one(Registration, anna.id).places[-1].state = "held"
    session.flush()
    with pytest.raises(OrganiserDecides):
        change(session, anna, one)

    assert applied == {two.id: "applied"}


def test_who_changes_takes_what_those_who_wait_together_cannot_take_as_whoever_comes_new_does(session: Session) -> None:
    told = groups(1, 0, 1, quota_choice="any", sign_up=SignUpRules(offer_hours=24))
    mine, full, roomy = told.quotas
    event = an_event(session, told)
    anna = person(session, event, mine)
    together = a_registration(session, event, quota_ids=(full.id, roomy.id), together=True)

    change(session, anna, roomy)

    assert places(session, anna) == {roomy.id: "held"}
    assert places(session, together) == {full.id: "waiting", roomy.id: "waiting"}


def test_who_applied_for_all_or_none_still_wants_all_or_none_after_a_change(session: Session) -> None:
    rules = SignUpRules(selection="approval")
    told = groups(1, 1, 0, quota_choice="any", sign_up=rules)
    one, two, full = told.quotas
    event = an_event(session, told)
    anna = a_registration(session, event, quota_ids=(one.id, two.id), together=True)

    change(session, anna, two, full)
    approve([anna.id], event=event, actor=ORGANISER, session=session, now=NOW, links=LINKS)

    assert places(session, anna) == {two.id: "waiting", full.id: "waiting"}


def test_what_does_not_belong_to_the_event_is_refused(session: Session) -> None:
    told = groups(1, 1)
    anna = person(session, an_event(session, told), told.quotas[0])

    with pytest.raises(InvalidInput):
        change(session, anna, a_quota())
    with pytest.raises(InvalidInput):
        change(session, anna, *told.quotas)

    assert places(session, anna) == {told.quotas[0].id: "held"}


def offer_less(session: Session, told: EventSnapshot, *left: QuotaSnapshot, **more: Any) -> None:
    """The organiser takes parts away."""
    an_event(session, replace(told, version=told.version + 1, quotas=left, **more))


def test_who_has_a_place_in_a_part_that_ended_keeps_it_and_takes_another(session: Session) -> None:
    told = groups(1, 2, 2, quota_choice="any")
    one, two, three = told.quotas
    event = an_event(session, told)
    anna, bea = person(session, event, one), person(session, event, two)

    offer_less(session, told, two, three)
    change(session, anna, one, two)
    with pytest.raises(InvalidInput):
        change(session, bea, one, two)
    with pytest.raises(InvalidInput):
        person(session, event, one)

    assert places(session, anna) == {one.id: "held", two.id: "held"}
    assert places(session, bea) == {two.id: "held"}


def test_a_wish_is_taken_back_whatever_the_event_offers_meanwhile(session: Session) -> None:
    told = groups(1, 1, 1, 0, quota_choice="any")
    one, two, three, full = told.quotas
    event = an_event(session, told)
    anna, bea = (a_registration(session, event, quota_ids=ids) for ids in ((one.id, two.id), (three.id,)))
    change(session, anna, two, full)
    change(session, bea, full)

    offer_less(session, told, two, full, quota_choice="one")
    take_wish_back(anna.id, actor=ORGANISER, session=session, now=NOW, links=LINKS)
    change(session, bea, three)

    assert places(session, anna) == {one.id: "held", two.id: "held"}
    assert places(session, bea) == {three.id: "held"}


def test_a_circle_is_found_wherever_one_starts() -> None:
    a, b, c, d = (UUID(int=number) for number in range(4))

    assert set(circle({a: b, b: c, c: b, d: a})) == {b, c}
    assert circle({a: b, b: c}) == []


def changing(sessions: sessionmaker[Session], receipt: Receipt, *wanted: QuotaSnapshot) -> Callable[[], Any]:
    """Somebody who changes."""

    def job() -> None:
        with sessions.begin() as session:
            change(session, receipt, *wanted)

    return job


def test_many_who_change_at_the_same_moment_all_have_a_place_afterwards(either_engine: Engine) -> None:
    sessions = sessions_for(either_engine)
    told = prepared(sessions, groups(6, 6, 6))
    with sessions.begin() as session:
        event = session.get_one(Event, told.id)
        people = [(person(session, event, each), number) for number, each in enumerate(told.quotas) for _ in range(6)]
        waiting = [person(session, event, told.quotas[0]) for _ in range(3)]
    jobs = [changing(sessions, who, told.quotas[(number + step) % 3]) for who, number in people for step in (1, 2)]

    at_once(jobs)

    assert_sound(sessions, told, {each.id: each.capacity for each in told.quotas})
    with sessions.begin() as session:
        for who, _number in people:
            assert list(places(session, who).values()).count("held") == 1
        assert [places(session, each) for each in waiting] == [{told.quotas[0].id: "waiting"}] * 3


def test_changing_against_cancelling_leaves_nobody_without_and_nothing_unused(either_engine: Engine) -> None:
    sessions = sessions_for(either_engine)
    told = prepared(sessions, groups(5, 5))
    one, two = told.quotas
    with sessions.begin() as session:
        event = session.get_one(Event, told.id)
        changers = [person(session, event, one) for _ in range(5)]
        leavers = [person(session, event, two) for _ in range(5)]
        waiting = [person(session, event, one) for _ in range(5)]

    def cancelling(receipt: Receipt) -> Callable[[], Any]:
        def job() -> None:
            with sessions.begin() as session:
                cancel_registration(receipt.id, by="attendee", session=session, now=NOW, links=LINKS)

        return job

    jobs = [changing(sessions, each, two) for each in changers] + [cancelling(each) for each in leavers]
    at_once([job for pair in zip(jobs[:5], jobs[5:], strict=True) for job in pair])

    assert_sound(sessions, told, {one.id: 5, two.id: 5})
    with sessions.begin() as session:
        assert [places(session, each) for each in changers] == [{two.id: "held"}] * 5
        assert [places(session, each) for each in waiting] == [{one.id: "held"}] * 5

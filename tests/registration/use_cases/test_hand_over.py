"""She hands her place to a friend, who has to say yes; in between it is never free."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from services.registration.domain.addresses import address
from services.registration.domain.hand_overs import (
    Friend,
    HandOverIsOpen,
    HandOverIsOver,
    NoHandOver,
    TooManyHandOvers,
)
from services.registration.domain.registrations import Receipt
from services.registration.storage.tables import Consent, HandOver, Place, Quota, Registration
from services.registration.use_cases.cancel_registration import cancel_registration
from services.registration.use_cases.expire_hand_overs import expire_hand_overs
from services.registration.use_cases.hand_over import hand_over, take_back, take_over
from shared.contracts.events import SignUpRules
from shared.contracts.registration import HandOverLapsed, HandOverProposed, RegistrationCancelled, RegistrationConfirmed
from shared.database import sessions_for
from shared.errors import InvalidInput
from tests.registration.builders import (
    AT_ONCE,
    LINKS,
    NOW,
    a_quota,
    a_registration,
    a_snapshot,
    a_wish,
    an_event,
    later,
    messages,
    names_of,
)
from tests.registration.use_cases.test_races import assert_sound, at_once, prepared

RULES = SignUpRules(hand_over=True)
FRIEND = Friend(name="Ana Petrović", address=address("Ana@example.org"))


def ask(session: Session, receipt: Receipt, friend: Friend = FRIEND, **more: Any) -> HandOver:
    """Hand over as the use case does."""
    return hand_over(receipt.id, friend, session=session, **({"now": NOW, "links": LINKS} | more))


def say_yes(session: Session, asked: UUID, *, now: Any = NOW, **more: Any) -> None:
    """The friend uses her link."""
    wish = a_wish(name="Ana P.", locale="ar", **more)
    take_over(LINKS.hand_over_token(asked), wish, session=session, now=now, terms=AT_ONCE)
    session.flush()


def statuses(session: Session) -> dict[str, str]:
    """By address."""
    session.flush()
    return {email: status for email, status in session.execute(select(Registration.email, Registration.status))}  # noqa: C416


def test_on_yes_the_place_passes_and_never_was_free(session: Session) -> None:
    event = an_event(session, capacity=1, sign_up=RULES)
    anna = a_registration(session, event, email="anna@example.org")
    waiting = a_registration(session, event, email="next@example.org")

    asked = ask(session, anna)
    before = len(messages(session))
    say_yes(session, asked.id)

    assert statuses(session) == {
        "anna@example.org": "cancelled",
        "next@example.org": "waiting",
        "Ana@example.org": "confirmed",
    }
    quota = session.scalars(select(Quota)).one()
    assert (quota.taken, quota.waiting) == (1, 1)
    told = messages(session)[before:]
    assert names_of(told) == ["RegistrationCancelled", "RegistrationConfirmed"]
    cancelled, confirmed = told
    assert isinstance(cancelled, RegistrationCancelled)
    assert isinstance(confirmed, RegistrationConfirmed)
    assert (cancelled.by, cancelled.had_place, cancelled.registration.id) == ("hand_over", True, anna.id)
    assert (confirmed.registration.locale, confirmed.registration.name) == ("ar", "Ana P.")
    assert waiting.position == 1
    kept = session.scalars(select(Consent.purpose).where(Consent.registration_id == confirmed.registration.id)).all()
    assert kept == ["privacy"]
    done = session.get_one(HandOver, asked.id)
    assert (done.state, done.email, done.name) == ("taken", "", "")


def test_the_friend_is_written_to_and_nothing_changes_until_she_answers(session: Session) -> None:
    event = an_event(session, capacity=1, sign_up=RULES)
    anna = a_registration(session, event, email="anna@example.org", name="Anna")

    asked = ask(session, anna)

    proposed = messages(session)[-1]
    assert isinstance(proposed, HandOverProposed)
    assert (proposed.giver, proposed.email, proposed.url) == ("Anna", "Ana@example.org", LINKS.hand_over(asked.id))
    assert proposed.deadline == later(hours=48)
    assert statuses(session) == {"anna@example.org": "confirmed"}


def test_without_the_privacy_note_nothing_passes(session: Session) -> None:
    anna = a_registration(session, an_event(session, sign_up=RULES))
    asked = ask(session, anna)

    with pytest.raises(InvalidInput):
        say_yes(session, asked.id, consents=frozenset())

    assert session.get_one(Registration, anna.id).status == "confirmed"


def test_a_friend_who_is_registered_gets_her_own_link_and_both_learn_nothing(session: Session) -> None:
    event = an_event(session, capacity=2, sign_up=RULES)
    anna = a_registration(session, event, email="anna@example.org")
    a_registration(session, event, email="ana@example.org")

    asked = ask(session, anna)
    before = len(messages(session))
    say_yes(session, asked.id)

    assert statuses(session) == {"anna@example.org": "confirmed", "ana@example.org": "confirmed"}
    assert names_of(messages(session)[before:]) == ["SignUpRepeated"]


def test_taken_back_late_or_cancelled_the_link_no_longer_works(session: Session) -> None:
    event = an_event(session, sign_up=RULES)
    one, two, three = (a_registration(session, event) for _ in range(3))
    friends = [Friend(name="F", address=address(f"f{number}@example.org")) for number in range(3)]
    first, second, third = (
        ask(session, who, friend).id for who, friend in zip((one, two, three), friends, strict=True)
    )

    assert take_back(one.id, session=session, now=NOW) is True
    assert take_back(one.id, session=session, now=NOW) is False
    cancel_registration(three.id, by="attendee", session=session, now=NOW, links=LINKS)
    for asked, moment in ((first, NOW), (second, later(hours=48)), (third, NOW)):
        with pytest.raises(HandOverIsOver):
            say_yes(session, asked, now=moment)
    expire_hand_overs(session=session, now=later(hours=48), links=LINKS)

    assert session.get_one(HandOver, second).state == "expired"
    assert session.get_one(HandOver, second).email == ""
    assert session.get_one(Registration, two.id).status == "confirmed"


def test_when_nobody_took_it_in_time_its_owner_is_told_once(session: Session) -> None:
    anna = a_registration(session, an_event(session, sign_up=RULES))
    asked = ask(session, anna)
    before = len(messages(session))

    for hours in (47, 48, 49):
        expire_hand_overs(session=session, now=later(hours=hours), links=LINKS)
        session.flush()

    (lapsed,) = messages(session)[before:]
    assert isinstance(lapsed, HandOverLapsed)
    assert (lapsed.registration.id, lapsed.registration.status, lapsed.registration.version) == (
        anna.id,
        "confirmed",
        2,
    )
    assert session.get_one(HandOver, asked.id).state == "expired"
    assert ask(session, anna, now=later(hours=49)).state == "open"


def test_who_cancelled_meanwhile_or_whose_event_is_called_off_hears_of_no_lapse(session: Session) -> None:
    event = an_event(session, sign_up=RULES)
    gone = a_registration(session, event)
    called_off = a_snapshot(slug="called-off", sign_up=RULES)
    other = a_registration(session, an_event(session, called_off))
    asked = [ask(session, gone).id, ask(session, other).id]
    cancel_registration(gone.id, by="attendee", session=session, now=NOW, links=LINKS)
    an_event(session, replace(called_off, version=2, status="cancelled"))
    before = len(messages(session))

    expire_hand_overs(session=session, now=later(hours=48), links=LINKS)

    assert messages(session)[before:] == []
    assert [session.get_one(HandOver, each).state for each in asked] == ["expired"] * 2


def test_a_place_in_a_part_that_ended_is_not_handed_on(session: Session) -> None:
    one, two = a_quota(3), a_quota(3)
    told = a_snapshot(quotas=(one, two), sign_up=RULES)
    anna = a_registration(session, an_event(session, told), quota_ids=(one.id,))

    an_event(session, replace(told, version=2, quotas=(two,)))

    with pytest.raises(NoHandOver):
        ask(session, anna)


def test_it_is_not_possible_where_the_organiser_does_not_allow_it(session: Session) -> None:
    anna = a_registration(session, an_event(session))

    with pytest.raises(NoHandOver):
        ask(session, anna)


def test_who_waits_has_nothing_to_hand_on_and_after_the_start_nobody_has(session: Session) -> None:
    event = an_event(session, capacity=1, sign_up=RULES)
    anna, waiting = a_registration(session, event), a_registration(session, event)

    with pytest.raises(NoHandOver):
        ask(session, waiting)
    with pytest.raises(NoHandOver):
        ask(session, anna, now=later(days=14))


def test_one_friend_at_a_time_and_three_in_all(session: Session) -> None:
    anna = a_registration(session, an_event(session, sign_up=RULES), email="anna@example.org")

    with pytest.raises(InvalidInput):
        ask(session, anna, Friend(name="Me", address=address("ANNA@example.org")))
    for _ in range(3):
        ask(session, anna)
        with pytest.raises(HandOverIsOpen):
            ask(session, anna)
        take_back(anna.id, session=session, now=NOW)

    with pytest.raises(TooManyHandOvers):
        ask(session, anna)


def test_pressing_yes_twice_is_harmless(session: Session) -> None:
    anna = a_registration(session, an_event(session, sign_up=RULES))
    asked = ask(session, anna)

    say_yes(session, asked.id)
    before = messages(session)
    say_yes(session, asked.id)

    assert messages(session) == before


def test_yes_against_lapsing_and_cancelling_tells_the_owner_one_thing(either_engine: Engine) -> None:
    sessions = sessions_for(either_engine)
    told = prepared(sessions, a_snapshot(capacity=9, sign_up=RULES))
    with sessions.begin() as session:
        event = session.merge(an_event(session, told))
        people = [a_registration(session, event) for _ in range(9)]
        friends = [Friend(name="F", address=address(f"f{number}@example.org")) for number in range(9)]
        asked = [ask(session, who, friend).id for who, friend in zip(people, friends, strict=True)]

    def job(act: Callable[[Session], Any]) -> Callable[[], Any]:
        def run() -> None:
            with suppress(HandOverIsOver), sessions.begin() as session:
                act(session)

        return run

    jobs = [job(lambda session: expire_hand_overs(session=session, now=later(hours=48), links=LINKS))] * 4
    jobs += [job(lambda session, key=each: say_yes(session, key)) for each in asked[:3]]
    jobs += [job(lambda session, who=each: take_back(who.id, session=session, now=NOW)) for each in people[3:6]]
    at_once(jobs)

    assert_sound(sessions, told, {told.quotas[0].id: 9})
    with sessions.begin() as session:
        lapsed = [each.registration.id for each in messages(session) if isinstance(each, HandOverLapsed)]
        expired = session.scalars(select(HandOver.registration_id).where(HandOver.state == "expired")).all()
        assert sorted(lapsed) == sorted(expired)
        assert {each.id for each in people[6:]} <= set(lapsed)


def test_yes_against_taking_back_and_cancelling_leaves_one_place_with_one_person(either_engine: Engine) -> None:
    sessions = sessions_for(either_engine)
    told = prepared(sessions, a_snapshot(capacity=8, sign_up=RULES))
    with sessions.begin() as session:
        event = session.merge(an_event(session, told))
        people = [a_registration(session, event) for _ in range(8)]
        for _ in range(4):
            a_registration(session, event)
        asked = [
            ask(session, who, Friend(name="F", address=address(f"f{number}@example.org"))).id
            for number, who in enumerate(people)
        ]

    def job(act: Callable[[Session], Any]) -> Callable[[], Any]:
        def run() -> None:
            with suppress(HandOverIsOver), sessions.begin() as session:
                act(session)

        return run

    jobs = [job(lambda session, key=each: say_yes(session, key)) for each in asked for _ in range(2)]
    jobs += [job(lambda session, who=each: take_back(who.id, session=session, now=NOW)) for each in people[:4]]
    jobs += [
        job(lambda session, who=each: cancel_registration(who.id, by="attendee", session=session, now=NOW, links=LINKS))
        for each in people[4:]
    ]
    at_once(jobs)

    assert_sound(sessions, told, {told.quotas[0].id: 8})
    with sessions.begin() as session:
        holders = session.scalars(select(Place.registration_id).where(Place.state == "held")).all()
        confirmed = session.scalars(select(Registration.id).where(Registration.status == "confirmed")).all()
        assert sorted(holders) == sorted(confirmed)
        assert len(set(holders)) == 8

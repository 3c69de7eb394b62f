"""The organiser takes a part of the event away while people wait or have applied there."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from services.registration.storage import registrations
from services.registration.storage.tables import Place, Quota, Registration
from services.registration.use_cases.cancel_registration import cancel_registration
from services.registration.use_cases.change_places import change_places
from services.registration.use_cases.confirm_address import confirm_address
from services.registration.use_cases.leave_closed_lines import BATCH, leave_closed_lines
from shared.contracts.events import EventSnapshot, SignUpRules
from shared.contracts.registration import PlaceChangeNoted, RegistrationCancelled
from shared.database import sessions_for
from tests.registration.builders import (
    LINKS,
    NOW,
    TERMS,
    a_quota,
    a_registration,
    a_snapshot,
    an_event,
    messages,
    names_of,
)
from tests.registration.use_cases.test_races import at_once, prepared


def parts(*capacities: int, **more: Any) -> EventSnapshot:
    """An event of several parts."""
    return a_snapshot(quotas=tuple(a_quota(each) for each in capacities), **more)


def without(session: Session, told: EventSnapshot, *gone: int) -> None:
    """The organiser takes parts away."""
    left = tuple(each for number, each in enumerate(told.quotas) if number not in gone)
    an_event(session, replace(told, version=told.version + 1, quotas=left))


def job(session: Session, now: datetime = NOW) -> list[Any]:
    """The job comes round twice; what was told by it."""
    session.flush()
    before = len(messages(session))
    for _ in range(2):
        leave_closed_lines(session=session, now=now, links=LINKS)
        session.flush()
    return [each for each in messages(session)[before:] if type(each).__name__ != "AvailabilityChanged"]


def standing(session: Session, who: Any) -> tuple[str, list[str]]:
    """Her status, and what she is in each part."""
    session.flush()
    session.expire_all()
    found = registrations.get(session, who.id)
    states = session.scalars(
        select(Place.state).join(Quota).where(Place.registration_id == who.id).order_by(Quota.position, Place.id)
    )
    return found.status, sorted(states)


def test_who_only_waited_there_is_told_and_is_no_longer_registered(session: Session) -> None:
    told = parts(0, 5)
    event = an_event(session, told)
    waits = a_registration(session, event, quota_ids=(told.quotas[0].id,), email="anna@example.org")

    without(session, told, 0)
    (message,) = job(session)

    assert isinstance(message, RegistrationCancelled)
    assert (message.registration.id, message.by, message.had_place) == (waits.id, "quota", False)
    assert standing(session, waits) == ("cancelled", ["released"])
    assert a_registration(session, event, quota_ids=(told.quotas[1].id,), email="anna@example.org").position is None


def test_who_wanted_several_together_waits_for_what_is_left_or_gets_it(session: Session) -> None:
    told = parts(0, 1, 0, quota_choice="any")
    event = an_event(session, told)
    gets = a_registration(session, event, quota_ids=tuple(each.id for each in told.quotas[:2]), together=True)
    waits = a_registration(session, event, quota_ids=(told.quotas[0].id, told.quotas[2].id), together=True)

    without(session, told, 0)
    said = job(session)

    assert standing(session, gets) == ("confirmed", ["held", "released"])
    assert standing(session, waits) == ("waiting", ["released", "waiting"])
    assert names_of(said) == ["PlaceChangeNoted", "PlaceChangeNoted", "RegistrationConfirmed"]
    noted = {each.registration.id: each for each in said if isinstance(each, PlaceChangeNoted)}
    assert noted[waits.id].ended
    assert [(each.quota_id, each.position) for each in noted[waits.id].registration.places] == [(told.quotas[2].id, 1)]


def test_who_has_a_place_and_waited_for_another_keeps_it(session: Session) -> None:
    told = parts(1, 0)
    event = an_event(session, told)
    anna = a_registration(session, event, quota_ids=(told.quotas[0].id,))
    change_places(anna.id, [told.quotas[1].id], session=session, now=NOW, links=LINKS)

    without(session, told, 1)
    (message,) = job(session)

    assert isinstance(message, PlaceChangeNoted)
    assert (message.ended, message.registration.status) == (True, "confirmed")
    assert standing(session, anna) == ("confirmed", ["held", "released"])
    assert session.scalars(select(Place.replaced_by).where(Place.replaced_by.is_not(None))).all() == []


def test_applications_there_end_too_and_places_there_stay(session: Session) -> None:
    rules = SignUpRules(selection="approval")
    told = parts(2, 2, sign_up=rules, quota_choice="any")
    event = an_event(session, told)
    one, both = (told.quotas[0].id,), tuple(each.id for each in told.quotas)
    holder = a_registration(session, event, quota_ids=one)
    session.scalars(select(Place)).one().state = "held"
    session.get_one(Registration, holder.id).status = "confirmed"
    session.get_one(Quota, one[0]).taken = 1
    session.flush()
    applied, elsewhere = a_registration(session, event, quota_ids=one), a_registration(session, event, quota_ids=both)

    without(session, told, 0)
    job(session)

    assert standing(session, holder) == ("confirmed", ["held"])
    assert standing(session, applied) == ("cancelled", ["released"])
    assert standing(session, elsewhere) == ("waiting", ["applied", "released"])


def test_a_place_that_comes_free_in_a_part_that_ended_goes_to_nobody(session: Session) -> None:
    told = parts(1, 1)
    event = an_event(session, told)
    holder, waits = (a_registration(session, event, quota_ids=(told.quotas[0].id,)) for _ in range(2))

    without(session, told, 0)
    cancel_registration(holder.id, by="attendee", session=session, now=NOW, links=LINKS)

    assert standing(session, waits) == ("waiting", ["waiting"])
    job(session)
    assert standing(session, waits) == ("cancelled", ["released"])


def test_who_has_not_confirmed_her_address_yet_learns_it_then(session: Session) -> None:
    told = parts(0, 1, quota_choice="any")
    event = an_event(session, told)
    both = tuple(each.id for each in told.quotas)
    pending = a_registration(session, event, quota_ids=both, together=True, terms=TERMS)

    without(session, told, 0)
    assert job(session) == []
    confirm_address(pending.id, session=session, now=NOW, links=LINKS)

    assert standing(session, pending) == ("confirmed", ["held", "released"])
    assert names_of(messages(session))[-1] == "RegistrationConfirmed"


def test_an_event_that_is_called_off_keeps_its_lists(session: Session) -> None:
    told = parts(0)
    waits = a_registration(session, an_event(session, told))

    an_event(session, replace(told, version=2, status="cancelled"))

    assert job(session) == []
    assert standing(session, waits) == ("waiting", ["waiting"])


def test_an_event_that_is_over_keeps_its_lists(session: Session) -> None:
    told = parts(0, 5)
    waits = a_registration(session, an_event(session, told), quota_ids=(told.quotas[0].id,))

    without(session, told, 0)

    assert job(session, told.sessions[0].ends_at) == []
    assert standing(session, waits) == ("waiting", ["waiting"])


def test_nobody_is_told_of_somebody_who_is_forgotten(session: Session) -> None:
    told = parts(0, 5)
    waits = a_registration(session, an_event(session, told), quota_ids=(told.quotas[0].id,))
    registrations.forget(session, [waits.id], now=NOW)

    without(session, told, 0)

    assert job(session) == []
    assert standing(session, waits) == ("waiting", ["waiting"])


def test_several_schedulers_tell_everybody_once(either_engine: Engine) -> None:
    sessions = sessions_for(either_engine)
    told = prepared(sessions, parts(0, 5))
    number = BATCH + 10
    with sessions.begin() as session:
        event = session.merge(an_event(session, told))
        for _ in range(number):
            a_registration(session, event, quota_ids=(told.quotas[0].id,))
        without(session, told, 0)

    def one_round() -> None:
        more = True
        while more:
            with sessions.begin() as session:
                more = leave_closed_lines(session=session, now=NOW, links=LINKS)

    at_once([one_round] * 4)

    with sessions.begin() as session:
        ended = [each.registration.id for each in messages(session) if isinstance(each, RegistrationCancelled)]
        assert len(ended) == len(set(ended)) == number
        assert session.get_one(Quota, told.quotas[0].id).waiting == 0

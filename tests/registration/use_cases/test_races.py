"""Many people at once, on both databases, with threads that really collide."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import cycle
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from services.registration.domain.registrations import Receipt
from services.registration.domain.rejections import ConfirmationExpired
from services.registration.storage import events
from services.registration.storage.tables import Place, Quota, Registration
from services.registration.use_cases.cancel_registration import cancel_registration
from services.registration.use_cases.confirm_address import confirm_address
from services.registration.use_cases.expire_unconfirmed import expire_unconfirmed
from services.registration.use_cases.learn_of_event import learn_of_event
from services.registration.use_cases.sign_up import sign_up
from shared.contracts.events import EventSnapshot
from shared.database import sessions_for
from shared.messaging.tables import outbox
from tests.registration.builders import (
    AT_ONCE,
    LINKS,
    NOW,
    TERMS,
    a_quota,
    a_registration,
    a_snapshot,
    a_wish,
    an_event,
    at_the_door,
    later,
)


def at_once(jobs: list[Callable[[], Any]], threads: int = 24) -> list[Any]:
    """Run all of them, as many as possible at the same moment; an exception comes out here."""
    with ThreadPoolExecutor(threads) as pool:
        return [future.result() for future in [pool.submit(job) for job in jobs]]


_ways = cycle((True, True, False))


def signing_up(sessions: sessionmaker[Session], event_id: UUID, **more: Any) -> Callable[[], Receipt]:
    """Somebody who signs up, two of three in one statement where the database can, the third in a transaction."""
    terms, engine, quickly = more.pop("terms", AT_ONCE), sessions.kw["bind"], next(_ways)

    def job() -> Receipt:
        if quickly:
            return at_the_door(engine, event_id, a_wish(**more), terms=terms)
        with sessions.begin() as session:
            event = events.get(session, event_id)
            return sign_up(a_wish(**more), event=event, session=session, now=NOW, terms=terms)

    return job


def cancelling(sessions: sessionmaker[Session], registration_id: UUID) -> Callable[[], bool]:
    """Somebody who cancels."""

    def job() -> bool:
        with sessions.begin() as session:
            return cancel_registration(registration_id, by="attendee", session=session, now=NOW, links=LINKS)

    return job


def prepared(sessions: sessionmaker[Session], told: EventSnapshot) -> EventSnapshot:
    """An event in the database."""
    with sessions.begin() as session:
        an_event(session, told)
    return told


def assert_sound(sessions: sessionmaker[Session], told: EventSnapshot, capacity: dict[UUID, int]) -> None:
    """Counters agree with places, nothing is oversold, no place is free while somebody waits."""
    with sessions.begin() as session:
        for quota in session.scalars(select(Quota).where(Quota.event_id == told.id)):
            states = Counter(session.scalars(select(Place.state).where(Place.quota_id == quota.id)))
            assert (quota.taken, quota.waiting) == (states["held"], states["waiting"])
            assert quota.taken <= capacity[quota.id]
            assert quota.taken == capacity[quota.id] or quota.waiting == 0
        assert session.scalar(select(func.count()).select_from(outbox).where(outbox.c.aggregate == "")) == 0


def test_two_hundred_sign_ups_for_twenty_five_places_fill_it_exactly(either_engine: Engine) -> None:
    sessions = sessions_for(either_engine)
    told = prepared(sessions, a_snapshot(capacity=25))

    receipts = at_once([signing_up(sessions, told.id) for _ in range(200)])

    positions = [each.position for each in receipts]
    assert positions.count(None) == 25
    assert sorted(filter(None, positions)) == list(range(1, 176))
    assert_sound(sessions, told, {told.quotas[0].id: 25})
    with sessions.begin() as session:
        numbers = session.scalars(select(Place.number).where(Place.number.is_not(None)).order_by(Place.number)).all()
        assert numbers == list(range(1, 176))


def test_the_same_address_signing_up_at_once_is_registered_once(either_engine: Engine) -> None:
    sessions = sessions_for(either_engine)
    told = prepared(sessions, a_snapshot(capacity=5))

    receipts = at_once([signing_up(sessions, told.id, email="anna@example.org", terms=TERMS) for _ in range(20)])

    assert {(each.status, each.position) for each in receipts} == {("pending", None)}
    with sessions.begin() as session:
        assert session.scalar(select(func.count()).select_from(Registration)) == 1
        repeated = outbox.c.type == "registration.sign_up_repeated.v1"
        assert session.scalar(select(func.count()).select_from(outbox).where(repeated)) == 1


def test_cancelling_while_others_sign_up_leaves_no_place_unused(either_engine: Engine) -> None:
    sessions = sessions_for(either_engine)
    told = prepared(sessions, a_snapshot(capacity=10))
    first = [signing_up(sessions, told.id)() for _ in range(20)]

    jobs: list[Callable[[], Any]] = [cancelling(sessions, each.id) for each in first for _ in range(2)]
    jobs += [signing_up(sessions, told.id) for _ in range(30)]
    at_once([job for pair in zip(jobs[::2], jobs[1::2], strict=True) for job in pair])

    assert_sound(sessions, told, {told.quotas[0].id: 10})
    with sessions.begin() as session:
        alive = Counter(session.scalars(select(Registration.status)))
    assert alive == {"cancelled": 20, "confirmed": 10, "waiting": 20}


def test_people_in_several_quotas_leave_without_a_deadlock(either_engine: Engine) -> None:
    sessions = sessions_for(either_engine)
    one, two, three = a_quota(5), a_quota(5), a_quota(5)
    told = prepared(sessions, a_snapshot(quotas=(one, two, three), quota_choice="any"))
    pairs = [(one.id, two.id), (two.id, three.id), (three.id, one.id), (three.id, two.id, one.id)]
    guests = [signing_up(sessions, told.id, quota_ids=pairs[number % 4])() for number in range(32)]

    jobs: list[Callable[[], Any]] = [cancelling(sessions, each.id) for each in guests[:24]]
    jobs += [signing_up(sessions, told.id, quota_ids=pairs[number % 4]) for number in range(24)]
    at_once([job for pair in zip(jobs[:24], jobs[24:], strict=True) for job in pair])

    assert_sound(sessions, told, {each.id: 5 for each in told.quotas})


def test_everything_at_once_stays_sound(either_engine: Engine) -> None:
    sessions = sessions_for(either_engine)
    quota = a_quota(8)
    told = prepared(sessions, a_snapshot(quotas=(quota,)))
    pending = [signing_up(sessions, told.id, terms=TERMS)() for _ in range(16)]
    settled = [signing_up(sessions, told.id)() for _ in range(8)]
    more = a_snapshot(id=told.id, version=2, quotas=(a_quota(12, id=quota.id),))

    jobs: list[Callable[[], Any]] = [growing(sessions, more), expiring(sessions)]
    for one, other in zip(pending[:8], settled, strict=True):
        jobs += [confirming(sessions, one.id), cancelling(sessions, other.id), signing_up(sessions, told.id)]
    at_once(jobs[10:] + jobs[:10])
    expiring(sessions)()

    assert_sound(sessions, told, {quota.id: 12})


def confirming(sessions: sessionmaker[Session], registration_id: UUID) -> Callable[[], Any]:
    """Somebody who uses her link, perhaps too late."""

    def job() -> None:
        with suppress(ConfirmationExpired), sessions.begin() as session:
            confirm_address(registration_id, session=session, now=NOW, links=LINKS)

    return job


def expiring(sessions: sessionmaker[Session]) -> Callable[[], Any]:
    """The job that comes round."""

    def job() -> None:
        with sessions.begin() as session:
            expire_unconfirmed(session=session, now=later(hours=1), links=LINKS)

    return job


def growing(sessions: sessionmaker[Session], more: EventSnapshot) -> Callable[[], Any]:
    """The organiser who adds places."""

    def job() -> None:
        with sessions.begin() as session:
            learn_of_event(more, session=session, now=NOW, links=LINKS)

    return job


def test_a_registration_keeps_its_message_versions_in_step(session: Session) -> None:
    event = an_event(session, capacity=1)
    leaver, waiter = a_registration(session, event), a_registration(session, event)

    cancel_registration(leaver.id, by="attendee", session=session, now=NOW, links=LINKS)
    cancel_registration(waiter.id, by="attendee", session=session, now=NOW, links=LINKS)

    about = f"registration:{waiter.id}"
    versions = session.scalars(select(outbox.c.version).where(outbox.c.aggregate == about).order_by(outbox.c.id)).all()
    assert versions == [1, 2, 3]

"""Offers, approvals, draws and several quotas at once, with threads that really collide."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from time import monotonic, sleep
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session, sessionmaker

from services.registration.domain.invitations import InvitationWish, Invitee
from services.registration.domain.rejections import NotApplied, OfferIsOver
from services.registration.storage import draws, events
from services.registration.storage.tables import Place, Quota, Registration
from services.registration.use_cases.accept_invitation import accept_invitation
from services.registration.use_cases.answer_offer import expire_offers, take_offer
from services.registration.use_cases.decide_application import approve
from services.registration.use_cases.draw_places import draw_places, tell_drawn
from services.registration.use_cases.invite import invite
from services.registration.use_cases.sign_up import sign_up
from shared.contracts.events import SignUpRules
from shared.contracts.registration import RegistrationConfirmed, RegistrationWaitlisted
from shared.database import is_sqlite, sessions_for
from shared.errors import Rejection
from shared.policy import Actor, Role
from tests.registration.builders import (
    AT_ONCE,
    LINKS,
    NOW,
    ORGANISATION,
    TERMS,
    a_quota,
    a_snapshot,
    a_wish,
    messages,
)
from tests.registration.use_cases.test_races import at_once, cancelling, prepared, signing_up

ORGANISER = Actor(id=uuid4(), kind="account", organisations={ORGANISATION: Role.ORGANISER})
DUE = NOW + timedelta(days=2)


def doing(sessions: sessionmaker[Session], act: Callable[..., Any], *args: Any, **how: Any) -> Callable[[], Any]:
    """A use case in a transaction of its own; a refusal is an answer."""

    def job() -> Any:
        try:
            with sessions.begin() as session:
                return act(*args, session=session, **{"links": LINKS, "now": NOW, **how})
        except Rejection as rejection:
            return type(rejection)

    return job


def assert_sound(sessions: sessionmaker[Session], capacity: dict[UUID, int]) -> None:
    """Counters agree with places, nothing is oversold, nobody waits for a free place alone."""
    with sessions.begin() as session:
        for quota in session.scalars(select(Quota)):
            states = Counter(session.scalars(select(Place.state).where(Place.quota_id == quota.id)))
            assert (quota.taken, quota.waiting) == (states["held"] + states["offered"], states["waiting"])
            assert quota.taken <= capacity[quota.id]


def told(
    sessions: sessionmaker[Session], kind: type[RegistrationConfirmed] | type[RegistrationWaitlisted]
) -> Counter[UUID]:
    """How often each person heard this."""
    with sessions.begin() as session:
        return Counter(each.registration.id for each in messages(session) if isinstance(each, kind))


def test_a_place_that_is_taken_at_the_last_second_is_hers_or_somebody_elses(either_engine: Engine) -> None:
    sessions = sessions_for(either_engine)
    plan = prepared(sessions, a_snapshot(capacity=8, sign_up=SignUpRules(offer_hours=12)))
    holders = [signing_up(sessions, plan.id)().id for _ in range(8)]
    asked = [signing_up(sessions, plan.id)().id for _ in range(16)][:8]
    for each in holders:
        cancelling(sessions, each)()
    until = NOW + timedelta(hours=12)

    takers = [doing(sessions, take_offer, each, now=until - timedelta(seconds=1)) for each in asked]
    jobs = [doing(sessions, expire_offers, now=until) for _ in range(8)]
    answers = at_once([job for pair in zip(takers, jobs, strict=True) for job in pair])[::2]

    assert_sound(sessions, {plan.quotas[0].id: 8})
    with sessions.begin() as session:
        statuses = {each: session.get_one(Registration, each).status for each in asked}
        places = Counter(session.scalars(select(Place.state)))
    assert list(statuses.values()) == ["expired" if each is OfferIsOver else "confirmed" for each in answers]
    assert places["held"] + places["offered"] == 8
    assert all(told(sessions, RegistrationConfirmed)[each] == (statuses[each] == "confirmed") for each in asked)


def test_two_organisers_who_choose_the_same_people_choose_them_once(either_engine: Engine) -> None:
    sessions = sessions_for(either_engine)
    plan = prepared(sessions, a_snapshot(capacity=5, sign_up=SignUpRules(selection="approval")))
    people = [signing_up(sessions, plan.id)().id for _ in range(20)]
    with sessions.begin() as session:
        event = events.get(session, plan.id)

    orders = [people, people[::-1], people[10:] + people[:10], people[::2]]
    answers = at_once([doing(sessions, approve, each, event=event, actor=ORGANISER) for each in orders])
    at_once([doing(sessions, tell_drawn) for _ in range(4)])

    assert sum(each for each in answers if each is not NotApplied) == 20
    assert_sound(sessions, {plan.quotas[0].id: 5})
    _assert_everybody_heard_once(sessions, people, places=5)


def test_two_schedulers_draw_once_and_tell_everybody_once(either_engine: Engine) -> None:
    sessions = sessions_for(either_engine)
    rules = SignUpRules(selection="lottery", decides_at=DUE)
    plan = prepared(sessions, a_snapshot(capacity=5, sign_up=rules))
    people = [signing_up(sessions, plan.id)().id for _ in range(20)]

    at_once([doing(sessions, act, now=DUE) for _ in range(4) for act in (draw_places, tell_drawn)])
    at_once([doing(sessions, tell_drawn, now=DUE) for _ in range(4)])

    with sessions.begin() as session:
        draw = draws.find(session, plan.id)
        assert draw is not None
        assert sorted(draw.lots) == sorted(LINKS.lot(each) for each in people)
        numbers = session.scalars(select(Place.number).order_by(Place.number)).all()
        assert numbers == list(range(1, 21))
    assert_sound(sessions, {plan.quotas[0].id: 5})
    _assert_everybody_heard_once(sessions, people, places=5)


@pytest.mark.parametrize("is_first", [True, False])
def test_whoever_applies_while_it_is_drawn_is_drawn_or_comes_right_after(either_engine: Engine, is_first: bool) -> None:
    if is_sqlite(either_engine):
        return  # it has one writer at a time
    sessions = sessions_for(either_engine)
    plan = prepared(sessions, a_snapshot(capacity=1, sign_up=SignUpRules(selection="lottery", decides_at=DUE)))

    def apply(session: Session) -> None:
        sign_up(a_wish(), event=events.get(session, plan.id), session=session, now=DUE, terms=AT_ONCE)

    def draw(session: Session) -> None:
        draw_places(session=session, now=DUE, links=LINKS)

    _one_within_the_other(either_engine, *((apply, draw) if is_first else (draw, apply)))

    with sessions.begin() as session:
        assert session.scalars(select(Place.state)).all() == ["held"]
        assert session.scalars(select(Registration.status)).all() == ["confirmed"]


def test_quotas_wanted_together_in_any_order_end_neither_in_a_deadlock_nor_oversold(either_engine: Engine) -> None:
    sessions = sessions_for(either_engine)
    one, two = a_quota(4), a_quota(4)
    plan = prepared(sessions, a_snapshot(quotas=(one, two), quota_choice="any"))
    orders = [(one.id, two.id), (two.id, one.id)]
    guests = [signing_up(sessions, plan.id, quota_ids=orders[at % 2], together=True)().id for at in range(24)]
    invitations = [_invited(sessions, plan.id, orders[at % 2][0]) for at in range(12)]

    jobs: list[Callable[[], Any]] = []
    for at, (guest, invitation) in enumerate(zip(guests, invitations, strict=False)):
        jobs += [
            cancelling(sessions, guest),
            signing_up(sessions, plan.id, quota_ids=orders[at % 2], together=True),
            signing_up(sessions, plan.id, quota_ids=orders[at % 2][:1]),
            _accepting(sessions, invitation),
        ]
    at_once(jobs)

    assert_sound(sessions, {one.id: 4, two.id: 4})
    with sessions.begin() as session:
        by_person: dict[UUID, set[str]] = {}
        for who, state in session.execute(select(Place.registration_id, Place.state).where(Place.together)):
            by_person.setdefault(who, set()).add(state)
        assert all(len(states) == 1 for states in by_person.values())  # both or none
        full = {each.id: each.taken == each.capacity for each in session.scalars(select(Quota))}
        alone = session.scalars(select(Place.quota_id).where(Place.state == "waiting", ~Place.together))
        assert all(full[each] for each in alone)
        assert any(full.values())


def _assert_everybody_heard_once(sessions: sessionmaker[Session], people: list[UUID], *, places: int) -> None:
    confirmed, waiting = told(sessions, RegistrationConfirmed), told(sessions, RegistrationWaitlisted)
    assert sorted([*confirmed.elements(), *waiting.elements()]) == sorted(people)
    assert len(confirmed) == places


def _one_within_the_other(engine: Engine, first: Callable[[Session], None], second: Callable[[Session], None]) -> None:
    """The second begins when the first has done everything but commit, and has to wait for it."""

    def follow() -> None:
        with sessions_for(engine).begin() as session:
            second(session)

    with sessions_for(engine)() as session:
        first(session)
        session.flush()
        thread = Thread(target=follow)
        thread.start()
        _until_it_waits(engine, thread)
        session.commit()
        thread.join(30)


def _until_it_waits(engine: Engine, thread: Thread) -> None:
    deadline = monotonic() + 30
    waits = text(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_stat_activity "
        "WHERE datname = current_database())"
    )
    with engine.connect() as connection:
        while thread.is_alive() and not connection.execute(waits).scalar() and monotonic() < deadline:
            sleep(0.02)


def _invited(sessions: sessionmaker[Session], event_id: UUID, quota_id: UUID) -> UUID:
    wish = InvitationWish(invitees=(Invitee(address=a_wish().address, locale="de"),), quota_id=quota_id)
    with sessions.begin() as session:
        event = events.get(session, event_id)
        (invitation,), _ = invite(wish, event=event, actor=ORGANISER, session=session, now=NOW, terms=TERMS)
    return invitation


def _accepting(sessions: sessionmaker[Session], invitation_id: UUID) -> Callable[[], Any]:
    def job() -> Any:
        with sessions.begin() as session:
            token = LINKS.invitation_token(invitation_id)
            return accept_invitation(token, a_wish(), session=session, now=NOW, terms=TERMS)

    return job

"""Places that come free, and who gets them."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registration.domain.registrations import Status
from services.registration.domain.rejections import ConfirmationExpired, EventIsOver, RegistrationCancelled
from services.registration.storage import registrations
from services.registration.storage.tables import Place, Quota, Registration
from services.registration.use_cases.cancel_registration import cancel_registration
from services.registration.use_cases.confirm_address import confirm_address
from services.registration.use_cases.expire_unconfirmed import expire_unconfirmed
from services.registration.use_cases.learn_of_event import learn_of_event
from shared.contracts.registration import AvailabilityChanged, RegistrationConfirmed
from shared.contracts.registration import RegistrationCancelled as Cancelled
from tests.registration.builders import (
    LINKS,
    NOW,
    TERMS,
    a_quota,
    a_registration,
    a_session,
    a_snapshot,
    an_event,
    later,
    messages,
    names_of,
)


def statuses(session: Session) -> dict[str, str]:
    """Of every registration, by name."""
    session.flush()
    return {row.name: row.status for row in session.execute(select(Registration.name, Registration.status))}


def counters(session: Session) -> list[tuple[int, int]]:
    """(taken, waiting) of every quota in order."""
    session.flush()
    return [tuple(row) for row in session.execute(select(Quota.taken, Quota.waiting).order_by(Quota.position))]


def cancel(session: Session, registration_id: object, *, by: str = "attendee", now: object = NOW) -> bool:
    """Cancel as the use case does."""
    return cancel_registration(registration_id, by=by, session=session, now=now, links=LINKS)


def test_a_freed_place_goes_to_the_first_who_waits_at_once(session: Session) -> None:
    event = an_event(session, capacity=1)
    leaver = a_registration(session, event, name="Leaver")
    first = a_registration(session, event, name="First")
    a_registration(session, event, name="Second")

    cancel(session, leaver.id)

    assert statuses(session) == {"Leaver": "cancelled", "First": "confirmed", "Second": "waiting"}
    assert counters(session) == [(1, 1)]
    told = messages(session)[-3:]
    assert names_of(told) == ["RegistrationConfirmed", "RegistrationCancelled"]
    confirmed, availability, cancelled = told
    assert isinstance(confirmed, RegistrationConfirmed)
    assert (confirmed.registration.id, confirmed.from_waiting_list) == (first.id, True)
    assert confirmed.registration.ticket_code == LINKS.ticket_code(first.id)
    assert isinstance(availability, AvailabilityChanged)
    assert (availability.free, availability.waiting) == (0, 1)
    assert isinstance(cancelled, Cancelled)
    assert (cancelled.had_place, cancelled.by, cancelled.registration.places) == (True, "attendee", ())


def test_positions_close_up_when_somebody_leaves_the_list(session: Session) -> None:
    event = an_event(session, capacity=0)
    first, second, third = (a_registration(session, event) for _ in range(3))

    cancel(session, second.id)
    session.flush()

    quota_id = next(iter(first.places))
    assert registrations.positions(session, first.id) == {quota_id: 1}
    assert registrations.positions(session, third.id) == {quota_id: 2}
    assert counters(session) == [(0, 2)]


def test_cancelling_twice_changes_nothing(session: Session) -> None:
    event = an_event(session, capacity=2)
    leaver = a_registration(session, event)
    cancel(session, leaver.id)
    before = messages(session)

    assert cancel(session, leaver.id) is False

    assert counters(session) == [(0, 0)]
    assert messages(session) == before


def test_nothing_is_cancelled_after_the_event(session: Session) -> None:
    event = an_event(session)
    guest = a_registration(session, event)

    with pytest.raises(EventIsOver):
        cancel(session, guest.id, now=later(days=30))

    assert counters(session) == [(1, 0)]


def test_the_link_in_the_mail_makes_the_place_count(session: Session) -> None:
    event = an_event(session)
    receipt = a_registration(session, event, terms=TERMS)

    confirm_address(receipt.id, session=session, now=later(minutes=29), links=LINKS)

    assert set(statuses(session).values()) == {"confirmed"}
    assert names_of(messages(session)) == ["AddressConfirmationRequested", "RegistrationConfirmed"]


def test_the_link_in_the_mail_makes_the_position_count(session: Session) -> None:
    event = an_event(session, capacity=0)
    receipt = a_registration(session, event, terms=TERMS)

    registration = confirm_address(receipt.id, session=session, now=NOW, links=LINKS)

    assert registration.status == Status.WAITING
    assert names_of(messages(session))[-1] == "RegistrationWaitlisted"


def test_using_the_link_again_is_harmless(session: Session) -> None:
    event = an_event(session)
    receipt = a_registration(session, event, terms=TERMS)
    confirm_address(receipt.id, session=session, now=NOW, links=LINKS)
    before = messages(session)

    confirm_address(receipt.id, session=session, now=later(days=3), links=LINKS)

    assert messages(session) == before


def test_a_late_link_does_not_count_even_before_the_job_comes_round(session: Session) -> None:
    event = an_event(session)
    receipt = a_registration(session, event, terms=TERMS)

    with pytest.raises(ConfirmationExpired):
        confirm_address(receipt.id, session=session, now=later(minutes=30), links=LINKS)

    assert set(statuses(session).values()) == {"pending"}


def test_a_cancelled_registration_cannot_be_confirmed(session: Session) -> None:
    event = an_event(session)
    receipt = a_registration(session, event, terms=TERMS)
    cancel(session, receipt.id)

    with pytest.raises(RegistrationCancelled):
        confirm_address(receipt.id, session=session, now=NOW, links=LINKS)


def test_an_unconfirmed_place_lapses_and_goes_to_the_next(session: Session) -> None:
    event = an_event(session, capacity=1)
    a_registration(session, event, name="Forgets", terms=TERMS)
    a_registration(session, event, name="Waits")

    assert expire_unconfirmed(session=session, now=later(minutes=29), links=LINKS) == 0
    assert expire_unconfirmed(session=session, now=later(minutes=30), links=LINKS) == 1

    assert statuses(session) == {"Forgets": "expired", "Waits": "confirmed"}
    (cancelled,) = (each for each in messages(session) if isinstance(each, Cancelled))
    assert (cancelled.by, cancelled.had_place) == ("expiry", False)


def test_whoever_confirmed_her_address_moves_up_first(session: Session) -> None:
    event = an_event(session, capacity=1)
    leaver = a_registration(session, event, name="Leaver")
    a_registration(session, event, name="Silent", terms=TERMS)
    a_registration(session, event, name="Answered")

    cancel(session, leaver.id)

    assert statuses(session) == {"Leaver": "cancelled", "Silent": "pending", "Answered": "confirmed"}


def test_an_unconfirmed_address_gets_the_place_when_nobody_else_waits(session: Session) -> None:
    event = an_event(session, capacity=1)
    leaver = a_registration(session, event, name="Leaver")
    silent = a_registration(session, event, name="Silent", terms=TERMS)

    cancel(session, leaver.id)

    assert counters(session) == [(1, 0)]
    assert statuses(session)["Silent"] == "pending"
    confirmed = confirm_address(silent.id, session=session, now=NOW, links=LINKS)
    assert confirmed.status == Status.CONFIRMED


def test_more_places_go_to_those_who_wait(session: Session) -> None:
    told = a_snapshot(quotas=(a_quota(1),))
    event = an_event(session, told)
    for name in ("One", "Two", "Three", "Four"):
        a_registration(session, event, name=name)
    more = a_snapshot(id=told.id, version=2, quotas=(a_quota(3, id=told.quotas[0].id),))

    learn_of_event(more, session=session, now=NOW, links=LINKS)

    assert statuses(session) == {"One": "confirmed", "Two": "confirmed", "Three": "confirmed", "Four": "waiting"}
    assert counters(session) == [(3, 1)]


def test_fewer_places_push_nobody_out(session: Session) -> None:
    told = a_snapshot(quotas=(a_quota(3),))
    event = an_event(session, told)
    guests = [a_registration(session, event, name=name) for name in ("One", "Two", "Three")]
    less = a_snapshot(id=told.id, version=2, quotas=(a_quota(1, id=told.quotas[0].id),))

    learn_of_event(less, session=session, now=NOW, links=LINKS)
    a_registration(session, event, name="Four")
    cancel(session, guests[0].id)

    assert statuses(session) == {"One": "cancelled", "Two": "confirmed", "Three": "confirmed", "Four": "waiting"}
    assert counters(session) == [(2, 1)]


def test_late_old_news_is_ignored(session: Session) -> None:
    told = a_snapshot(version=3, capacity=5)
    an_event(session, told)
    before = messages(session)
    old = a_snapshot(id=told.id, version=2, slug="old", quotas=(a_quota(99, id=told.quotas[0].id),))

    assert learn_of_event(old, session=session, now=NOW, links=LINKS) is False

    assert session.scalars(select(Quota.capacity)).all() == [5]
    assert messages(session) == before


def test_a_quota_that_is_gone_closes_and_keeps_its_people(session: Session) -> None:
    stays, goes = a_quota(1), a_quota(1)
    told = a_snapshot(quotas=(stays, goes))
    event = an_event(session, told)
    a_registration(session, event, name="Guest", quota_ids=(goes.id,))

    learn_of_event(a_snapshot(id=told.id, version=2, quotas=(stays,)), session=session, now=NOW, links=LINKS)

    assert statuses(session) == {"Guest": "confirmed"}
    assert session.scalars(select(Quota.is_open).order_by(Quota.position)).all() == [True, False]


def test_a_cancelled_event_keeps_its_registrations_and_gives_no_places(session: Session) -> None:
    told = a_snapshot(capacity=1)
    event = an_event(session, told)
    guest = a_registration(session, event, name="Guest")
    a_registration(session, event, name="Waits")
    off = a_snapshot(id=told.id, version=2, status="cancelled", quotas=told.quotas)

    learn_of_event(off, session=session, now=NOW, links=LINKS)
    cancel(session, guest.id)

    assert statuses(session) == {"Guest": "cancelled", "Waits": "waiting"}


def test_nobody_moves_up_after_the_event(session: Session) -> None:
    event = an_event(session, capacity=1, sessions=(a_session(ends_at=later(minutes=10)),))
    a_registration(session, event, name="Forgets", terms=TERMS)
    a_registration(session, event, name="Waits")

    expire_unconfirmed(session=session, now=later(minutes=31), links=LINKS)

    assert statuses(session) == {"Forgets": "expired", "Waits": "waiting"}


def test_somebody_in_two_lists_moves_up_in_each(session: Session) -> None:
    one, two = a_quota(1), a_quota(1)
    event = an_event(session, quotas=(one, two), quota_choice="any")
    leaver = a_registration(session, event, quota_ids=(one.id, two.id))
    waiter = a_registration(session, event, quota_ids=(one.id, two.id))

    cancel(session, leaver.id)

    assert counters(session) == [(1, 0), (1, 0)]
    states = session.scalars(select(Place.state).where(Place.registration_id == waiter.id)).all()
    assert states == ["held", "held"]
    assert names_of(messages(session)).count("RegistrationConfirmed") == 2

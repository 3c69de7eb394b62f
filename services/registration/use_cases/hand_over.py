"""She hands her place to somebody she knows, who has to say yes; in between it is never free."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from services.registration.domain.addresses import Address
from services.registration.domain.hand_overs import (
    MOST,
    Friend,
    HandOverIsOpen,
    HandOverIsOver,
    HandOverState,
    NoHandOver,
    TooManyHandOvers,
    answer_until,
)
from services.registration.domain.her_sessions import her_sessions
from services.registration.domain.links import Links
from services.registration.domain.registrations import PlaceState, SignUpWish, Status, Terms
from services.registration.domain.secrets import fingerprint
from services.registration.domain.sign_up import NewRegistration, draft
from services.registration.storage import events, hand_overs, registrations
from services.registration.storage.quotas import Counters
from services.registration.storage.tables import HandOver, Place, Registration
from services.registration.use_cases.end_registration import hold
from services.registration.use_cases.free_places import let_go, move_up
from services.registration.use_cases.keep_answers import ensure_answered, keep_answers
from services.registration.use_cases.news import first_news, news_of, tell, tell_availability, tell_first
from services.registration.use_cases.sign_up import note_consents, remind_owner
from shared.contracts.registration import HandOverProposed, RegistrationCancelled
from shared.errors import N_, InvalidInput
from shared.messaging import outbox


def hand_over(registration_id: UUID, friend: Friend, *, session: Session, now: datetime, links: Links) -> HandOver:
    """Ask a friend by mail whether she takes the place. Whether she is registered already, nobody learns.

    Raises NoHandOver, HandOverIsOpen, TooManyHandOvers, InvalidInput for her own address.
    """
    (registration,) = registrations.lock(session, [registration_id])
    ensure_possible(registration, now)
    if hand_overs.find_open(session, registration_id) is not None:
        raise HandOverIsOpen
    if hand_overs.count(session, registration_id) >= MOST:
        raise TooManyHandOvers
    if friend.address.key == registration.email_key:
        raise InvalidInput({"email": [N_("This is your own address.")]})
    asked = _asked(registration, friend, now=now, links=links)
    session.add(asked)
    session.flush()
    message = HandOverProposed(
        hand_over_id=asked.id,
        event=events.snapshot(registration.event),
        giver=registration.name,
        name=friend.name,
        email=asked.email,
        ascii_email=asked.ascii_email,
        locale=registration.locale,
        url=links.hand_over(asked.id),
        deadline=asked.deadline,
    )
    outbox.add(session, message, aggregate=f"hand_over:{asked.id}", version=1)
    return asked


def take_back(registration_id: UUID, *, session: Session, now: datetime) -> bool:
    """She keeps her place after all; False if there is nothing to take back."""
    registrations.lock(session, [registration_id])
    found = hand_overs.find_open(session, registration_id)
    if found is not None:
        hand_overs.close(found, HandOverState.WITHDRAWN, now=now)
    return found is not None


def take_over(token: str, wish: SignUpWish, *, session: Session, now: datetime, terms: Terms) -> None:
    """The friend says yes: the place passes to her in this transaction.

    An address that is registered already gets a mail with the link to its own page instead, and here the same answer
    as everybody. Raises HandOverIsOver, InvalidInput.
    """
    known = hand_overs.find_by_token(session, token)
    if known is not None and known.state == HandOverState.TAKEN:
        return  # pressed twice
    known = find_to_take(token, session=session, now=now)
    held = hold(session, [known.registration_id])
    found = hand_overs.find_open(session, known.registration_id)
    if not held or found is None or found.id != known.id or not _is_possible(held[0], now):
        raise HandOverIsOver
    (giver,) = held
    ensure_answered(wish, giver.event)
    address = Address(written=found.email, ascii=found.ascii_email, key=found.email_key)
    passed = [each for each in giver.places if each.state == PlaceState.HELD]
    wish = replace(wish, address=address, quota_ids=tuple(each.quota_id for each in passed), source="hand_over")
    told = events.snapshot(giver.event)
    drafted = draft(wish, told, new_id=uuid4(), now=now, terms=terms, by_organiser=True)
    if not registrations.add(session, **vars(drafted.registration)):
        remind_owner(session, drafted.registration, now=now, terms=terms)
        return
    note_consents(session, drafted.registration, drafted.agreed)
    if wish.sheet is not None:
        keep_answers(drafted.registration.id, wish.sheet, session=session, now=now, terms=terms)
    hand_overs.close(found, HandOverState.TAKEN, now=now)
    found.taken_by = drafted.registration.id
    _pass_on(session, giver, drafted.registration, passed, now=now, terms=terms)


def find_to_take(token: str, *, session: Session, now: datetime) -> HandOver:
    """What a friend's link opens. Raises HandOverIsOver."""
    found = hand_overs.find_by_token(session, token)
    if found is None or found.state != HandOverState.OPEN or found.deadline <= now:
        raise HandOverIsOver
    return found


def ensure_possible(registration: Registration, now: datetime) -> None:
    """Raises NoHandOver."""
    if not events.snapshot(registration.event).sign_up.hand_over or not _is_possible(registration, now):
        raise NoHandOver


def _is_possible(registration: Registration, now: datetime) -> bool:
    told = events.snapshot(registration.event)
    start = _starts_at(registration)
    is_hers = registration.status == Status.CONFIRMED and start is not None
    held = {each.quota_id for each in registration.places if each.state == PlaceState.HELD}
    is_offered = held <= {each.id for each in told.quotas}  # nobody new takes part where the organiser ended it
    return is_hers and is_offered and told.status == "published" and start is not None and now < start


def _starts_at(registration: Registration) -> datetime | None:
    hers = [each.quota_id for each in registration.places if each.state == PlaceState.HELD]
    found = her_sessions(events.snapshot(registration.event), hers) if hers else []
    return found[0].starts_at if found else None


def _asked(registration: Registration, friend: Friend, *, now: datetime, links: Links) -> HandOver:
    new_id = uuid4()
    start = _starts_at(registration)
    return HandOver(
        id=new_id,
        registration_id=registration.id,
        event_id=registration.event_id,
        state=HandOverState.OPEN,
        name=friend.name,
        email=friend.address.written,
        ascii_email=friend.address.ascii,
        email_key=friend.address.key,
        token_hash=fingerprint(links.hand_over_token(new_id)),
        deadline=answer_until(now, start or now),
        created_at=now,
        changed_at=now,
    )


def _pass_on(
    session: Session,
    giver: Registration,
    taker: NewRegistration,
    passed: list[Place],
    *,
    now: datetime,
    terms: Terms,
) -> None:
    """The counters of the passed places do not change. What the giver only waits for goes to the next in line."""
    facts: dict[str, Any] = {"registration_id": taker.id, "state": PlaceState.HELD, "number": None, "together": False}
    registrations.add_places(session, [{**facts, "quota_id": each.quota_id} for each in passed])
    changed: dict[UUID, Counters] = {}
    for each in giver.places:
        if each in passed:
            each.state, each.replaced_by = PlaceState.RELEASED, None
        elif each.state != PlaceState.RELEASED:
            let_go(session, each, changed)
    giver.status, giver.cancelled_by = Status.CANCELLED, "hand_over"
    giver.changed_at, giver.version = now, giver.version + 1
    session.flush()
    told = events.snapshot(giver.event)
    news = news_of(session, giver, terms.links)
    tell(session, giver, RegistrationCancelled(registration=news, event=told, by="hand_over", had_place=True))
    places: dict[UUID, int | None] = {each.quota_id: None for each in passed}
    tell_first(session, taker, first_news(taker, places, told, terms=terms))
    move_up(session, changed, {giver.event_id: giver.event}, links=terms.links, now=now)
    tell_availability(session, changed.values())

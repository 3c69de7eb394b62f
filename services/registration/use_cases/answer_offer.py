"""A place is kept for somebody for a time: she takes it, refuses it, or lets the time pass."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.links import Links
from services.registration.domain.registrations import PlaceState, Status
from services.registration.domain.rejections import OfferIsOver
from services.registration.storage import offers
from services.registration.storage.quotas import Counters
from services.registration.storage.tables import Place, Registration
from services.registration.use_cases.end_registration import end, hold
from services.registration.use_cases.free_places import let_go, let_go_of_replaced, move_up
from services.registration.use_cases.news import tell_availability, tell_offer, tell_standing

BATCH = 50


def take_offer(registration_id: UUID, *, session: Session, now: datetime, links: Links) -> Registration:
    """The place is hers. Again is harmless once she has it. Raises OfferIsOver."""
    held = hold(session, [registration_id])
    if not held:
        raise OfferIsOver
    (registration,) = held
    open_ = [each for each in registration.places if _is_open(each, now)]
    if not open_:
        if registration.status == Status.CONFIRMED:
            return registration
        raise OfferIsOver
    for each in open_:
        each.state, each.offered_until = PlaceState.HELD, None
    changed: dict[UUID, Counters] = {}
    has_changed = let_go_of_replaced(session, registration, changed)
    registration.status = Status.CONFIRMED
    registration.version += 1
    registration.changed_at = now
    session.flush()
    tell_standing(session, registration, links=links, from_waiting_list=True, changed=has_changed)
    move_up(session, changed, {registration.event_id: registration.event}, links=links, now=now)
    tell_availability(session, changed.values())
    return registration


def refuse_offer(registration_id: UUID, *, session: Session, now: datetime, links: Links) -> None:
    """She does not want it: the next in line is asked. Raises OfferIsOver."""
    held = hold(session, [registration_id])
    if not held or not any(_is_open(each, now) for each in held[0].places):
        raise OfferIsOver
    offered = [each for each in held[0].places if each.state == PlaceState.OFFERED]
    _give_up(session, held[0], offered, by="attendee", now=now, links=links)


def expire_offers(*, session: Session, now: datetime, links: Links) -> bool:
    """What was not taken in time goes to the next in line, exactly once; whether there may be more."""
    late = offers.late(session, now, BATCH)
    held = [each for each in hold(session, late) if any(_is_late(place, now) for place in each.places)]
    for each in held:
        late_ones = [place for place in each.places if _is_late(place, now)]
        _give_up(session, each, late_ones, by="offer", now=now, links=links)
    return len(late) == BATCH


def _give_up(
    session: Session, registration: Registration, offered: list[Place], *, by: str, now: datetime, links: Links
) -> None:
    """Whoever has or waits for nothing else is no longer registered; else only these offered places go on."""
    living = {PlaceState.HELD, PlaceState.WAITING, PlaceState.OFFERED}
    if not any(each.state in living for each in registration.places if each not in offered):
        status = Status.CANCELLED if by == "attendee" else Status.EXPIRED
        end(session, [registration], status, by=by, links=links, now=now)
        return
    changed: dict[UUID, Counters] = {}
    for each in offered:
        let_go(session, each, changed)
    registration.version += 1
    registration.changed_at = now
    session.flush()
    _tell_what_is_left(session, registration, links=links)
    move_up(session, changed, {registration.event_id: registration.event}, links=links, now=now)
    tell_availability(session, changed.values())


def _tell_what_is_left(session: Session, registration: Registration, *, links: Links) -> None:
    kept = [each.offered_until for each in registration.places if each.offered_until is not None]
    if kept and registration.status == Status.WAITING:
        tell_offer(session, registration, min(kept), links=links)
    else:
        tell_standing(session, registration, links=links)


def _is_open(place: Place, now: datetime) -> bool:
    return place.state == PlaceState.OFFERED and place.offered_until is not None and now < place.offered_until


def _is_late(place: Place, now: datetime) -> bool:
    return place.state == PlaceState.OFFERED and place.offered_until is not None and place.offered_until <= now

"""At the announced moment the places of a lottery, or of an event where some come first, are given all at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.drawing import Applicant, order
from services.registration.domain.links import Links
from services.registration.domain.registrations import PlaceState, Status
from services.registration.storage import draws, earlier_events, events, quotas, registrations
from services.registration.storage.quotas import Counters
from services.registration.storage.tables import Claim, Event, Place, Registration
from services.registration.use_cases.free_places import move_up
from services.registration.use_cases.news import tell_availability, tell_standing
from shared.contracts.events import EventSnapshot

TOLD_AT_ONCE = 100


def draw_places(*, session: Session, now: datetime, links: Links) -> bool:
    """Draw for the event that is due the longest; whether there was one. Each is drawn exactly once.

    Everybody lines up in the order that was drawn; then the free places go to the first in line as always. Who has to
    wait is told by tell_drawn afterwards, for there may be thousands.
    """
    event_id = draws.due(session, now)
    if event_id is None:
        return False
    event = events.lock(session, event_id)  # waits for those who are applying
    quotas.lock_all(session, event_id)
    draw = draws.find(session, event_id)
    if draw is None or draw.drawn_at is not None:
        return True
    told, people = events.snapshot(event), draws.applicants(session, event_id)
    known = {each.id: each for each in people}
    drawn = order(told, _applicants(session, event, told, people, now=now, links=links), seed=draw.seed)
    draw.drawn_at = event.drawn_at = now
    draw.lots = [each.lot for each in drawn] if told.sign_up.selection == "lottery" else []
    changed = line_up(session, [known[each.registration_id] for each in drawn])
    move_up(session, changed, {event_id: events.get(session, event_id)}, links=links, now=now)
    tell_availability(session, changed.values())
    return True


def line_up(session: Session, people: Sequence[Registration]) -> dict[UUID, Counters]:
    """Give everybody who applied the next numbers in this order. The caller holds quotas, then registrations."""
    wanted: dict[UUID, list[Place]] = {}
    for each in people:
        for place in each.places:
            if place.state == PlaceState.APPLIED:
                wanted.setdefault(place.quota_id, []).append(place)
    changed, numbers = {}, []
    for quota_id in sorted(wanted):
        counters = quotas.queue(session, quota_id, len(wanted[quota_id]))
        if counters is not None:  # a quota that closed meanwhile gives nothing
            changed[quota_id] = counters
            numbers += [(place, (counters.number or 0) + at) for at, place in enumerate(wanted[quota_id])]
    draws.line_up(session, numbers)
    return changed


def tell_drawn(*, session: Session, now: datetime, links: Links) -> bool:
    """Tell some of those who have a number now and no place; whether there may be more."""
    ids = draws.untold(session, TOLD_AT_ONCE)
    quotas.lock(session, registrations.concerned_quotas(session, ids))
    for each in registrations.lock(session, ids):
        if not each.untold:
            continue  # she was told something newer meanwhile
        each.untold = False
        if each.status == Status.WAITING and any(place.state == PlaceState.WAITING for place in each.places):
            each.version += 1
            each.changed_at = now
            session.flush()
            tell_standing(session, each, links=links)
    return len(ids) == TOLD_AT_ONCE


def _applicants(
    session: Session, event: Event, told: EventSnapshot, people: Sequence[Registration], *, now: datetime, links: Links
) -> list[Applicant]:
    claims = draws.claims(session, event.id)
    newcomers = _newcomers(session, event, told, people, now=now)
    return [
        Applicant(
            registration_id=each.id,
            lot=links.lot(each.id),
            applied_at=each.created_at,
            fulfils=_fulfilled(each.id, told, claims) | ({"first_time"} if each.id in newcomers else frozenset()),
        )
        for each in people
    ]


def _newcomers(
    session: Session, event: Event, told: EventSnapshot, people: Sequence[Registration], *, now: datetime
) -> set[UUID]:
    """Those of whom no attendance at an earlier event of the organisation is remembered."""
    if "first_time" not in told.sign_up.priorities:
        return set()
    known = earlier_events.earlier(session, people, organisation_id=event.organisation_id, now=now)
    return {each.id for each in people if each.email_key not in known or not known[each.email_key].came}


def _fulfilled(registration_id: UUID, told: EventSnapshot, claims: Mapping[UUID, Claim]) -> frozenset[str]:
    claim = claims.get(registration_id)
    if claim is None:
        return frozenset()
    fits = {
        "field_of_study": claim.field_of_study in told.fields_of_study,
        "target_group": claim.audience in told.sign_up.audiences,
    }
    return frozenset(name for name, fulfils in fits.items() if fulfils)

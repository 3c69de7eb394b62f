"""An organiser chooses from those who applied."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.links import Links
from services.registration.domain.registrations import PlaceState, Status
from services.registration.domain.rejections import NotApplied
from services.registration.storage import audit, events
from services.registration.storage.tables import Event, Registration
from services.registration.use_cases.access import ensure_may
from services.registration.use_cases.draw_places import line_up
from services.registration.use_cases.end_registration import end, hold
from services.registration.use_cases.free_places import move_up
from services.registration.use_cases.news import tell_availability
from shared.policy import Actor

CHOSEN_AT_ONCE = 200


def approve(
    registration_ids: Sequence[UUID], *, event: Event, actor: Actor, session: Session, now: datetime, links: Links
) -> int:
    """Say yes: they get the free places in this order, and whoever finds none waits in line. How many it were.

    Those about whom was decided already are passed over; raises NotApplied if that is everybody.
    """
    ensure_may(actor, "change_registration", event)
    people = _undecided(session, registration_ids, event)
    order = {registration_id: at for at, registration_id in enumerate(registration_ids)}
    changed = line_up(session, sorted(people, key=lambda each: order[each.id]))
    move_up(session, changed, {event.id: events.get(session, event.id)}, links=links, now=now)
    tell_availability(session, changed.values())
    for each in people:
        _record(session, actor, "approve_application", each, now)
    return len(people)


def decline(
    registration_ids: Sequence[UUID],
    *,
    event: Event,
    reason: str = "",
    actor: Actor,
    session: Session,
    now: datetime,
    links: Links,
) -> int:
    """Say no, with a word why if the organiser wants; they are told. How many it were. Raises NotApplied."""
    ensure_may(actor, "change_registration", event)
    people = _undecided(session, registration_ids, event)
    end(session, people, Status.CANCELLED, by="selection", reason=reason, links=links, now=now)
    for each in people:
        _record(session, actor, "decline_application", each, now)
    return len(people)


def _undecided(session: Session, registration_ids: Sequence[UUID], event: Event) -> list[Registration]:
    """Those who applied with an address of their own. Raises NotApplied if there is nobody."""
    found = [
        each
        for each in hold(session, registration_ids)
        if each.event_id == event.id
        and each.status == Status.WAITING
        and any(place.state == PlaceState.APPLIED for place in each.places)
    ]
    if not found:
        raise NotApplied
    return found


def _record(session: Session, actor: Actor, action: str, registration: Registration, now: datetime) -> None:
    audit.record(
        session,
        actor,
        action,
        object_id=registration.id,
        organisation_id=registration.event.organisation_id,
        event_id=registration.event_id,
        now=now,
    )

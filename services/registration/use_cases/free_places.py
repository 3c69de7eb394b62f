"""Giving places back, and to those who wait for them, in one transaction."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.links import Links
from services.registration.domain.registrations import PlaceState, Status, gives_places
from services.registration.storage import events, quotas, registrations
from services.registration.storage.quotas import Counters
from services.registration.storage.tables import Event, Registration
from services.registration.use_cases.news import tell_availability, tell_standing


def give_back(session: Session, leavers: Iterable[Registration], *, links: Links, now: datetime) -> None:
    """Take every place from registrations that ended; the first in line get what they held, at once.

    The caller holds the locks of the quotas and then of the registrations.
    """
    changed: dict[UUID, Counters] = {}
    touched: dict[UUID, Event] = {}
    for leaver in leavers:
        touched[leaver.event_id] = leaver.event
        for place in leaver.places:
            if place.state != PlaceState.RELEASED:
                freed = quotas.release if place.state == PlaceState.HELD else quotas.leave
                changed[place.quota_id] = freed(session, place.quota_id)
                place.state = PlaceState.RELEASED
    session.flush()
    move_up(session, changed, touched, links=links, now=now)
    tell_availability(session, changed.values())


def move_up(
    session: Session, changed: dict[UUID, Counters], touched: dict[UUID, Event], *, links: Links, now: datetime
) -> None:
    """Give free places of locked quotas to those who wait, and note the new counters in `changed`.

    Who moves up is chosen for all quotas before the first registration is locked, so that two transactions lock
    shared registrations in the same order.
    """
    alive = {key for key, event in touched.items() if gives_places(events.snapshot(event), now)}
    chosen: dict[UUID, set[UUID]] = defaultdict(set)
    for counters in changed.values():
        room = min(counters.capacity - counters.taken, counters.waiting)
        if counters.event_id in alive and room > 0:
            for registration_id in quotas.next_in_line(session, counters.id, room):
                chosen[registration_id].add(counters.id)
    for registration in registrations.lock(session, chosen):
        _move(session, registration, chosen[registration.id], changed, links=links, now=now)


def _move(
    session: Session,
    registration: Registration,
    into: set[UUID],
    changed: dict[UUID, Counters],
    *,
    links: Links,
    now: datetime,
) -> None:
    for place in registration.places:
        if place.quota_id in into and (given := quotas.advance(session, place.quota_id)):
            changed[place.quota_id] = given
            place.state = PlaceState.HELD
    if registration.status == Status.PENDING:
        return  # she learns it when she confirms her address
    registration.status = Status.CONFIRMED
    registration.version += 1
    registration.changed_at = now
    session.flush()
    tell_standing(session, registration, links=links, from_waiting_list=True)

"""Giving places back, and to those who wait for them, in one transaction."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.company import starts_at
from services.registration.domain.links import Links
from services.registration.domain.registrations import PlaceState, Status, gives_places, is_combined
from services.registration.domain.waiting_lines import next_in_lines
from services.registration.storage import events, quotas, registrations
from services.registration.storage.quotas import Counters
from services.registration.storage.tables import Event, Place, Registration
from services.registration.use_cases.exchange_places import exchange
from services.registration.use_cases.news import tell_availability, tell_offer, tell_standing


def give_back(session: Session, leavers: Iterable[Registration], *, links: Links, now: datetime) -> None:
    """Take every place from registrations that ended; the first in line get what they held, at once.

    The caller holds the locks of the quotas and then of the registrations.
    """
    changed: dict[UUID, Counters] = {}
    touched: dict[UUID, Event] = {}
    for leaver in leavers:
        touched[leaver.event_id] = leaver.event
        for place in leaver.places:
            let_go(session, place, changed)
    session.flush()
    move_up(session, changed, touched, links=links, now=now)
    tell_availability(session, changed.values())


def let_go(session: Session, place: Place, changed: dict[UUID, Counters]) -> None:
    """Give one place back, or step out of its line; the caller flushes."""
    if place.state in {PlaceState.HELD, PlaceState.OFFERED}:
        changed[place.quota_id] = quotas.release(session, place.quota_id)
    elif place.state == PlaceState.WAITING:
        changed[place.quota_id] = quotas.leave(session, place.quota_id)
    place.state, place.offered_until, place.replaced_by = PlaceState.RELEASED, None, None
    for each in place.registration.places:
        if each.replaced_by == place.quota_id:
            each.replaced_by = None  # she no longer waits there, so this one stays hers


def let_go_of_replaced(session: Session, registration: Registration, changed: dict[UUID, Counters]) -> bool:
    """Give back what she kept only until the places that are hers now; whether there was any. The caller flushes."""
    hers = {each.quota_id for each in registration.places if each.state == PlaceState.HELD}
    replaced = [each for each in registration.places if each.replaced_by in hers]
    for each in replaced:
        let_go(session, each, changed)
    return bool(replaced)


def move_up(
    session: Session, changed: dict[UUID, Counters], touched: dict[UUID, Event], *, links: Links, now: datetime
) -> None:
    """Give free places of locked quotas to those who wait, and note the new counters in `changed`.

    Somebody who moves up may give back the place that she kept until then: it goes on to the next in line, and so on.
    In the end those change places who only wait for each other. The caller holds all quotas of the events.
    """
    giving = {key: event for key, event in touched.items() if gives_places(events.snapshot(event), now)}
    while _move_once(session, changed, giving, links=links, now=now):
        pass
    for event in giving.values():
        while exchange(session, event, changed, links=links, now=now):
            pass


def _move_once(
    session: Session, changed: dict[UUID, Counters], touched: dict[UUID, Event], *, links: Links, now: datetime
) -> bool:
    """Whether another place came free by it."""
    chosen: dict[UUID, set[UUID]] = defaultdict(set)
    for event_id, event in touched.items():
        told = events.snapshot(event)
        if is_combined(told) and len(told.quotas) > 1:
            _choose_together(session, event_id, chosen)
        else:
            _choose(session, [each for each in changed.values() if each.event_id == event_id], chosen)
    gave_back = [
        _move(session, registration, chosen[registration.id], changed, links=links, now=now)
        for registration in registrations.lock(session, chosen)
    ]
    return any(gave_back)


def _choose(session: Session, counters: Iterable[Counters], chosen: dict[UUID, set[UUID]]) -> None:
    for each in counters:
        room = min(each.capacity - each.taken, each.waiting)
        if room > 0 and each.is_open:
            for registration_id in quotas.next_in_line(session, each.id, room):
                chosen[registration_id].add(each.id)


def _choose_together(session: Session, event_id: UUID, chosen: dict[UUID, set[UUID]]) -> None:
    """Somebody who wants several quotas or none lets others pass until there is room in all of hers."""
    room = {each.id: each.capacity - each.taken for each in quotas.of_event(session, event_id)}
    if any(each > 0 for each in room.values()):
        chosen.update(next_in_lines(quotas.in_line(session, event_id), room))


def _move(
    session: Session,
    registration: Registration,
    into: set[UUID],
    changed: dict[UUID, Counters],
    *,
    links: Links,
    now: datetime,
) -> bool:
    """Whether she gave another place back for it."""
    until = _offer_ends(registration, now)
    for place in registration.places:
        if place.quota_id in into and (given := quotas.advance(session, place.quota_id)):
            changed[place.quota_id] = given
            place.state, place.offered_until = (PlaceState.OFFERED, until) if until else (PlaceState.HELD, None)
    if registration.status == Status.PENDING:
        return False  # she learns it when she confirms her address
    has_changed = let_go_of_replaced(session, registration, changed)
    if until is None:
        registration.status = Status.CONFIRMED
    registration.untold = False
    registration.version += 1
    registration.changed_at = now
    session.flush()
    if until is None:
        tell_standing(session, registration, links=links, from_waiting_list=True, changed=has_changed)
    else:
        tell_offer(session, registration, until, links=links)
    return has_changed


def _offer_ends(registration: Registration, now: datetime) -> datetime | None:
    """Until when she may take the place, None if it is given at once: to her whose address is yet to be confirmed too,
    for confirming it is taking it."""
    told = events.snapshot(registration.event)
    if not told.sign_up.offer_hours or registration.status == Status.PENDING:
        return None
    end = now + timedelta(hours=told.sign_up.offer_hours)
    start = starts_at(told)
    return None if start is not None and start <= now else min(end, start or end)

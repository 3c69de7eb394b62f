"""The organiser no longer offers a part of the event: nobody waits for it in vain."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.links import Links
from services.registration.domain.registrations import PlaceState, Status, gives_places, standing
from services.registration.storage import events, quotas, registrations
from services.registration.storage.quotas import Counters
from services.registration.storage.tables import Place, Registration
from services.registration.use_cases.change_places import living
from services.registration.use_cases.end_registration import end, hold
from services.registration.use_cases.free_places import let_go, move_up
from services.registration.use_cases.news import tell_availability, tell_wish

BATCH = 50


def leave_closed_lines(*, session: Session, now: datetime, links: Links) -> bool:
    """Take some who wait or applied there out of the line and tell them, exactly once; whether there may be more.

    What is left of a wish stays: places, other lines, and of several that she wanted together the others. Whoever has
    nothing left is no longer registered. Held and offered places stay: they were promised.
    """
    ids = registrations.in_closed_lines(session, now=now, limit=BATCH)
    held = [each for each in hold(session, ids) if _is_concerned(each, now)]
    closed = quotas.closed(session, {each.event_id for each in held})
    leavers = [each for each in held if _lost(each, closed)]
    ended = [each for each in leavers if len(_lost(each, closed)) == len(living(each))]
    stay = [each for each in leavers if each not in ended]
    _stay(session, stay, closed, now=now, links=links)
    end(session, ended, Status.CANCELLED, by="quota", links=links, now=now)
    return len(ids) == BATCH


def _is_concerned(registration: Registration, now: datetime) -> bool:
    return registration.forgotten_at is None and gives_places(events.snapshot(registration.event), now)


def _lost(registration: Registration, closed: frozenset[UUID]) -> list[Place]:
    lines = {PlaceState.WAITING, PlaceState.APPLIED}
    return [each for each in registration.places if each.quota_id in closed and each.state in lines]


def _stay(
    session: Session, people: list[Registration], closed: frozenset[UUID], *, now: datetime, links: Links
) -> None:
    changed: dict[UUID, Counters] = {}
    for each in people:
        for place in _lost(each, closed):
            let_go(session, place, changed)
        if each.status != Status.PENDING:  # she learns it when she confirms her address
            each.status = standing(PlaceState(place.state) for place in living(each))
            each.untold, each.changed_at, each.version = False, now, each.version + 1
    session.flush()
    for each in people:
        if each.status != Status.PENDING:
            tell_wish(session, each, links=links, ended=True)
    move_up(session, changed, {each.event_id: each.event for each in people}, links=links, now=now)
    tell_availability(session, changed.values())

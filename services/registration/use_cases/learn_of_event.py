"""The events service published, changed, moved or called off an event: our copy follows."""

import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.drawing import due_at
from services.registration.domain.links import Links
from services.registration.storage import draws, events, quotas
from services.registration.storage.quotas import Counters
from services.registration.use_cases.free_places import move_up
from services.registration.use_cases.news import tell_availability
from shared.contracts.events import EventSnapshot


def learn_of_event(told: EventSnapshot, *, session: Session, now: datetime, links: Links) -> bool:
    """Take the event over as it was told; False, and nothing happens, if we know a later version.

    More places go to those who wait at once. Fewer places never push anybody out: a quota may hold more people than
    it has places, it is simply full. A quota that is gone closes and keeps those who have a
    place there; who waits there leaves its line (leave_closed_lines).
    """
    if not events.store(session, told):
        return False
    event = events.get(session, told.id)
    if (due := due_at(told)) is not None:
        draws.plan(session, told.id, seed=secrets.token_hex(16), due_at=due)
    changed = _set_up_quotas(session, told)
    move_up(session, changed, {event.id: event}, links=links, now=now)
    tell_availability(session, changed.values())
    return True


def _set_up_quotas(session: Session, told: EventSnapshot) -> dict[UUID, Counters]:
    known = {each.id: each for each in quotas.lock_all(session, told.id)}
    is_open = told.status == "published"
    changed = {}
    for position, each in enumerate(told.quotas):
        if each.id not in known:
            changed[each.id] = quotas.create(
                session, each.id, event_id=told.id, position=position, capacity=each.capacity, is_open=is_open
            )
        else:
            changed[each.id] = quotas.shape(
                session, each.id, position=position, capacity=each.capacity, is_open=is_open
            )
    for gone in known.keys() - changed.keys():
        quotas.close(session, gone)
    return changed

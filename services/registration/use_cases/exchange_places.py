"""People who each hold what another one waits for change places, although nothing is free."""

from collections import Counter
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.exchanges import circle
from services.registration.domain.links import Links
from services.registration.domain.registrations import PlaceState, Status
from services.registration.storage import exchanges, quotas, registrations
from services.registration.storage.quotas import Counters
from services.registration.storage.tables import Event, Registration
from services.registration.use_cases.news import tell_standing


def exchange(session: Session, event: Event, changed: dict[UUID, Counters], *, links: Links, now: datetime) -> bool:
    """Move the people of one circle on; whether there was one. Only the first in a line can be part of it.

    The caller holds all quotas of the event.
    """
    counters = {each.id: each for each in quotas.of_event(session, event.id)}
    wishes = exchanges.wishes(session, counters)
    several = Counter((person, wanted) for person, _held, wanted in wishes)
    held_by = {(person, wanted): held for person, held, wanted in wishes if several[person, wanted] == 1}
    first: dict[UUID, UUID] = {}
    leads_to: dict[UUID, UUID] = {}
    for wanted in {wanted for _person, _held, wanted in wishes if wanted in counters}:
        line = quotas.next_in_line(session, wanted, 1)
        is_full_at_most = counters[wanted].taken <= counters[wanted].capacity
        if line and is_full_at_most and (line[0], wanted) in held_by:
            first[wanted], leads_to[wanted] = line[0], held_by[line[0], wanted]
    moving = circle(leads_to)
    people = {each.id: each for each in registrations.lock(session, {first[each] for each in moving})}
    for wanted in moving:
        _swap(session, people[first[wanted]], into=wanted, out_of=leads_to[wanted])
    for each in people.values():
        each.status, each.changed_at, each.version = Status.CONFIRMED, now, each.version + 1
    session.flush()
    for each in people.values():
        tell_standing(session, each, links=links, from_waiting_list=True, changed=True)
    changed |= {wanted: quotas.leave(session, wanted) for wanted in moving}
    return bool(moving)


def _swap(session: Session, registration: Registration, *, into: UUID, out_of: UUID) -> None:
    """In a circle each quota is left by one and entered by one: only its waiting list grows shorter."""
    for each in registration.places:
        if each.quota_id == into:
            each.state = PlaceState.HELD
        elif each.quota_id == out_of:
            each.state, each.replaced_by = PlaceState.RELEASED, None

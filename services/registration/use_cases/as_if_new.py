"""The answer that gives nothing away: to an address that is known already, and to robots."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from services.registration.domain.registrations import Receipt, Status, Terms
from services.registration.storage import events, quotas
from services.registration.storage.quotas import Counters
from services.registration.storage.tables import Event
from services.registration.use_cases.giving import is_applied_for


def as_if_new(session: Session, event: Event, quota_ids: Iterable[UUID], *, now: datetime, terms: Terms) -> Receipt:
    """The receipt that a new address would get now. Nothing is stored, and its id belongs to nobody."""
    counters = {each.id: each for each in quotas.of_event(session, event.id)}
    places: dict[UUID, int | None]
    if is_applied_for(event, events.snapshot(event)):
        places = dict.fromkeys(quota_ids, 0)
    else:
        places = _places(counters, quota_ids)
    status = Status.CONFIRMED if None in places.values() else Status.WAITING
    if terms.confirm_address:
        status = Status.PENDING
    return Receipt(
        id=uuid4(),
        event_id=event.id,
        status=status,
        places=places,
        confirm_by=now + terms.hold if terms.confirm_address else None,
    )


def _places(counters: dict[UUID, Counters], quota_ids: Iterable[UUID]) -> dict[UUID, int | None]:
    return {key: None if counters[key].free else counters[key].waiting + 1 for key in quota_ids if key in counters}

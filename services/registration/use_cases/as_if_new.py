"""The answer that gives nothing away: to an address that is known already, and to robots."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from services.registration.domain.registrations import Receipt, Status, Terms, is_combined
from services.registration.storage import events, quotas
from services.registration.storage.quotas import Counters
from services.registration.storage.tables import Event
from services.registration.use_cases.giving import is_applied_for


def as_if_new(
    session: Session,
    event: Event,
    quota_ids: Sequence[UUID],
    *,
    together: bool = False,
    now: datetime,
    terms: Terms,
) -> Receipt:
    """The receipt that a new address would get now. Nothing is stored, and its id belongs to nobody."""
    told = events.snapshot(event)
    places: dict[UUID, int | None]
    if is_applied_for(event, told):
        places = dict.fromkeys(quota_ids, 0)
    else:
        chosen = [each for each in quotas.of_event(session, event.id) if each.id in quota_ids]
        places = _places(chosen, is_combined=is_combined(told), together=together and len(quota_ids) > 1)
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


def _places(chosen: Sequence[Counters], *, is_combined: bool, together: bool) -> dict[UUID, int | None]:
    """As sign_up would give them."""
    free = {each.id: bool(each.free(is_combined=is_combined)) for each in chosen}
    is_held = {key: is_free and (not together or all(free.values())) for key, is_free in free.items()}
    return {each.id: None if is_held[each.id] else each.waiting + 1 for each in chosen}

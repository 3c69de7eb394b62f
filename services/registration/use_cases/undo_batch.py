"""An organiser takes an action on many back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.batches import (
    Action,
    BatchHasBegun,
    BatchState,
    ItemState,
    NothingToTakeBack,
    is_reversible,
)
from services.registration.storage import audit, batches, events
from services.registration.storage.tables import Batch
from services.registration.use_cases.access import ensure_may
from shared.policy import Actor


def undo_batch(batch_id: UUID, *, actor: Actor, session: Session, now: datetime) -> Batch:
    """Stop what has not begun: then nothing was done and nothing is sent. Attendance is taken back afterwards too.

    Whoever carries it out holds the same lock, so it is either stopped whole or not at all.
    Raises NotFound, BatchHasBegun, NothingToTakeBack.
    """
    batch = batches.lock(session, batch_id)
    event = events.get(session, batch.event_id)
    ensure_may(actor, "change_registration", event)
    if batch.state in {BatchState.UNDONE, BatchState.TAKING_BACK}:
        raise NothingToTakeBack
    if batch.state == BatchState.WAITING:
        batch.state = BatchState.UNDONE
        batches.set_all(session, batch.id, ItemState.WAITING, ItemState.UNDONE)
    elif is_reversible(Action(batch.action)):
        batch.state = BatchState.TAKING_BACK
        batches.set_all(session, batch.id, ItemState.WAITING, ItemState.UNDONE)
    else:
        raise BatchHasBegun
    audit.record(
        session,
        actor,
        "undo_batch",
        object_id=batch.id,
        organisation_id=event.organisation_id,
        event_id=event.id,
        now=now,
        what=batch.action,
    )
    return batch

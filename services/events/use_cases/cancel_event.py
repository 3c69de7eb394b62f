"""An event is called off."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.events.domain.events import CANCELLED, PUBLISHED, EventIsCancelled, Texts
from services.events.storage import audit, events
from services.events.storage.snapshots import snapshot
from services.events.storage.tables import Event
from shared.contracts.events import EventCancelled
from shared.messaging import outbox
from shared.policy import ANONYMOUS, Actor


def cancel_event(
    event: Event,
    *,
    reason: Texts,
    base_url: str,
    session: Session,
    now: datetime,
    expected_version: int | None = None,
    by: Actor = ANONYMOUS,
) -> None:
    """Call it off for good. Everybody who signed up is told why; a draft just ends, nobody knew of it.

    Raises EventIsCancelled when it was called off before, EventWasChangedMeanwhile.
    """
    if event.status == CANCELLED:
        raise EventIsCancelled
    was_public = event.status == PUBLISHED
    events.raise_version(session, event, expected=expected_version, now=now)
    event.status, event.cancelled_reason = CANCELLED, reason
    if was_public:
        message = EventCancelled(event=snapshot(session, event, base_url=base_url))
        outbox.add(session, message, aggregate=f"event:{event.id}", version=event.version)
    audit.record(session, "cancel_event", by=by, object_id=event.id, organisation_id=event.organisation_id, now=now)

"""An event goes into the catalogue."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.events.domain.events import CANCELLED, PUBLISHED, AlreadyPublished, EventIsCancelled
from services.events.storage import audit, events
from services.events.storage.snapshots import snapshot
from services.events.storage.tables import Event
from services.events.use_cases.completeness import ensure_complete
from shared.contracts.events import EventPublished
from shared.messaging import outbox
from shared.policy import ANONYMOUS, Actor


def publish_event(
    event: Event,
    *,
    base_url: str,
    session: Session,
    now: datetime,
    expected_version: int | None = None,
    by: Actor = ANONYMOUS,
) -> None:
    """Show the event to everybody and let sign-up open.

    Raises AlreadyPublished, EventIsCancelled, EventIsIncomplete (naming the facts), EventWasChangedMeanwhile.
    """
    _ensure_draft(event)
    ensure_complete(event)
    events.raise_version(session, event, expected=expected_version, now=now)
    event.status, event.published_at, event.missing = PUBLISHED, now, []
    message = EventPublished(event=snapshot(session, event, base_url=base_url))
    outbox.add(session, message, aggregate=f"event:{event.id}", version=event.version)
    audit.record(session, "publish_event", by=by, object_id=event.id, organisation_id=event.organisation_id, now=now)


def _ensure_draft(event: Event) -> None:
    if event.status == PUBLISHED:
        raise AlreadyPublished
    if event.status == CANCELLED:
        raise EventIsCancelled

"""Endpoints of other systems, and who listens to what."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from services.notifications.domain.webhooks import EndpointState
from services.notifications.storage.tables import DeliveryRow, EventCopy, WebhookRow


def find(session: Session, webhook_id: UUID, *, lock: bool = False) -> WebhookRow | None:
    """One endpoint."""
    query = select(WebhookRow).where(WebhookRow.id == webhook_id)
    return session.scalars(query.with_for_update() if lock else query).first()


def listed(session: Session, organisations: Sequence[UUID] | None) -> Sequence[WebhookRow]:
    """The endpoints of these organisations in the order they were added; None means all."""
    query = select(WebhookRow).order_by(WebhookRow.created_at, WebhookRow.id)
    if organisations is not None:
        query = query.where(WebhookRow.organisation_id.in_(organisations))
    return session.scalars(query).all()


def count(session: Session, organisation_id: UUID) -> int:
    """How many an organisation has."""
    own = select(func.count()).select_from(WebhookRow).where(WebhookRow.organisation_id == organisation_id)
    return session.scalar(own) or 0


def listening(session: Session, kind: str, *, organisation_id: UUID | None, event_id: UUID) -> list[UUID]:
    """Who wants to be told of this kind. Where the organisation is not said, it is looked up by the event.

    One indexed look: it is all that installations without webhooks pay for a message.
    """
    query = select(WebhookRow.id, WebhookRow.kinds).where(WebhookRow.state == EndpointState.ACTIVE)
    if organisation_id is not None:
        query = query.where(WebhookRow.organisation_id == organisation_id)
    else:
        query = query.join(EventCopy, EventCopy.organisation_id == WebhookRow.organisation_id)
        query = query.where(EventCopy.id == event_id)
    return [row.id for row in session.execute(query) if kind in row.kinds]


def slug_of(session: Session, event_id: UUID) -> str:
    """The readable part of the event's address."""
    return session.scalar(select(EventCopy.snapshot["slug"].as_string()).where(EventCopy.id == event_id)) or ""


def organisation_names(session: Session, organisations: Sequence[UUID] | None) -> dict[UUID, str]:
    """What organisations are called, as far as their events have told; None means all."""
    name = EventCopy.snapshot["organiser"]["name"].as_string()
    query = select(EventCopy.organisation_id, func.max(name)).group_by(EventCopy.organisation_id)
    if organisations is not None:
        query = query.where(EventCopy.organisation_id.in_(organisations))
    found: dict[UUID, str] = dict(session.execute(query.limit(500)).all())
    return found


def remove(session: Session, webhook: WebhookRow) -> None:
    """With everything that was to be delivered. The caller holds its lock."""
    session.execute(delete(DeliveryRow).where(DeliveryRow.webhook_id == webhook.id))
    session.delete(webhook)


def change_secret(webhook: WebhookRow, sealed: bytes, *, old_until: datetime) -> None:
    """The old one goes on signing beside the new one until then."""
    webhook.old_secret, webhook.old_until, webhook.secret = webhook.secret, old_until, sealed


def start(webhook: WebhookRow) -> None:
    """With a clean record: what happened before does not count."""
    webhook.state, webhook.failures = EndpointState.ACTIVE, 0
    webhook.failing_since = webhook.rest_until = None

"""What other systems are to be told: written with the effects of the message, claimed under a lease, never lost.

The lease lies on the endpoint, so each is called by one thread of one process at a time: an endpoint that hangs holds
up nobody else, and no delivery is ever sent by two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Table, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from services.notifications.domain.webhooks import (
    KEPT,
    LEASE,
    Attempt,
    DeliveryState,
    EndpointState,
    Outcome,
    Standing,
)
from services.notifications.storage import wakeup
from services.notifications.storage.tables import DeliveryRow, WebhookRow
from shared.database import delete_some, insert_if_new


@dataclass(frozen=True)
class Claimed:
    """A delivery and its endpoint, ours until `webhook.busy_until`."""

    webhook: WebhookRow
    delivery: DeliveryRow


def add(
    session: Session, webhook_id: UUID, *, message_id: UUID, kind: str, event_id: UUID | None, body: str, now: datetime
) -> bool:
    """Queue a message for an endpoint; False if that was done before."""
    is_new = insert_if_new(
        session,
        cast("Table", DeliveryRow.__table__),
        id=uuid4(),
        webhook_id=webhook_id,
        message_id=message_id,
        kind=kind,
        event_id=event_id,
        body=body,
        state=DeliveryState.QUEUED,
        attempts=0,
        next_at=now,
        reason="",
        created_at=now,
    )
    wakeup.after_commit(session)
    return is_new


def is_any_due(session: Session, now: datetime) -> bool:
    """Whether it is worth taking a writer's lock."""
    return bool(session.scalar(select(exists().where(*_callable(now), _has_due(now)))))


def claim(session: Session, now: datetime) -> Claimed | None:
    """The next delivery of the endpoint that was called least lately, unless it rests or somebody is calling it."""
    webhook = session.scalars(
        select(WebhookRow)
        .where(*_callable(now), _has_due(now))
        .order_by(func.coalesce(WebhookRow.busy_until, WebhookRow.created_at), WebhookRow.id)
        .limit(1)
        .with_for_update(skip_locked=True, key_share=True)  # new deliveries may be queued meanwhile
    ).first()
    if webhook is None:
        return None
    delivery = session.scalars(
        select(DeliveryRow)
        .where(DeliveryRow.webhook_id == webhook.id, _is_due(now))
        .order_by(DeliveryRow.next_at, DeliveryRow.number)
        .limit(1)
    ).first()
    if delivery is None:
        return None
    webhook.busy_until = now + LEASE
    delivery.attempts += 1
    return Claimed(webhook, delivery)


def settle(
    session: Session, claimed: Claimed, attempt: Attempt, result: Outcome, standing: Standing, *, now: datetime
) -> None:
    """Write down what came of it. The endpoint is only touched while it is ours; people may pause it meanwhile."""
    lease = (WebhookRow.id == claimed.webhook.id, WebhookRow.busy_until == claimed.webhook.busy_until)
    state = {"state": standing.state} if standing.state != EndpointState.ACTIVE else {}
    session.execute(
        update(WebhookRow)
        .where(*lease)
        .values(
            busy_until=now,
            failures=standing.failures,
            failing_since=standing.failing_since,
            rest_until=standing.rest_until,
            **state,
        ),
        execution_options={"synchronize_session": False},
    )
    session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.number == claimed.delivery.number, DeliveryRow.state == DeliveryState.QUEUED)
        .values(
            state=result.state,
            next_at=result.next_at,
            status=attempt.status,
            reason=attempt.reason,
            delivered_at=now if result.state is DeliveryState.DELIVERED else None,
        ),
        execution_options={"synchronize_session": False},
    )


def send_again(session: Session, delivery: DeliveryRow, now: datetime) -> None:
    """Once more under the same id, with its whole patience."""
    delivery.state, delivery.next_at, delivery.attempts, delivery.retried_at = DeliveryState.QUEUED, now, 0, now
    wakeup.after_commit(session)


def find(session: Session, webhook_id: UUID, delivery_id: UUID) -> DeliveryRow | None:
    """One delivery of an endpoint, locked."""
    query = select(DeliveryRow).where(DeliveryRow.id == delivery_id, DeliveryRow.webhook_id == webhook_id)
    return session.scalars(query.with_for_update()).first()


def page(
    session: Session, webhook_id: UUID, *, state: str = "", before: int | None = None, limit: int = 50
) -> Sequence[DeliveryRow]:
    """Deliveries to an endpoint, newest first."""
    query = select(DeliveryRow).where(DeliveryRow.webhook_id == webhook_id)
    if state:
        query = query.where(DeliveryRow.state == state)
    if before is not None:
        query = query.where(DeliveryRow.number < before)
    return session.scalars(query.order_by(DeliveryRow.number.desc()).limit(limit)).all()


def forget_old(*, session: Session, now: datetime) -> bool:
    """After two weeks a delivery goes, whatever became of it; whether there may be more."""
    return delete_some(session, cast("Table", DeliveryRow.__table__), DeliveryRow.created_at < now - KEPT)


def _callable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        WebhookRow.state == EndpointState.ACTIVE,
        or_(WebhookRow.busy_until.is_(None), WebhookRow.busy_until <= now),
        or_(WebhookRow.rest_until.is_(None), WebhookRow.rest_until <= now),
    )


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(DeliveryRow.state == DeliveryState.QUEUED, DeliveryRow.next_at <= now)


def _has_due(now: datetime) -> ColumnElement[bool]:
    return exists().where(DeliveryRow.webhook_id == WebhookRow.id, _is_due(now)).correlate(WebhookRow)

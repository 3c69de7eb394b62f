"""Pause, start again, change what is told, delete."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.notifications.domain.webhooks import EndpointState
from services.notifications.storage import audit, webhooks
from services.notifications.storage.tables import WebhookRow
from services.notifications.storage.wakeup import after_commit
from services.notifications.use_cases.add_webhook import roll_secret
from services.notifications.use_cases.whose_webhooks import own_webhook
from shared.policy import Actor


def change_webhook(
    webhook_id: UUID,
    *,
    actor: Actor,
    session: Session,
    now: datetime,
    is_active: bool | None = None,
    kinds: Sequence[str] | None = None,
) -> WebhookRow:
    """What is None stays as it is. While it is paused nothing new is kept for it; what waits goes on waiting."""
    webhook = own_webhook(webhook_id, actor=actor, session=session, lock=True)
    if kinds is not None and (wanted := sorted(set(kinds))) != webhook.kinds:
        audit.record(session, "change_webhook", webhook, by=actor, now=now, kinds=wanted, before=webhook.kinds)
        webhook.kinds = wanted
    if is_active and webhook.state != EndpointState.ACTIVE:
        audit.record(session, "start_webhook", webhook, by=actor, now=now, before=str(webhook.state))
        webhooks.start(webhook)
        after_commit(session)
    elif is_active is False and webhook.state == EndpointState.ACTIVE:
        audit.record(session, "pause_webhook", webhook, by=actor, now=now)
        webhook.state = EndpointState.PAUSED
    return webhook


def delete_webhook(webhook_id: UUID, *, actor: Actor, session: Session, now: datetime) -> None:
    """With everything that was to be delivered."""
    webhook = own_webhook(webhook_id, actor=actor, session=session, lock=True)
    audit.record(session, "delete_webhook", webhook, by=actor, now=now)
    webhooks.remove(session, webhook)


def give_new_secret(
    webhook_id: UUID, *, key: bytes, actor: Actor, session: Session, now: datetime
) -> tuple[WebhookRow, str]:
    """The endpoint and its new secret."""
    webhook = own_webhook(webhook_id, actor=actor, session=session, lock=True)
    audit.record(session, "roll_webhook_secret", webhook, by=actor, now=now)
    return webhook, roll_secret(webhook, key=key, now=now)

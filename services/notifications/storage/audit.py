"""Who did what with webhooks, when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notifications.storage.tables import AuditEntry, WebhookRow
from shared.policy import Actor


def record(session: Session, action: str, webhook: WebhookRow, *, by: Actor, now: datetime, **facts: Any) -> None:
    """Note an action; it stands or falls with the transaction that did it.

    Of the address only the receiver's name: paths often hold a secret.
    """
    session.add(
        AuditEntry(
            at=now,
            actor_id=by.id,
            actor_kind=by.kind,
            action=action,
            object_id=webhook.id,
            organisation_id=webhook.organisation_id,
            facts={"host": urlsplit(webhook.url).hostname or "", **facts},
        )
    )


def latest(session: Session, organisations: Sequence[UUID] | None, *, limit: int) -> Sequence[AuditEntry]:
    """Of these organisations, the newest first; None means all."""
    query = select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit)
    if organisations is not None:
        query = query.where(AuditEntry.organisation_id.in_(organisations))
    return session.scalars(query).all()

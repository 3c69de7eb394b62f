"""Who did what, when: ids and field names, never personal content."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.events.storage.tables import AuditEntry
from shared.policy import Actor


def record(
    session: Session,
    action: str,
    *,
    by: Actor,
    object_id: UUID,
    now: datetime,
    organisation_id: UUID | None = None,
    **facts: Any,
) -> None:
    """Note an action; it stands or falls with the transaction that did it."""
    session.add(
        AuditEntry(
            at=now,
            actor_id=by.id,
            actor_kind=by.kind,
            action=action,
            object_id=object_id,
            organisation_id=organisation_id,
            facts=facts,
        )
    )

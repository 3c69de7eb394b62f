"""The record of who did what: ids and field names, never names or addresses."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.storage.tables import AuditEntry
from shared.policy import Actor


def record(
    session: Session,
    actor: Actor,
    action: str,
    *,
    object_id: UUID,
    organisation_id: UUID | None,
    now: datetime,
    **facts: Any,
) -> None:
    """Write down that the actor did something."""
    session.add(
        AuditEntry(
            at=now,
            actor_id=actor.id,
            actor_kind=actor.kind,
            action=action,
            object_id=object_id,
            organisation_id=organisation_id,
            facts=facts,
        )
    )

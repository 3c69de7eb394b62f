"""API tokens that must no longer be believed."""

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.orm import Session

from services.notifications.storage.tables import RevokedToken
from shared.database import insert_if_new


def add(session: Session, token_id: UUID, now: datetime) -> None:
    """For good; said twice is said once."""
    insert_if_new(session, cast("Table", RevokedToken.__table__), id=token_id, revoked_at=now)


def is_revoked(session: Session, token_id: UUID) -> bool:
    """Whether the token was taken back."""
    return session.get(RevokedToken, token_id) is not None

"""API tokens that must no longer be believed."""

from typing import cast
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.orm import Session

from services.registration.storage.tables import RevokedToken
from shared.database import insert_if_new


def add(session: Session, token_id: UUID) -> None:
    """Remember that the token was taken back; again is harmless."""
    insert_if_new(session, cast("Table", RevokedToken.__table__), token_id=token_id)


def is_revoked(session: Session, token_id: UUID) -> bool:
    """Whether the token was taken back."""
    return session.get(RevokedToken, token_id) is not None

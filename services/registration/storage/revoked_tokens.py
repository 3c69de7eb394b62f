"""API tokens and account sessions that must no longer be believed, for as long as somebody could still show them."""

from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from services.registration.storage.tables import RevokedToken
from shared.database import delete_some, insert_if_new
from shared.direct import Direct, Statement

LONGEST = timedelta(days=366)  # no token is given out for longer than a year
BATCH = 500


def add(session: Session, token_id: UUID, *, now: datetime, expires_at: datetime | None = None) -> None:
    """Remember that the token was taken back; again is harmless."""
    until = expires_at or now + LONGEST
    insert_if_new(session, cast("Table", RevokedToken.__table__), token_id=token_id, expires_at=until)


def is_revoked(direct: Direct, token_id: str) -> bool:
    """Whether the token was taken back. Asked with every token."""
    facts = {"token_id": UUID(token_id)}
    if direct.is_possible:
        return direct.row(_REVOKED, facts) is not None
    with direct.session() as session:
        return session.get(RevokedToken, facts["token_id"]) is not None


_REVOKED = Statement("SELECT 1 FROM revoked_token WHERE token_id = :token_id")


def forget_old(*, session: Session, now: datetime) -> bool:
    """Drop what nobody would believe anyway; whether there may be more to do.

    Rows of the first release do not say how long they matter: they are kept for as long as any token could live.
    """
    unsaid = select(RevokedToken.token_id).where(RevokedToken.expires_at.is_(None)).limit(BATCH)
    session.execute(
        update(RevokedToken).where(RevokedToken.token_id.in_(unsaid)).values(expires_at=now + LONGEST),
        execution_options={"synchronize_session": False},
    )
    return delete_some(session, cast("Table", RevokedToken.__table__), RevokedToken.expires_at < now, limit=BATCH)

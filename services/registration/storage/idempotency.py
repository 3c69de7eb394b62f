"""API calls that are sent twice change nothing the second time."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, delete, update
from sqlalchemy.orm import Session

from services.registration.storage.tables import IdempotentAnswer
from shared.database import insert_if_new

KEPT = timedelta(days=2)


def begin(session: Session, key: str, *, request: str, now: datetime) -> IdempotentAnswer | None:
    """Claim a key for this transaction; what it was answered before, or None if it is new.

    Of two calls at the same moment the second waits here until the first has committed.
    """
    table = cast("Table", IdempotentAnswer.__table__)
    if insert_if_new(session, table, key=key, request=request, status=0, body={}, created_at=now):
        return None
    return session.get_one(IdempotentAnswer, key)


def finish(session: Session, key: str, *, status: int, body: dict[str, Any]) -> None:
    """Keep what the call was answered."""
    session.execute(
        update(IdempotentAnswer).where(IdempotentAnswer.key == key).values(status=status, body=body),
        execution_options={"synchronize_session": False},
    )


def forget_old(*, session: Session, now: datetime) -> None:
    """Drop answers that nobody will ask for again."""
    session.execute(delete(IdempotentAnswer).where(IdempotentAnswer.created_at < now - KEPT))

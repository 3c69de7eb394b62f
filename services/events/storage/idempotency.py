"""API calls that are sent twice change nothing the second time."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, update
from sqlalchemy.orm import Session

from services.events.storage.tables import IdempotentAnswer
from shared.database import delete_some, insert_if_new

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


def forget_old(*, session: Session, now: datetime) -> bool:
    """Drop some answers that nobody will ask for again; whether there may be more."""
    return delete_some(session, cast("Table", IdempotentAnswer.__table__), IdempotentAnswer.created_at < now - KEPT)

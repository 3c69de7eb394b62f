"""Lists of people that were taken over, so that a list sent twice counts once."""

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.orm import Session

from services.registration.storage.tables import ImportRun
from shared.database import insert_if_new


def begin(session: Session, run_id: UUID, *, event_id: UUID, content: str, now: datetime) -> ImportRun | None:
    """Claim a run for this transaction; what was done under its id before, or None if it is new.

    Of two at the same moment the second waits here until the first has committed.
    """
    table = cast("Table", ImportRun.__table__)
    facts = {"id": run_id, "event_id": event_id, "content": content, "created_at": now}
    if insert_if_new(session, table, **facts, added=0, skipped=0):
        return None
    return session.get_one(ImportRun, run_id)


def finish(session: Session, run_id: UUID, *, added: int, skipped: int) -> ImportRun:
    """Write down what was done."""
    run = session.get_one(ImportRun, run_id)
    run.added, run.skipped = added, skipped
    return run

"""What became of a registration, line by line."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registration.storage.tables import HistoryLine


def note(session: Session, registration_id: UUID, kind: str, *, at: datetime, **facts: Any) -> None:
    """Add a line. Facts are plain values without personal content."""
    session.add(HistoryLine(registration_id=registration_id, kind=kind, at=at, facts=facts))


def of_registration(session: Session, registration_id: UUID) -> Sequence[HistoryLine]:
    """The oldest first."""
    return session.scalars(
        select(HistoryLine)
        .where(HistoryLine.registration_id == registration_id)
        .order_by(HistoryLine.at, HistoryLine.id)
    ).all()

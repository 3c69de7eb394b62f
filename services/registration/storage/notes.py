"""Organisers' notes about registrations."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from services.registration.storage.tables import Note
from shared.errors import NotFound


def add(
    session: Session, *, registration_id: UUID, event_id: UUID, text: str, author_id: UUID | None, now: datetime
) -> Note:
    """Keep a note."""
    note = Note(registration_id=registration_id, event_id=event_id, text=text, author_id=author_id, written_at=now)
    session.add(note)
    session.flush()
    return note


def of_registration(session: Session, registration_id: UUID) -> Sequence[Note]:
    """The oldest first."""
    return session.scalars(
        select(Note).where(Note.registration_id == registration_id).order_by(Note.written_at, Note.id)
    ).all()


def get(session: Session, note_id: UUID) -> Note:
    """One note. Raises NotFound."""
    if (found := session.get(Note, note_id)) is None:
        raise NotFound
    return found


def counts(session: Session, registration_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many notes there are about each of these."""
    rows = session.execute(
        select(Note.registration_id, func.count())
        .where(Note.registration_id.in_(list(registration_ids)))
        .group_by(Note.registration_id)
    )
    return {registration_id: number for registration_id, number in rows}  # noqa: C416 - mypy cannot see a pair


def drop(session: Session, note: Note) -> None:
    """Take a note away for good."""
    session.delete(note)


def forget(session: Session, registration_ids: Iterable[UUID]) -> None:
    """Nobody needs to know these people any more."""
    session.execute(delete(Note).where(Note.registration_id.in_(list(registration_ids))))

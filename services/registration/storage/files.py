"""Files that people sent: sealed in the database, so that backup and deletion cover them like every answer."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import CursorResult, delete, or_, select, update
from sqlalchemy.orm import Session

from services.registration.domain.key_ring import KeyRing
from services.registration.domain.uploads import CleanFile
from services.registration.storage.form_tables import FileRow
from services.registration.storage.sealing import seal, unseal

KEPT_FOR = timedelta(hours=1)  # while somebody corrects the rest of the form
MOST_WAITING = 200  # of an event; older ones make room


@dataclass(frozen=True, kw_only=True)
class FileFacts:
    """What is known of a file without opening it."""

    id: UUID
    question_id: UUID
    registration_id: UUID | None
    name: str
    media_type: str
    size: int


def stage(
    session: Session, file: CleanFile, *, event_id: UUID, question_id: UUID, ring: KeyRing, now: datetime
) -> FileFacts:
    """Keep a file that belongs to nobody yet; whoever sent it knows its id."""
    _make_room(session, event_id)
    new_id = uuid4()
    session.add(
        FileRow(
            id=new_id,
            event_id=event_id,
            question_id=question_id,
            registration_id=None,
            name=file.name,
            media_type=file.media_type,
            size=len(file.content),
            sealed=seal(ring, file.content, about=f"file:{new_id}"),
            key_id=ring.current,
            sent_at=now,
        )
    )
    session.flush()
    return FileFacts(
        id=new_id,
        question_id=question_id,
        registration_id=None,
        name=file.name,
        media_type=file.media_type,
        size=len(file.content),
    )


def claim(session: Session, file_id: UUID, *, question_id: UUID, event_id: UUID, registration_id: UUID) -> bool:
    """Give a file that was just sent to a registration, and drop the one before; False if there is none to give."""
    done = session.execute(
        update(FileRow)
        .where(
            FileRow.id == file_id,
            FileRow.event_id == event_id,
            FileRow.question_id == question_id,
            or_(FileRow.registration_id.is_(None), FileRow.registration_id == registration_id),
        )
        .values(registration_id=registration_id),
        execution_options={"synchronize_session": False},
    )
    return cast("CursorResult[Any]", done).rowcount == 1


def keep_only(session: Session, registration_id: UUID, *, among: Collection[UUID], kept: Collection[UUID]) -> None:
    """Delete her files for these questions, except those that are still her answer."""
    session.execute(
        delete(FileRow).where(
            FileRow.registration_id == registration_id,
            FileRow.question_id.in_(list(among)),
            FileRow.id.not_in(list(kept)),
        ),
        execution_options={"synchronize_session": False},
    )


def facts(session: Session, file_ids: Collection[UUID]) -> dict[UUID, FileFacts]:
    """Names and sizes, by id."""
    columns = (FileRow.id, FileRow.question_id, FileRow.registration_id, FileRow.name, FileRow.media_type, FileRow.size)
    if not file_ids:
        return {}
    rows = session.execute(select(*columns).where(FileRow.id.in_(list(file_ids))))
    return {
        each.id: FileFacts(
            id=each.id,
            question_id=each.question_id,
            registration_id=each.registration_id,
            name=each.name,
            media_type=each.media_type,
            size=each.size,
        )
        for each in rows
    }


def content(session: Session, file_id: UUID, *, ring: KeyRing) -> bytes | None:
    """What is in it; None if it cannot be opened any more."""
    row = session.get(FileRow, file_id)
    return None if row is None else unseal(ring, row.sealed, key_id=row.key_id, about=f"file:{file_id}")


def forget_unclaimed(session: Session, *, now: datetime) -> int:
    """Delete what was sent and never became part of a registration."""
    done = session.execute(delete(FileRow).where(FileRow.registration_id.is_(None), FileRow.sent_at <= now - KEPT_FOR))
    return cast("CursorResult[Any]", done).rowcount


def seal_anew(session: Session, *, ring: KeyRing, limit: int) -> int:
    """As storage.answers.seal_anew."""
    known = [each for each in ring.keys if each != ring.current]
    done = 0
    for each in session.scalars(select(FileRow).where(FileRow.key_id.in_(known)).limit(limit)).all():
        opened = unseal(ring, each.sealed, key_id=each.key_id, about=f"file:{each.id}")
        if opened is not None:
            each.sealed, each.key_id = seal(ring, opened, about=f"file:{each.id}"), ring.current
            done += 1
    session.flush()
    return done


def _make_room(session: Session, event_id: UUID) -> None:
    waiting = session.scalars(
        select(FileRow.id)
        .where(FileRow.event_id == event_id, FileRow.registration_id.is_(None))
        .order_by(FileRow.sent_at.desc())
        .offset(MOST_WAITING - 1)
    ).all()
    if waiting:
        session.execute(delete(FileRow).where(FileRow.id.in_(waiting)))

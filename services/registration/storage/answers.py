"""Answers: kept beside the registration, the sensitive ones sealed, deleted when their period is over."""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from services.registration.domain.answers import CONSENT_VERSION, Answer, Sheet
from services.registration.domain.key_ring import KeyRing
from services.registration.storage.form_tables import AnswerRow, FileRow
from services.registration.storage.sealing import seal, unseal
from services.registration.storage.tables import Event, Registration


def add(session: Session, registration_id: UUID, sheet: Sheet, *, ring: KeyRing, now: datetime) -> None:
    """Keep the answers of a new registration: one INSERT."""
    rows = [_row(registration_id, question_id, sheet, ring=ring, now=now) for question_id in sheet.values]
    if rows:
        session.execute(insert(AnswerRow), rows)


def replace(session: Session, registration_id: UUID, sheet: Sheet, *, ring: KeyRing, now: datetime) -> None:
    """Change the answers to the questions of this form; those to questions that are gone stay as they are."""
    asked = [each.id for each in sheet.form.questions]
    session.execute(
        delete(AnswerRow).where(AnswerRow.registration_id == registration_id, AnswerRow.question_id.in_(asked))
    )
    add(session, registration_id, sheet, ring=ring, now=now)


def answers_of(session: Session, registration_ids: Collection[UUID]) -> dict[UUID, dict[UUID, Answer]]:
    """registration -> question -> answer, of these people, without what is sealed. For lists and exports."""
    return _by_person(session.scalars(select(AnswerRow).where(AnswerRow.registration_id.in_(list(registration_ids)))))


def answers_to_event(
    session: Session, event_id: UUID, *, ring: KeyRing | None = None
) -> dict[UUID, dict[UUID, Answer]]:
    """The same for everybody of an event. With the ring the sealed ones are open: ask use_cases first."""
    rows = session.scalars(
        select(AnswerRow)
        .join(Registration, Registration.id == AnswerRow.registration_id)
        .where(Registration.event_id == event_id)
    )
    return _by_person(rows, ring)


def opened(session: Session, registration_id: UUID, *, ring: KeyRing) -> dict[UUID, Answer]:
    """One person's answers with the sealed ones open: for herself, and for use_cases.read_sensitive_answers."""
    rows = session.scalars(select(AnswerRow).where(AnswerRow.registration_id == registration_id))
    return _by_person(rows, ring).get(registration_id, {})


def has_any(session: Session, form_ids: Collection[UUID]) -> bool:
    """Whether somebody answered one of these versions."""
    found = session.scalar(select(AnswerRow.registration_id).where(AnswerRow.form_id.in_(list(form_ids))).limit(1))
    return found is not None


def still_there(session: Session, form_ids: Collection[UUID], question_ids: Collection[UUID]) -> set[UUID]:
    """Those of these questions to which somebody's answer is kept."""
    rows = session.scalars(
        select(AnswerRow.question_id)
        .where(AnswerRow.form_id.in_(list(form_ids)), AnswerRow.question_id.in_(list(question_ids)))
        .distinct()
    )
    return set(rows)


def forget(session: Session, registration_ids: Sequence[UUID]) -> None:
    """Delete all answers and files of these people."""
    session.execute(delete(AnswerRow).where(AnswerRow.registration_id.in_(registration_ids)))
    session.execute(delete(FileRow).where(FileRow.registration_id.in_(registration_ids)))


def forget_due(session: Session, *, now: datetime, limit: int) -> int:
    """Delete answers whose promised period after the event is over, with their files; how many it were."""
    done = 0
    for days in session.scalars(select(AnswerRow.retention_days).distinct()).all():
        due = session.execute(
            select(AnswerRow.registration_id, AnswerRow.question_id)
            .join(Registration, Registration.id == AnswerRow.registration_id)
            .join(Event, Event.id == Registration.event_id)
            .where(AnswerRow.retention_days == days, Event.ends_at <= now - timedelta(days=days))
            .limit(limit)
        ).all()
        for registration_id, question_id in due:
            for table in (AnswerRow, FileRow):
                hers = (table.registration_id == registration_id) & (table.question_id == question_id)
                session.execute(delete(table).where(hers), execution_options={"synchronize_session": False})
        done += len(due)
    return done


def seal_anew(session: Session, *, ring: KeyRing, limit: int) -> int:
    """Seal with the current key what an older one sealed; how many it were. What no key opens stays as it is."""
    known = [each for each in ring.keys if each != ring.current]
    old = session.scalars(
        select(AnswerRow).where(AnswerRow.sealed.is_not(None), AnswerRow.key_id.in_(known)).limit(limit)
    )
    done = 0
    for each in old.all():
        about = _about(each.registration_id, each.question_id)
        if (content := unseal(ring, each.sealed or b"", key_id=each.key_id, about=about)) is not None:
            each.sealed, each.key_id = seal(ring, content, about=about), ring.current
            done += 1
    session.flush()
    return done


def _row(registration_id: UUID, question_id: UUID, sheet: Sheet, *, ring: KeyRing, now: datetime) -> dict[str, Any]:
    question = sheet.form.question(question_id)
    assert question is not None  # noqa: S101 - settle kept answers to questions of this form only
    value = sheet.values[question_id]
    written = json.dumps(value).encode()
    about = _about(registration_id, question_id)
    return {
        "registration_id": registration_id,
        "question_id": question_id,
        "form_id": sheet.form.id,
        "value": None if question.sensitive else value,
        "sealed": seal(ring, written, about=about) if question.sensitive else None,
        "key_id": ring.current if question.sensitive else "",
        "retention_days": question.retention_days,
        "consent": CONSENT_VERSION if question.sensitive else "",
        "answered_at": now,
    }


def _by_person(rows: Iterable[AnswerRow], ring: KeyRing | None = None) -> dict[UUID, dict[UUID, Answer]]:
    found: dict[UUID, dict[UUID, Answer]] = {}
    for each in rows:
        found.setdefault(each.registration_id, {})[each.question_id] = _answer(each, ring)
    return found


def _answer(row: AnswerRow, ring: KeyRing | None) -> Answer:
    value, is_sealed = row.value, row.sealed is not None
    if row.sealed is not None and ring is not None:
        about = _about(row.registration_id, row.question_id)
        content = unseal(ring, row.sealed, key_id=row.key_id, about=about)
        value, is_sealed = (None, True) if content is None else (json.loads(content), False)
    return Answer(
        registration_id=row.registration_id,
        question_id=row.question_id,
        form_id=row.form_id,
        value=value,
        is_sealed=is_sealed,
        answered_at=row.answered_at,
    )


def _about(registration_id: UUID, question_id: UUID) -> str:
    return f"answer:{registration_id}:{question_id}"

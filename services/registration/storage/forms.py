"""Forms: the draft that an organiser builds, and the versions that were published."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID, uuid4

from sqlalchemy import Table, func, select, update
from sqlalchemy.orm import Session

from services.registration.domain import forms as rules
from services.registration.domain.forms import FormVersion, Questions
from services.registration.domain.questions import from_document, to_document
from services.registration.storage.form_tables import FormDraft, FormVersionRow
from services.registration.storage.tables import Event
from shared.database import insert_if_new
from shared.errors import NotFound

_KEPT: dict[UUID, FormVersion] = {}  # versions never change, so a process reads each once
_MOST_KEPT = 200


def current(session: Session, event: Event) -> FormVersion | None:
    """What is asked now; None, without asking the database, where nothing is."""
    return None if event.form_id is None else get(session, event.form_id)


def get(session: Session, form_id: UUID) -> FormVersion:
    """A published version. Raises NotFound."""
    if form_id in _KEPT:
        return _KEPT[form_id]
    row = session.get(FormVersionRow, form_id)
    if row is None:
        raise NotFound
    if len(_KEPT) >= _MOST_KEPT:
        _KEPT.clear()
    _KEPT[form_id] = _version(row)
    return _KEPT[form_id]


def versions(session: Session, event_id: UUID) -> list[FormVersion]:
    """All that were published, oldest first."""
    rows = session.scalars(
        select(FormVersionRow).where(FormVersionRow.event_id == event_id).order_by(FormVersionRow.number)
    )
    return [_version(each) for each in rows]


def ever_sensitive(session: Session, event_id: UUID) -> set[UUID]:
    """Questions of the event that are sensitive, or were: nothing of their answers is told in lists."""
    return rules.ever_sensitive(versions(session, event_id))


def others(session: Session, event: Event, *, most: int = 50) -> Sequence[Event]:
    """Other events of the same organisation that ask something, the latest first."""
    return session.scalars(
        select(Event)
        .where(Event.organisation_id == event.organisation_id, Event.form_id.is_not(None), Event.id != event.id)
        .order_by(Event.starts_at.desc(), Event.id)
        .limit(most)
    ).all()


def draft(session: Session, event_id: UUID) -> Questions:
    """The form as it is being built."""
    row = session.get(FormDraft, event_id)
    return _questions(row.questions) if row else ()


def lock_draft(session: Session, event_id: UUID, *, now: datetime) -> Questions:
    """The same, held until the end of the transaction, so that two organisers change it one after the other."""
    insert_if_new(session, cast("Table", FormDraft.__table__), event_id=event_id, questions=[], changed_at=now)
    row = session.scalars(
        select(FormDraft)
        .where(FormDraft.event_id == event_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    return _questions(row.questions)


def keep_draft(session: Session, event_id: UUID, questions: Questions, *, now: datetime) -> None:
    """Keep the draft that `lock_draft` holds."""
    session.execute(
        update(FormDraft)
        .where(FormDraft.event_id == event_id)
        .values(questions=[to_document(each) for each in questions], changed_at=now)
    )


def publish(session: Session, event_id: UUID, questions: Questions, *, now: datetime) -> FormVersion:
    """A new version; from now on it is what people are asked, or nothing if it has no questions."""
    newest = session.scalar(select(func.max(FormVersionRow.number)).where(FormVersionRow.event_id == event_id)) or 0
    version = FormVersion(id=uuid4(), event_id=event_id, number=newest + 1, questions=questions)
    session.add(
        FormVersionRow(
            id=version.id,
            event_id=event_id,
            number=version.number,
            questions=[to_document(each) for each in questions],
            published_at=now,
        )
    )
    session.flush()
    session.execute(
        update(Event).where(Event.id == event_id).values(form_id=version.id if questions else None),
        execution_options={"synchronize_session": "fetch"},
    )
    return version


def _version(row: FormVersionRow) -> FormVersion:
    return FormVersion(id=row.id, event_id=row.event_id, number=row.number, questions=_questions(row.questions))


def _questions(written: Sequence[dict[str, object]]) -> Questions:
    return tuple(from_document(each) for each in written)

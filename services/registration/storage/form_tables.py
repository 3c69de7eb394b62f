"""The rows of forms, answers and files. Answers and files never leave this service."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.registration.storage.tables import Row
from shared.database import Json


class FormDraft(Row):
    """The form as its organiser is building it; attendees see the published version."""

    __tablename__ = "form_draft"

    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    questions: Mapped[list[Any]] = mapped_column(default=list)  # domain.questions.to_document
    changed_at: Mapped[datetime]


class FormVersionRow(Row):
    """A form as it was published. Rows are never changed: answers point to them."""

    __tablename__ = "form_version"
    __table_args__ = (UniqueConstraint("event_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"))
    number: Mapped[int]
    questions: Mapped[list[Any]]
    published_at: Mapped[datetime]


class AnswerRow(Row):
    """An answer to a question of a version of the form. Sensitive ones are sealed: storage.sealing."""

    __tablename__ = "answer"
    __table_args__ = (Index("answers_by_period", "retention_days", "registration_id"),)

    registration_id: Mapped[UUID] = mapped_column(ForeignKey("registration.id"), primary_key=True)
    question_id: Mapped[UUID] = mapped_column(primary_key=True)
    form_id: Mapped[UUID] = mapped_column(ForeignKey("form_version.id"), index=True)
    value: Mapped[Any] = mapped_column(Json, nullable=True)
    sealed: Mapped[bytes | None]
    key_id: Mapped[str] = mapped_column(default="")
    retention_days: Mapped[int]  # as it was promised when she answered
    consent: Mapped[str] = mapped_column(default="")  # version of the words she agreed to, of a sensitive question
    answered_at: Mapped[datetime]


class FileRow(Row):
    """A file that somebody sent, cleaned and sealed. Without a registration: only just sent, kept for an hour."""

    __tablename__ = "answer_file"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"))
    question_id: Mapped[UUID]
    registration_id: Mapped[UUID | None] = mapped_column(ForeignKey("registration.id"), index=True)
    name: Mapped[str]  # made safe: domain.uploads.safe_name
    media_type: Mapped[str]
    size: Mapped[int]
    sealed: Mapped[bytes]
    key_id: Mapped[str]
    sent_at: Mapped[datetime] = mapped_column(index=True)

"""The tables of the notifications service."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.database import COLUMN_TYPES, new_metadata
from shared.messaging.tables import attach

_Serial = BigInteger().with_variant(Integer, "sqlite")


class Row(DeclarativeBase):
    """Base of all rows of this service."""

    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


attach(Row)


class EventCopy(Row):
    """An event as last told by its owner; whoever touches what hangs on it locks this row first."""

    __tablename__ = "event_copy"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    organisation_id: Mapped[UUID] = mapped_column(index=True)
    snapshot: Mapped[dict[str, Any]]
    reason: Mapped[dict[str, str]]  # why it moved last
    reason_version: Mapped[int] = mapped_column(BigInteger)
    is_behind: Mapped[bool] = mapped_column(index=True)  # some attendees have not been told of this version yet
    ends_at: Mapped[datetime | None] = mapped_column(index=True)  # of its last session


class AttendeeCopy(Row):
    """A registration as last told by its owner. The ticket code is not kept: it stands in the ticket mail only."""

    __tablename__ = "attendee_copy"

    registration_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event_copy.id"), index=True)
    status: Mapped[str] = mapped_column(String(20))
    news: Mapped[dict[str, Any]]
    told: Mapped[list[Any]]  # the sessions as she was told of them last
    event_version: Mapped[int] = mapped_column(BigInteger)  # of the event, up to which she is told everything


class InvitationRow(Row):
    """What one attendee's calendar knows of one session. A cancelled one is never taken up again."""

    __tablename__ = "invitation"

    uid: Mapped[str] = mapped_column(String(255), primary_key=True)
    registration_id: Mapped[UUID] = mapped_column(ForeignKey("attendee_copy.registration_id"))
    session_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(String(10))  # active | cancelled
    address: Mapped[str] = mapped_column(String(320))
    sequence: Mapped[int] = mapped_column(Integer)
    dtstamp: Mapped[datetime]
    event_version: Mapped[int] = mapped_column(BigInteger)
    schedule_key: Mapped[str] = mapped_column(String(64))
    content_key: Mapped[str] = mapped_column(String(64))
    entry: Mapped[dict[str, Any]]
    thread: Mapped[str] = mapped_column(String(255))

    __table_args__ = (
        Index(
            "uq_invitation_active",
            "registration_id",
            "session_id",
            unique=True,
            sqlite_where=status == "active",
            postgresql_where=status == "active",
        ),
    )


class MailRow(Row):
    """One mail to one person. `cause` is unique: a message that is handled twice makes one mail."""

    __tablename__ = "mail"

    number: Mapped[int] = mapped_column(_Serial, primary_key=True, autoincrement=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    cause: Mapped[str] = mapped_column(String(200), unique=True)
    organisation_id: Mapped[UUID | None]
    event_id: Mapped[UUID | None] = mapped_column(index=True)
    registration_id: Mapped[UUID | None]  # mails of one registration leave in the order of their numbers
    uid: Mapped[str | None] = mapped_column(String(255), index=True)  # of a calendar mail
    kind: Mapped[str] = mapped_column(String(40))
    locale: Mapped[str] = mapped_column(String(20))
    recipient_name: Mapped[str] = mapped_column(String(255))
    recipient: Mapped[str] = mapped_column(String(320))
    envelope_from: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(String(255))
    message_id: Mapped[str] = mapped_column(String(255))
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(12))
    attempts: Mapped[int] = mapped_column(Integer)
    next_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    retried_at: Mapped[datetime | None]  # by hand
    sent_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_mail_log", "organisation_id", "number"),
        Index("ix_mail_state", "state", "next_at"),
        Index("ix_mail_thread", "registration_id", "number"),
    )


class RevokedToken(Row):
    """An API token or account session that must not be believed any more, until it would have ended anyway."""

    __tablename__ = "revoked_token"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    revoked_at: Mapped[datetime]
    expires_at: Mapped[datetime | None] = mapped_column(index=True)


class WebhookRow(Row):
    """An address of another system that wants to be told. Who calls it has it for himself until `busy_until`."""

    __tablename__ = "webhook"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(index=True)
    url: Mapped[str] = mapped_column(String(500))
    kinds: Mapped[list[str]]
    state: Mapped[str] = mapped_column(String(10))
    secret: Mapped[bytes] = mapped_column(LargeBinary)  # sealed
    old_secret: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed; signs too for a day after a change
    old_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(Integer)  # in a row
    failing_since: Mapped[datetime | None]
    rest_until: Mapped[datetime | None]
    busy_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class DeliveryRow(Row):
    """One message to one webhook. The same message handled twice makes one delivery."""

    __tablename__ = "webhook_delivery"

    number: Mapped[int] = mapped_column(_Serial, primary_key=True, autoincrement=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhook.id"))
    message_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(40))
    event_id: Mapped[UUID | None]
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(Integer)
    next_at: Mapped[datetime | None]
    status: Mapped[int | None] = mapped_column(Integer)  # that was answered last
    reason: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(index=True)
    retried_at: Mapped[datetime | None]  # by hand
    delivered_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_webhook_delivery_message", "webhook_id", "message_id", unique=True),
        Index("ix_webhook_delivery_due", "webhook_id", "state", "next_at"),
        Index("ix_webhook_delivery_log", "webhook_id", "number"),
    )


class AuditEntry(Row):
    """Who did what with a webhook, when. Ids, kinds and the receiver's name, no personal content. Append-only."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("log_of_an_organisation", "organisation_id", "at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    actor_kind: Mapped[str]
    action: Mapped[str]
    object_id: Mapped[UUID] = mapped_column(index=True)
    organisation_id: Mapped[UUID | None]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)

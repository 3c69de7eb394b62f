"""The rows this service owns."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from shared.database import COLUMN_TYPES, new_metadata
from shared.messaging.tables import attach

OFFERED_ONLY = text("state = 'offered'")
UNTOLD_ONLY = text("untold")
OPEN_ONLY = text("state = 'open'")
REPLACED_ONLY = text("replaced_by IS NOT NULL")
LIVING_ONLY = text("status IN ('pending', 'confirmed', 'waiting')")


class Row(DeclarativeBase):
    """The base of this service's rows."""

    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


attach(Row)


class Event(Row):
    """Our copy of an event, as the events service told it: shared.contracts.events.EventSnapshot."""

    __tablename__ = "event"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    slug: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str]
    organisation_id: Mapped[UUID] = mapped_column(index=True)
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    snapshot: Mapped[dict[str, Any]]
    drawn_at: Mapped[datetime | None]  # when the places of a lottery or by priority were given
    host_told_at: Mapped[datetime | None]  # when the host company was told who comes
    form_id: Mapped[UUID | None]  # the form_version that is asked now; None: nothing is asked
    notices_version: Mapped[int | None]  # the version for which next_notice_at holds
    next_notice_at: Mapped[datetime | None]  # when the next people are to be asked or reminded

    quotas: Mapped[list["Quota"]] = relationship(order_by="Quota.position", viewonly=True)


class Quota(Row):
    """A limited number of places. Only conditional updates touch the counters (storage.quotas)."""

    __tablename__ = "quota"
    __table_args__ = (CheckConstraint("taken >= 0", name="taken_not_negative"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), index=True)
    position: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)  # grows with every change of the counters
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    next_number: Mapped[int] = mapped_column(default=1)  # of the waiting list, never given twice
    is_open: Mapped[bool] = mapped_column(default=True)  # False: no longer part of the event


class Registration(Row):
    """One person's sign-up for one event."""

    __tablename__ = "registration"
    __table_args__ = (
        # One living registration per person and event; cancelled and expired ones keep their history.
        Index(
            "one_per_person",
            "event_id",
            "email_key",
            unique=True,
            sqlite_where=LIVING_ONLY,
            postgresql_where=LIVING_ONLY,
        ),
        Index("untold", "event_id", sqlite_where=UNTOLD_ONLY, postgresql_where=UNTOLD_ONLY),
        # What the organiser's list is sorted and most often filtered by, so that a page of it never sorts the event.
        Index("registrations_by_arrival", "event_id", "created_at", "id"),
        Index("registrations_by_status", "event_id", "status", "created_at", "id"),
        Index("registrations_by_name", "event_id", "search_text", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    version: Mapped[int] = mapped_column(default=1)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), index=True)
    status: Mapped[str]  # pending | confirmed | waiting | cancelled | expired
    name: Mapped[str]
    email: Mapped[str]  # as she wrote it
    ascii_email: Mapped[str]  # for envelope and To
    email_key: Mapped[str] = mapped_column(index=True)  # as mail systems compare addresses
    search_text: Mapped[str]  # name and address, case folded: the databases do not agree on the case of most scripts
    locale: Mapped[str]
    page_hash: Mapped[str] = mapped_column(unique=True)  # SHA-256 of her page's token
    ticket_hash: Mapped[str] = mapped_column(unique=True)  # SHA-256 of the ticket code
    address_confirmed_at: Mapped[datetime | None]
    confirm_by: Mapped[datetime | None] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)
    changed_at: Mapped[datetime]
    cancelled_by: Mapped[str] = mapped_column(default="")  # as contracts have it
    cancelled_reason: Mapped[str] = mapped_column(default="")
    repeated_at: Mapped[datetime | None]  # when her owner was last told that somebody used the address again
    source: Mapped[str] = mapped_column(default="form")  # form | api | organiser | import | invitation | walk_in
    forgotten_at: Mapped[datetime | None]  # from then on only what statistics need is left
    untold: Mapped[bool] = mapped_column(default=False, server_default=false())  # her place in line is yet to be told

    event: Mapped[Event] = relationship()
    places: Mapped[list["Place"]] = relationship(back_populates="registration", cascade="all, delete-orphan")
    consents: Mapped[list["Consent"]] = relationship(cascade="all, delete-orphan")


class Place(Row):
    """A place in a quota, held or waited for. `number` orders the waiting list; a released place stays as history."""

    __tablename__ = "place"
    __table_args__ = (
        UniqueConstraint("registration_id", "quota_id"),
        Index("waiting_list", "quota_id", "state", "number"),
        Index("open_offers", "offered_until", sqlite_where=OFFERED_ONLY, postgresql_where=OFFERED_ONLY),
        Index("exchanges", "quota_id", sqlite_where=REPLACED_ONLY, postgresql_where=REPLACED_ONLY),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    registration_id: Mapped[UUID] = mapped_column(ForeignKey("registration.id"), index=True)
    quota_id: Mapped[UUID] = mapped_column(ForeignKey("quota.id"))
    state: Mapped[str]  # held | waiting | applied | offered | released
    number: Mapped[int | None]
    together: Mapped[bool] = mapped_column(default=False, server_default=false())  # only with her other quotas
    offered_until: Mapped[datetime | None]
    replaced_by: Mapped[UUID | None]  # the quota she waits for: when a place there is hers, this one is given back

    registration: Mapped[Registration] = relationship(back_populates="places")


class Draw(Row):
    """How the places of one event are given by lot or by priority. The seed is secret until drawn_at."""

    __tablename__ = "draw"

    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    seed: Mapped[str]
    due_at: Mapped[datetime] = mapped_column(index=True)
    drawn_at: Mapped[datetime | None]
    lots: Mapped[list[str]] = mapped_column(default=list)  # in the order that was drawn


class Claim(Row):
    """What somebody said of herself where some come first."""

    __tablename__ = "claim"

    registration_id: Mapped[UUID] = mapped_column(ForeignKey("registration.id"), primary_key=True)
    field_of_study: Mapped[str]
    audience: Mapped[str]


class Consent(Row):
    """What she agreed to, in which words."""

    __tablename__ = "consent"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    registration_id: Mapped[UUID] = mapped_column(ForeignKey("registration.id"), index=True)
    purpose: Mapped[str]  # privacy | photo | share_with_company | newsletter
    text_version: Mapped[str]
    locale: Mapped[str]
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Scan(Row):
    """The append-only log of the door: every scan as it was made, with what was shown for it."""

    __tablename__ = "scan"
    __table_args__ = (Index("scans_of_a_ticket", "registration_id", "session_id"),)

    scan_id: Mapped[UUID] = mapped_column(primary_key=True)  # made by the client: sending twice is harmless
    content: Mapped[str]  # SHA-256 of what was sent: the same scan_id with other content is a fault
    event_id: Mapped[UUID | None] = mapped_column(ForeignKey("event.id"), index=True)  # None: nobody could tell
    session_id: Mapped[UUID | None]
    registration_id: Mapped[UUID | None] = mapped_column(ForeignKey("registration.id"))
    kind: Mapped[str]  # entry | undo
    undoes: Mapped[UUID | None]
    verdict: Mapped[str]  # admitted | duplicate | refused | undone
    reason: Mapped[str] = mapped_column(default="")  # the rejection's name; by_hand for an organiser's correction
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what the door was told; never a name
    device: Mapped[str] = mapped_column(default="")
    scanned_at: Mapped[datetime]
    received_at: Mapped[datetime]
    actor_id: Mapped[UUID | None]


class CheckIn(Row):
    """Who is in: the first accepted scan of a ticket for a session wins by this primary key."""

    __tablename__ = "check_in"

    registration_id: Mapped[UUID] = mapped_column(ForeignKey("registration.id"), primary_key=True)
    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), index=True)
    scan_id: Mapped[UUID] = mapped_column(ForeignKey("scan.scan_id"))
    scanned_at: Mapped[datetime]
    device: Mapped[str] = mapped_column(default="")


class Device(Row):
    """A helper's phone, paired for one event's door. Known by the hash of its token."""

    __tablename__ = "device"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), index=True)
    name: Mapped[str] = mapped_column(default="")
    pairing_hash: Mapped[str | None] = mapped_column(unique=True)  # single use, cleared when paired
    token_hash: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class CompanyContact(Row):
    """The host company wants to stay in touch, and this is whom to write to."""

    __tablename__ = "company_contact"

    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    name: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
    locale: Mapped[str]
    actor_id: Mapped[UUID | None]
    agreed_at: Mapped[datetime]


class ContactWish(Row):
    """An attendee who was there wants to stay in touch. Both learn of each other once the company agreed too."""

    __tablename__ = "contact_wish"

    registration_id: Mapped[UUID] = mapped_column(ForeignKey("registration.id"), primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), index=True)
    agreed_at: Mapped[datetime]
    exchanged_at: Mapped[datetime | None]


class HandOver(Row):
    """Somebody asked a friend to take her place. Changes only under her registration's lock, or when it is too late."""

    __tablename__ = "hand_over"
    __table_args__ = (
        Index("one_open_hand_over", "registration_id", unique=True, sqlite_where=OPEN_ONLY, postgresql_where=OPEN_ONLY),
        Index("open_hand_overs", "deadline", sqlite_where=OPEN_ONLY, postgresql_where=OPEN_ONLY),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    registration_id: Mapped[UUID] = mapped_column(ForeignKey("registration.id"), index=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"))
    state: Mapped[str]  # open | taken | withdrawn | expired
    name: Mapped[str]  # of the friend; empty once it is decided, as is the address
    email: Mapped[str]
    ascii_email: Mapped[str]
    email_key: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    deadline: Mapped[datetime]
    taken_by: Mapped[UUID | None] = mapped_column(ForeignKey("registration.id"))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class NoticeRound(Row):
    """Everybody of an event who has a place was noted to be asked, or reminded, about this start. Made once."""

    __tablename__ = "notice_round"

    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)  # question | reminder
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]


class Notice(Row):
    """Somebody is asked whether she comes, or reminded. Changes only under her registration's lock."""

    __tablename__ = "notice"

    registration_id: Mapped[UUID] = mapped_column(ForeignKey("registration.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"))
    due_at: Mapped[datetime | None] = mapped_column(index=True)  # of the next step; None: nothing is left to do
    told_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]  # when she said that she comes


class RevokedToken(Row):
    """API tokens and account sessions that the events service took back; needed until they would have ended anyway."""

    __tablename__ = "revoked_token"

    token_id: Mapped[UUID] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime | None] = mapped_column(index=True)


class AuditEntry(Row):
    """Who did what, when. Ids and field names, no personal content. Append-only."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("log_of_an_event", "event_id", "at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[UUID | None]
    actor_kind: Mapped[str]
    action: Mapped[str]
    object_id: Mapped[UUID] = mapped_column(index=True)
    organisation_id: Mapped[UUID | None]
    event_id: Mapped[UUID | None]  # None: of no event, or written before 0002
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Colleague(Row):
    """What those are called who are in the audit log: the log itself holds ids only."""

    __tablename__ = "colleague"

    actor_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class HistoryLine(Row):
    """What became of a registration after the sign-up, in order. `kind` names the message; no personal content."""

    __tablename__ = "history_line"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    registration_id: Mapped[UUID] = mapped_column(ForeignKey("registration.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Note(Row):
    """What organisers write down about a registration. It stays in this database: on no queue, in no mail."""

    __tablename__ = "note"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    registration_id: Mapped[UUID] = mapped_column(ForeignKey("registration.id"), index=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), index=True)
    text: Mapped[str]
    author_id: Mapped[UUID | None]
    written_at: Mapped[datetime]


class Batch(Row):
    """One action on many registrations. It takes effect at `due_at`; until then it can be stopped without a trace."""

    __tablename__ = "batch"
    __table_args__ = (Index("due_batches", "state", "due_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), index=True)
    action: Mapped[str]  # domain.batches.ACTIONS
    state: Mapped[str]  # waiting | running | done | undone | taking_back
    actor_id: Mapped[UUID | None]
    actor_kind: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    total: Mapped[int]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]


class BatchItem(Row):
    """One registration of a batch. `outcome` says why nothing was done, empty if it was."""

    __tablename__ = "batch_item"
    __table_args__ = (Index("open_items", "batch_id", "state", "position"),)

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batch.id"), primary_key=True)
    registration_id: Mapped[UUID] = mapped_column(ForeignKey("registration.id"), primary_key=True)
    position: Mapped[int]
    state: Mapped[str]  # waiting | done | skipped | undone
    outcome: Mapped[str] = mapped_column(default="")
    done_at: Mapped[datetime | None]


class Invitation(Row):
    """A personal link to sign up. One that holds a place has taken it in its quota: it counts there as taken."""

    __tablename__ = "invitation"
    __table_args__ = (
        Index("invitations_of_an_event", "event_id", "created_at", "id"),
        Index("lapsing_invitations", "state", "deadline"),
        Index(
            "one_open_invitation_per_person",
            "event_id",
            "email_key",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    version: Mapped[int] = mapped_column(default=1)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"))
    quota_id: Mapped[UUID] = mapped_column(ForeignKey("quota.id"), index=True)
    state: Mapped[str]  # open | used | expired | revoked
    holds_place: Mapped[bool]
    name: Mapped[str] = mapped_column(default="")
    email: Mapped[str]
    ascii_email: Mapped[str]
    email_key: Mapped[str]
    locale: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    deadline: Mapped[datetime | None]
    registration_id: Mapped[UUID | None] = mapped_column(ForeignKey("registration.id"))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class ImportRun(Row):
    """A list of people that was taken over. Its id comes from the form: sent twice, it is done once."""

    __tablename__ = "import_run"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), index=True)
    content: Mapped[str]  # SHA-256 of the list
    added: Mapped[int]
    skipped: Mapped[int]
    created_at: Mapped[datetime]


class IdempotentAnswer(Row):
    """What an API call with an Idempotency-Key was answered, so that sending it again changes nothing."""

    __tablename__ = "idempotent_answer"

    key: Mapped[str] = mapped_column(primary_key=True)  # SHA-256 of who asked, where, and the key
    request: Mapped[str]  # SHA-256 of the body
    status: Mapped[int]
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)

"""The rows this service owns."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from shared.database import COLUMN_TYPES, new_metadata
from shared.messaging.tables import attach


class Row(DeclarativeBase):
    """Base of all tables here."""

    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


attach(Row)

Texts = dict[str, str]


class Organisation(Row):
    """The one in the middle: migrant organisation, career service, regional network."""

    __tablename__ = "organisation"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str]
    website: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(default="de")
    created_at: Mapped[datetime]


class Account(Row):
    """A person who signs in: organiser, helper, company contact, administrator."""

    __tablename__ = "account"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(unique=True)  # as normalised by domain.addresses.key
    address: Mapped[str]  # as she wrote it
    name: Mapped[str] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(default="de")
    is_admin: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Membership(Row):
    """A role of an account in an organisation."""

    __tablename__ = "membership"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    role: Mapped[str]
    created_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship()
    account: Mapped[Account] = relationship()


class Company(Row):
    """A host or exhibitor. What it told us once is remembered for its next offer."""

    __tablename__ = "company"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str]
    website: Mapped[str] = mapped_column(default="")
    street: Mapped[str] = mapped_column(default="")
    postal_code: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="DE")
    phone: Mapped[str] = mapped_column(default="")
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))  # who entered it, if not itself
    created_at: Mapped[datetime]


class CompanyContact(Row):
    """An account that speaks for a company."""

    __tablename__ = "company_contact"

    company_id: Mapped[UUID] = mapped_column(ForeignKey("company.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    created_at: Mapped[datetime]


class SignInLink(Row):
    """A single-use link, known only by its hash. Opening it changes nothing; the button consumes it."""

    __tablename__ = "sign_in_link"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    purpose: Mapped[str]
    next_path: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()


class AccountSession(Row):
    """Somebody is signed in on one device."""

    __tablename__ = "account_session"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    token_hash: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    browser: Mapped[str] = mapped_column(default="")

    account: Mapped[Account] = relationship()


class ApiToken(Row):
    """An API token that was given out; the token itself is signed and not stored."""

    __tablename__ = "api_token"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Event(Row):
    """Something people attend. `version` grows with every change that others are told of."""

    __tablename__ = "event"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    version: Mapped[int] = mapped_column(default=1)
    slug: Mapped[str] = mapped_column(unique=True)
    format: Mapped[str]
    status: Mapped[str] = mapped_column(default="draft", index=True)  # draft | published | cancelled
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    company_id: Mapped[UUID | None] = mapped_column(ForeignKey("company.id"), index=True)
    title: Mapped[Texts]
    summary: Mapped[Texts] = mapped_column(default=dict)
    description: Mapped[Texts] = mapped_column(default=dict)
    languages: Mapped[list[str]] = mapped_column(default=list)  # spoken, BCP 47
    german_level: Mapped[str] = mapped_column(default="")  # "" | A1 … C2
    fields_of_study: Mapped[list[str]] = mapped_column(default=list)
    safety: Mapped[list[str]] = mapped_column(default=list)  # closed_shoes | photo_id | no_photos | …
    safety_notes: Mapped[Texts] = mapped_column(default=dict)
    accessibility: Mapped[Texts] = mapped_column(default=dict)
    quota_choice: Mapped[str] = mapped_column(default="one")  # one | any
    sign_up_opens_at: Mapped[datetime | None]
    sign_up_closes_at: Mapped[datetime | None]
    sign_up_rules: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    starts_at: Mapped[datetime | None] = mapped_column(index=True)  # of the first session
    ends_at: Mapped[datetime | None] = mapped_column(index=True)  # of the last one
    words: Mapped[str] = mapped_column(default="")  # what the catalogue's search looks through, without case
    import_key: Mapped[str | None] = mapped_column(unique=True)  # a row of a file is one event
    missing: Mapped[list[str]] = mapped_column(default=list)  # facts an import could not find
    note: Mapped[str] = mapped_column(default="")  # internal
    cancelled_reason: Mapped[Texts] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship()
    company: Mapped[Company | None] = relationship()
    sessions: Mapped[list["EventSession"]] = relationship(
        back_populates="event", order_by="EventSession.starts_at, EventSession.id", cascade="all, delete-orphan"
    )
    quotas: Mapped[list["Quota"]] = relationship(
        back_populates="event", order_by="Quota.position", cascade="all, delete-orphan"
    )


class EventSession(Row):
    """One time block. Local times and zone are the truth, the instants are derived for queries."""

    __tablename__ = "event_session"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), index=True)
    title: Mapped[Texts] = mapped_column(default=dict)
    local_start: Mapped[str]  # 2026-12-03T14:00
    local_end: Mapped[str]
    zone: Mapped[str]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime] = mapped_column(index=True)
    city: Mapped[str] = mapped_column(default="", index=True)
    place: Mapped[dict[str, Any] | None]  # shared.contracts.events.Place; None: online
    join_url: Mapped[str] = mapped_column(default="")

    event: Mapped[Event] = relationship(back_populates="sessions")


class Quota(Row):
    """A limited number of places. The counting is the registration service's; here is what is planned."""

    __tablename__ = "quota"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), index=True)
    position: Mapped[int]
    name: Mapped[Texts] = mapped_column(default=dict)
    kind: Mapped[str] = mapped_column(default="event")  # event | group | slot | stakeholder | session
    capacity: Mapped[int]
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("event_session.id"))
    language: Mapped[str] = mapped_column(default="")

    event: Mapped[Event] = relationship(back_populates="quotas")
    session: Mapped[EventSession | None] = relationship()


class Availability(Row):
    """What the registration service last said of a quota; late old news is ignored by version."""

    __tablename__ = "availability"

    quota_id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(index=True)
    version: Mapped[int]
    capacity: Mapped[int]
    free: Mapped[int]
    waiting: Mapped[int]


class CatalogueState(Row):
    """One row: `version` grows with every change of what public pages show, free places apart. Triggers count."""

    __tablename__ = "catalogue_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger)
    noted_by: Mapped[int] = mapped_column(BigInteger)  # the transaction that counted last (PostgreSQL)


class Offer(Row):
    """A company's tour offer, from first keystroke to event. `content` is schemas.offers' plain data."""

    __tablename__ = "offer"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    version: Mapped[int] = mapped_column(default=1)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    company_id: Mapped[UUID] = mapped_column(ForeignKey("company.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    status: Mapped[str] = mapped_column(default="draft", index=True)
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)
    revision: Mapped[dict[str, Any] | None]  # the wished content while it waits for review
    event_id: Mapped[UUID | None] = mapped_column(ForeignKey("event.id"), unique=True)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship()
    company: Mapped[Company] = relationship()
    account: Mapped[Account] = relationship()
    thread: Mapped[list["OfferEntry"]] = relationship(
        back_populates="offer", order_by="OfferEntry.at, OfferEntry.id", cascade="all, delete-orphan"
    )


class OfferEntry(Row):
    """One line of the thread between company and organiser, or a step of the review. Never changed."""

    __tablename__ = "offer_entry"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"), index=True)
    at: Mapped[datetime]
    side: Mapped[str]  # company | organiser
    author: Mapped[str]
    kind: Mapped[str]  # offered | change_requested | answered | accepted | declined | revised | …
    text: Mapped[str] = mapped_column(default="")

    offer: Mapped[Offer] = relationship(back_populates="thread")


class IdempotentAnswer(Row):
    """What an API call with an Idempotency-Key was answered, so that sending it again changes nothing."""

    __tablename__ = "idempotent_answer"

    key: Mapped[str] = mapped_column(primary_key=True)  # SHA-256 of who asked, where, and the key
    request: Mapped[str]  # SHA-256 of the body
    status: Mapped[int]
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)


class AuditEntry(Row):
    """Who did what, when. Ids and field names, no personal content. Append-only."""

    __tablename__ = "audit_entry"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[UUID | None]
    actor_kind: Mapped[str]
    action: Mapped[str]
    object_id: Mapped[UUID] = mapped_column(index=True)
    organisation_id: Mapped[UUID | None]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)

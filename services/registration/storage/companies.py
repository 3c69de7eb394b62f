"""What a host company may see of the people who come, and how contacts are kept until both sides agreed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, exists, func, select, update
from sqlalchemy.orm import Session

from services.registration.domain.consents import SHARING
from services.registration.domain.registrations import Status
from services.registration.storage.tables import CheckIn, CompanyContact, Consent, ContactWish, Event, Registration

_AGREED = exists().where(
    Consent.registration_id == Registration.id, Consent.purpose == SHARING, Consent.withdrawn_at.is_(None)
)


def named(session: Session, event_id: UUID) -> Sequence[Registration]:
    """Those who come and agreed that the host company knows their name and address."""
    return session.scalars(_coming(event_id).where(_AGREED).order_by(Registration.search_text)).all()


def number_coming(session: Session, event_id: UUID) -> int:
    """How many hold a place, named or not."""
    return session.scalar(select(func.count()).select_from(_coming(event_id).subquery())) or 0


def own_guests(session: Session, event_id: UUID) -> Sequence[Registration]:
    """Those whom the company itself asked to come and who said yes."""
    own = Registration.event_id == event_id, Registration.source == "company"
    said_yes = Registration.status.in_((Status.CONFIRMED, Status.WAITING))
    return session.scalars(select(Registration).where(*own, said_yes).order_by(Registration.created_at)).all()


def untold(session: Session, *, now: datetime, until: datetime, limit: int) -> Sequence[UUID]:
    """Ids of published events that begin soon and whose host has not been told who comes."""
    soon = Event.starts_at > now, Event.starts_at <= until
    due = select(Event.id).where(Event.status == "published", Event.host_told_at.is_(None), *soon)
    return session.scalars(due.order_by(Event.starts_at).limit(limit)).all()


def mark_told(session: Session, event_id: UUID, now: datetime) -> bool:
    """Whether it was this transaction that marked the event; the other one of two does nothing."""
    marked = update(Event).where(Event.id == event_id, Event.host_told_at.is_(None)).values(host_told_at=now)
    return session.execute(marked.returning(Event.id)).one_or_none() is not None


def contact_of(session: Session, event_id: UUID) -> CompanyContact | None:
    """Whom to write to at the company, if it wants to stay in touch."""
    return session.get(CompanyContact, event_id)


def wish_of(session: Session, registration_id: UUID) -> ContactWish | None:
    """Whether she wants to stay in touch."""
    return session.get(ContactWish, registration_id)


def was_there(session: Session, registration_id: UUID) -> bool:
    """Whether she was checked in for any session."""
    return bool(session.scalar(select(exists().where(CheckIn.registration_id == registration_id))))


def open_wishes(session: Session, event_id: UUID) -> Sequence[ContactWish]:
    """Wishes that wait for the company's yes, held until the end of the transaction."""
    waiting = select(ContactWish).where(ContactWish.event_id == event_id, ContactWish.exchanged_at.is_(None))
    return session.scalars(waiting.order_by(ContactWish.registration_id).with_for_update(key_share=True)).all()


def exchanged(session: Session, event_id: UUID) -> Sequence[Registration]:
    """Those with whom contacts were exchanged."""
    joined = select(Registration).join(ContactWish, ContactWish.registration_id == Registration.id)
    told = ContactWish.event_id == event_id, ContactWish.exchanged_at.is_not(None)
    return session.scalars(joined.where(*told).order_by(Registration.search_text)).all()


def forget_contacts(session: Session, *, over_before: datetime) -> None:
    """Take away whom attendees could write to, long after the event."""
    over = select(Event.id).where(Event.ends_at <= over_before)
    session.execute(delete(CompanyContact).where(CompanyContact.event_id.in_(over)))


def _coming(event_id: UUID) -> Select[Registration]:
    return select(Registration).where(Registration.event_id == event_id, Registration.status == Status.CONFIRMED)

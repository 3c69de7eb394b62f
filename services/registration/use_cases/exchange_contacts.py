"""After the visit: attendee and company learn of each other if both want it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.company import ensure_exchanges_contacts
from services.registration.domain.links import Links
from services.registration.domain.registrations import Status
from services.registration.storage import companies, events, registrations
from services.registration.storage.tables import CompanyContact, ContactWish, Event
from services.registration.use_cases.news import news_of
from shared.contracts.events import Person
from shared.contracts.registration import ContactsExchanged
from shared.errors import NotPermitted
from shared.messaging import outbox
from shared.policy import Actor, Scope, ensure


@dataclass(frozen=True, kw_only=True)
class ContactOffer:
    """Whom attendees may write to at the company."""

    name: str
    email: str
    phone: str
    words: str
    locale: str


def want_contact(registration_id: UUID, *, session: Session, now: datetime, links: Links) -> None:
    """She who was there wants to stay in touch. Again is harmless. Raises NotPermitted for one who was not."""
    events.lock(session, registrations.get(session, registration_id).event_id)  # both sides at once see each other
    (registration,) = registrations.lock(session, [registration_id])
    ensure_exchanges_contacts(events.snapshot(registration.event), now)
    if registration.status != Status.CONFIRMED or not companies.was_there(session, registration_id):
        raise NotPermitted
    if companies.wish_of(session, registration_id) is None:
        session.add(ContactWish(registration_id=registration_id, event_id=registration.event_id, agreed_at=now))
        session.flush()
    _exchange(session, registration.event, now=now, links=links)


def withdraw_contact(registration_id: UUID, *, session: Session) -> None:
    """She thinks better of it; what the company knows already it knows."""
    wish = companies.wish_of(session, registration_id)
    if wish is not None and wish.exchanged_at is None:
        session.delete(wish)


def offer_contact(
    event: Event, offer: ContactOffer, *, actor: Actor, session: Session, now: datetime, links: Links
) -> None:
    """The company wants to stay in touch and says with whom. Again changes whom later ones write to."""
    told = events.snapshot(event)
    ensure_exchanges_contacts(told, now)
    ensure(actor, "exchange_contacts", Scope(company_id=told.host.id if told.host else None))
    events.lock(session, event.id)
    known = companies.contact_of(session, event.id) or CompanyContact(event_id=event.id)
    known.name, known.email, known.phone = offer.name, offer.email, offer.phone
    known.words, known.locale = offer.words, offer.locale
    known.actor_id, known.agreed_at = actor.id, now
    session.add(known)
    session.flush()
    _exchange(session, event, now=now, links=links)


def _exchange(session: Session, event: Event, *, now: datetime, links: Links) -> None:
    contact = companies.contact_of(session, event.id)
    if contact is None:
        return
    for wish in companies.open_wishes(session, event.id):
        wish.exchanged_at = now
        registration = registrations.get(session, wish.registration_id)
        message = ContactsExchanged(
            registration=news_of(session, registration, links),
            event=events.snapshot(event),
            contact=Person(name=contact.name, email=contact.email, locale=contact.locale),
            phone=contact.phone,
            words=contact.words,
        )
        outbox.add(session, message, aggregate=f"contact:{registration.id}", version=1)

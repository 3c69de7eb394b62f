"""Companies, their contacts and their offers, for tests that state only what differs."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.events.domain.offer_content import new_content
from services.events.storage.tables import Account, Membership, Offer, Organisation
from services.events.use_cases.accept_offer import Acceptance, accept_offer
from services.events.use_cases.offer_tour import offer_tour
from services.events.use_cases.save_offer_draft import save_offer_draft
from services.events.use_cases.start_offer import OfferStart, start_offer
from shared.policy import ANONYMOUS, Actor, Role
from tests.events.builders import BASE_URL, NOW, a_member, an_organisation

DATES = ["2026-12-03T14:00", "2026-12-04T09:30", "2026-12-10T14:00"]
TOUR: dict[str, Any] = {
    "company_name": "Gold & Söhne GmbH",
    "website": "https://gold.example.org",
    "site": {"street": "Werkstr. 2", "postal_code": "75172", "city": "Pforzheim", "country": "DE"},
    "contact_name": "Eva Gold",
    "phone": "+49 7231 1234",
    "title": "Blick in die Goldschmiede",
    "description": "Vom Entwurf bis zur Politur.",
    "fields_of_study": ["Design"],
    "dates": DATES,
    "duration_minutes": 150,
    "places": 10,
    "meeting_point": "Pforte Nord",
    "arrival": "Bus 3 bis Werkstraße",
    "languages": ["de", "en"],
    "german_level": "A2",
    "safety": ["closed_shoes", "no_photos"],
    "safety_notes": "Lange Haare zusammenbinden.",
    "accessibility": "Stufenlos bis in die Werkstatt.",
}


def organiser_of(session: Session, organisation: Organisation, role: Role = Role.ORGANISER) -> Actor:
    """Somebody who reviews offers there."""
    account = session.scalars(
        select(Account)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.organisation_id == organisation.id, Membership.role == role)
    ).first() or a_member(session, organisation, role)
    return Actor(
        id=account.id, kind="account", email=account.email, name=account.name, organisations={organisation.id: role}
    )


def contact_of(offer: Offer) -> Actor:
    """Whoever began the offer, signed in."""
    return Actor(
        id=offer.account_id, kind="account", email=offer.account.email, companies=frozenset({offer.company_id})
    )


def stranger() -> Actor:
    """Signed in, and nothing to do with any of it."""
    foreign = {uuid4(): Role.ADMIN}
    return Actor(
        id=uuid4(), kind="account", email="x@example.org", organisations=foreign, companies=frozenset({uuid4()})
    )


def a_begun_offer(session: Session, organisation: Organisation | None = None, **differences: Any) -> Offer:
    """A draft that lacks nothing, begun by a browser that nobody knows."""
    organisation = organisation or session.scalars(select(Organisation)).first() or an_organisation(session)
    email = differences.pop("email", "eva@gold.example.org")
    wish = OfferStart(organisation_id=organisation.id, company_name=TOUR["company_name"], email=email)
    offer = start_offer(wish, by=ANONYMOUS, session=session, now=NOW)
    content = new_content(TOUR, differences)
    return save_offer_draft(offer.id, content, by=ANONYMOUS, session=session, now=NOW, holds_draft=True)


def a_sent_offer(session: Session, organisation: Organisation | None = None, **differences: Any) -> Offer:
    """An offer that waits for the organiser."""
    offer = a_begun_offer(session, organisation, **differences)
    return offer_tour(offer.id, by=contact_of(offer), session=session, now=NOW, base_url=BASE_URL)


def an_accepted_offer(session: Session, *, publish: bool = True, **differences: Any) -> Offer:
    """An offer whose first date was accepted."""
    offer = a_sent_offer(session, **differences)
    accept(session, offer.id, organiser_of(session, offer.organisation), publish=publish)
    return offer


def accept(session: Session, offer_id: UUID, by: Actor, date: str = DATES[0], **differences: Any) -> Any:
    """Accept one of the dates."""
    wish = Acceptance(start=datetime.fromisoformat(date), **differences)
    return accept_offer(offer_id, wish, by=by, session=session, now=NOW, base_url=BASE_URL)

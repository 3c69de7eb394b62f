"""A company sends its draft to the organiser."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.events.domain import offers
from services.events.domain.offer_content import complete_tour
from services.events.domain.offers import AddressNotConfirmed, OfferStatus
from services.events.storage.tables import Offer
from services.events.use_cases.offer_access import offer_to_change
from services.events.use_cases.offer_steps import take_step, tell_organisers
from services.events.use_cases.remember_company import remember_company
from shared.contracts.events import TourOffered
from shared.policy import Actor


def offer_tour(
    offer_id: UUID, *, by: Actor, session: Session, now: datetime, base_url: str, holds_draft: bool = False
) -> Offer:
    """From draft to offer: it is complete, and its sender owns the address.

    Raises AddressNotConfirmed for a browser that only holds the draft, OfferIsIncomplete with every missing fact,
    OfferWasSent, OfferIsClosed.
    """
    offer = offer_to_change(offer_id, by=by, session=session, holds_draft=holds_draft)
    offers.ensure_is_draft(offer.status)
    complete_tour(offer.content, now=now)
    if not by.is_known:
        raise AddressNotConfirmed
    remember_company(offer, session=session)
    offer.status = OfferStatus.OFFERED
    take_step(offer, "offered", by=by, session=session, now=now)
    tell_organisers(offer, TourOffered, session=session, base_url=base_url)
    return offer

"""The organiser says no, with a reason."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.events.domain import offers
from services.events.domain.offers import OfferStatus
from services.events.storage.tables import Offer
from services.events.use_cases.offer_access import offer_to_review
from services.events.use_cases.offer_steps import take_step, tell_company
from shared.contracts.events import OfferDeclined
from shared.policy import Actor


def decline_offer(offer_id: UUID, *, reason: str, by: Actor, session: Session, now: datetime, base_url: str) -> Offer:
    """Close it for good; the company is told why. Raises OfferIsNotInReview."""
    offer = offer_to_review(offer_id, by=by, session=session)
    offers.ensure_in_review(offer.status)
    offer.status = OfferStatus.DECLINED
    take_step(offer, "declined", by=by, session=session, now=now, text=reason)
    tell_company(offer, OfferDeclined, session=session, base_url=base_url, text=reason)
    return offer

"""The organiser asks the company for something."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.events.domain import offers
from services.events.domain.offers import OfferStatus
from services.events.storage.tables import Offer
from services.events.use_cases.offer_access import offer_to_review
from services.events.use_cases.offer_steps import take_step, tell_company
from shared.contracts.events import OfferChangeRequested
from shared.policy import Actor


def request_offer_change(
    offer_id: UUID, *, text: str, by: Actor, session: Session, now: datetime, base_url: str
) -> Offer:
    """Ask; the company sees the question in the thread and by mail. Raises OfferIsNotInReview."""
    offer = offer_to_review(offer_id, by=by, session=session)
    offers.ensure_in_review(offer.status)
    offer.status = OfferStatus.CHANGE_REQUESTED
    take_step(offer, "change_requested", by=by, session=session, now=now, text=text)
    tell_company(offer, OfferChangeRequested, session=session, base_url=base_url, text=text)
    return offer

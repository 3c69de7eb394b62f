"""The organiser keeps the event as it was."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.events.domain.offers import NoRevisionIsPending
from services.events.storage.tables import Offer
from services.events.use_cases.offer_access import offer_to_review
from services.events.use_cases.offer_steps import take_step, tell_company
from shared.contracts.events import OfferRevisionDeclined
from shared.policy import Actor


def decline_revision(
    offer_id: UUID, *, reason: str, by: Actor, session: Session, now: datetime, base_url: str
) -> Offer:
    """The company is told why. Raises NoRevisionIsPending."""
    offer = offer_to_review(offer_id, by=by, session=session)
    if offer.revision is None:
        raise NoRevisionIsPending
    offer.revision = None
    take_step(offer, "revision_declined", by=by, session=session, now=now, text=reason)
    tell_company(offer, OfferRevisionDeclined, session=session, base_url=base_url, text=reason)
    return offer

"""A company takes its offer back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.events.domain import offers
from services.events.domain.offers import OfferStatus
from services.events.storage.tables import Offer
from services.events.use_cases.offer_access import offer_to_change
from services.events.use_cases.offer_steps import take_step
from shared.policy import Actor


def withdraw_offer(offer_id: UUID, *, by: Actor, session: Session, now: datetime, holds_draft: bool = False) -> Offer:
    """Until it is accepted. Raises OfferIsAccepted, OfferIsClosed.

    Nobody is mailed: it just leaves the organiser's list of things to do, and says so when it is opened.
    """
    offer = offer_to_change(offer_id, by=by, session=session, holds_draft=holds_draft)
    offers.ensure_can_be_withdrawn(offer.status)
    offer.status = OfferStatus.WITHDRAWN
    take_step(offer, "withdrawn", by=by, session=session, now=now)
    return offer

"""Every step of the form, and every pause in typing, is kept at once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.events.domain import offer_content, offers
from services.events.storage.tables import Offer
from services.events.use_cases.offer_access import offer_to_change
from shared.policy import Actor


def save_offer_draft(
    offer_id: UUID,
    changes: Mapping[str, Any],
    *,
    by: Actor,
    session: Session,
    now: datetime,
    unsound: Mapping[str, Any] | None = None,
    holds_draft: bool = False,
) -> Offer:
    """Keep what was entered, complete or not; `unsound` is what no field could read.

    Raises OfferWasSent, OfferIsClosed and those of offer_to_change.
    """
    offer = offer_to_change(offer_id, by=by, session=session, holds_draft=holds_draft)
    offers.ensure_is_draft(offer.status)
    content = offer_content.edited(offer.content, changes, unsound or {})
    if content != offer.content:
        offer.content = content
        offer.version += 1
        offer.changed_at = now
    return offer

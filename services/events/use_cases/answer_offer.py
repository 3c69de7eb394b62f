"""A company answers in the thread, and changes its offer while it is in review."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.events.domain import offers
from services.events.domain.offer_content import changed_fields, complete_tour, new_content
from services.events.domain.offers import NothingHasChanged, OfferStatus
from services.events.storage.tables import Offer
from services.events.use_cases.offer_access import offer_to_change
from services.events.use_cases.offer_steps import say, take_step, tell_organisers
from services.events.use_cases.remember_company import remember_company
from shared.contracts.events import OfferAnswered
from shared.policy import Actor


def answer_offer(
    offer_id: UUID,
    *,
    text: str,
    by: Actor,
    session: Session,
    now: datetime,
    base_url: str,
    changes: Mapping[str, Any] | None = None,
) -> Offer:
    """A word, a changed offer, or both; then it is the organiser's turn again.

    Raises OfferIsNotInReview, OfferIsIncomplete, NothingHasChanged when there is neither.
    """
    offer = offer_to_change(offer_id, by=by, session=session)
    offers.ensure_in_review(offer.status)
    content = new_content(offer.content, changes or {})
    changed = changed_fields(offer.content, content)
    if not changed and not text:
        raise NothingHasChanged
    if changed:
        complete_tour(content, now=now)
        offer.content = content
        remember_company(offer, session=session)
        say(offer, "edited", by=by, now=now, text=",".join(changed))
    offer.status = OfferStatus.OFFERED
    take_step(offer, "answered", by=by, session=session, now=now, text=text)
    tell_organisers(offer, OfferAnswered, session=session, base_url=base_url, text=text)
    return offer

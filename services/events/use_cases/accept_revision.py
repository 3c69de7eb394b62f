"""The organiser takes the company's change over into the event."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.events.domain import offers
from services.events.domain.events import Texts
from services.events.domain.offer_content import changed_fields, complete_tour
from services.events.domain.offers import NoRevisionIsPending
from services.events.domain.tour_events import changed_event
from services.events.storage import event_rows, events
from services.events.storage.tables import Offer
from services.events.use_cases.change_event import change_event
from services.events.use_cases.offer_access import offer_to_review
from services.events.use_cases.offer_steps import take_step, tell_company
from services.events.use_cases.remember_company import remember_company
from shared.contracts.events import OfferRevisionAccepted
from shared.policy import Actor


def accept_revision(
    offer_id: UUID,
    *,
    by: Actor,
    session: Session,
    now: datetime,
    base_url: str,
    text: str = "",
    reason: Texts | None = None,
    seen_version: int | None = None,
) -> Offer:
    """Only what the company changed is taken over; if time or place move, attendees hear `reason`.

    Raises NoRevisionIsPending, OfferHasChanged, OfferIsIncomplete (its date has passed meanwhile), and what
    change_event raises.
    """
    offer = offer_to_review(offer_id, by=by, session=session)
    if offer.revision is None or offer.event_id is None:
        raise NoRevisionIsPending
    offers.ensure_unchanged(offer.version, seen_version)
    tour = complete_tour(offer.revision, now=now)
    changed = changed_fields(offer.content, offer.revision)
    event = events.get(session, offer.event_id)
    wish = changed_event(event_rows.wish_of(event), tour, changed)
    change_event(event, wish, base_url=base_url, session=session, now=now, reason=reason, by=by)
    offer.content, offer.revision = offer.revision, None
    remember_company(offer, session=session)
    take_step(offer, "revision_accepted", by=by, session=session, now=now, text=text)
    tell_company(offer, OfferRevisionAccepted, session=session, base_url=base_url, text=text)
    return offer

"""A company wants to change a tour that was accepted: the change waits for review."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.events.domain import offers
from services.events.domain.offer_content import changed_fields, complete_tour, new_content
from services.events.domain.offers import NothingHasChanged
from services.events.storage import events
from services.events.storage.tables import Offer
from services.events.use_cases.offer_access import offer_to_change
from services.events.use_cases.offer_steps import take_step, tell_organisers
from shared.contracts.events import OfferRevised
from shared.policy import Actor


def revise_offer(
    offer_id: UUID,
    changes: Mapping[str, Any],
    *,
    by: Actor,
    session: Session,
    now: datetime,
    base_url: str,
    text: str = "",
) -> Offer:
    """Attendees hear nothing before the organiser agrees. A second revision takes the place of the first.

    Raises OfferIsNotAccepted, TourIsCalledOff, TourIsOver, OfferIsIncomplete, NothingHasChanged.
    """
    offer = offer_to_change(offer_id, by=by, session=session)
    ensure_revisable(offer, session=session, now=now)
    wished = new_content(offer.content, changes)
    complete_tour(wished, now=now)
    changed = changed_fields(offer.content, wished)
    if not changed:
        raise NothingHasChanged
    offer.revision = wished
    take_step(offer, "revised", by=by, session=session, now=now, text=text)
    tell_organisers(offer, OfferRevised, session=session, base_url=base_url, text=text, changed=changed)
    return offer


def ensure_revisable(offer: Offer, *, session: Session, now: datetime) -> None:
    """Raises what revise_offer raises about the state of the tour."""
    event = events.get(session, offer.event_id) if offer.event_id else None
    offers.ensure_can_be_revised(
        offer.status,
        event_status=event.status if event else "",
        starts_at=event.sessions[0].starts_at if event and event.sessions else None,
        now=now,
    )

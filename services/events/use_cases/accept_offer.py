"""The organiser accepts one of the dates; the event exists."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.events.domain import local_times, offers
from services.events.domain.offer_content import known_tour
from services.events.domain.offers import OfferStatus
from services.events.domain.tour_events import event_of
from services.events.storage.tables import Event, Offer
from services.events.use_cases.create_event import create_event
from services.events.use_cases.offer_access import offer_to_review
from services.events.use_cases.offer_steps import take_step, tell_company
from services.events.use_cases.publish_event import publish_event
from shared.contracts.events import OfferAccepted
from shared.policy import Actor


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """`start` is one of the offered local starts; `seen_version` the offer that the organiser looked at."""

    start: datetime
    publish: bool = False
    text: str = ""
    seen_version: int | None = None


def accept_offer(
    offer_id: UUID, wish: Acceptance, *, by: Actor, session: Session, now: datetime, base_url: str
) -> Event:
    """Plan the tour, and publish it at once if wished. Of two who accept at the same time the first wins.

    Raises OfferIsNotInReview, OfferHasChanged, DateIsNotOffered, DateHasPassed.
    """
    offer = offer_to_review(offer_id, by=by, session=session)
    _ensure_acceptable(offer, wish, now=now)
    event = _plan(offer, wish.start, by=by, session=session, now=now)
    if wish.publish:
        publish_event(event, base_url=base_url, session=session, now=now, by=by)
    _close(offer, event, wish, by=by, session=session, now=now)
    tell_company(
        offer,
        OfferAccepted,
        session=session,
        base_url=base_url,
        text=wish.text,
        accepted_start=local_times.written(wish.start),
        event_url=f"{base_url}/events/{event.slug}" if wish.publish else "",
    )
    return event


def _ensure_acceptable(offer: Offer, wish: Acceptance, *, now: datetime) -> None:
    offers.ensure_in_review(offer.status)
    offers.ensure_unchanged(offer.version, wish.seen_version)
    tour = known_tour(offer.content)
    offers.ensure_is_offered(wish.start, offered=tour.starts)
    offers.ensure_is_ahead(local_times.instant(wish.start, tour.zone), now=now)


def _plan(offer: Offer, start: datetime, *, by: Actor, session: Session, now: datetime) -> Event:
    wish = event_of(known_tour(offer.content), start=start, company_id=offer.company_id)
    return create_event(wish, organisation_id=offer.organisation_id, session=session, now=now, by=by)


def _close(offer: Offer, event: Event, wish: Acceptance, *, by: Actor, session: Session, now: datetime) -> None:
    start = local_times.written(wish.start)
    offer.status = OfferStatus.ACCEPTED
    offer.event_id = event.id
    offer.content = {**offer.content, "dates": [start]}
    take_step(offer, "accepted", by=by, session=session, now=now, text=wish.text)

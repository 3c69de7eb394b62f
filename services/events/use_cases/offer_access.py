"""Whose offer it is: every verb about offers begins here, with the offer held until the transaction ends."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.events.domain.offers import OfferStatus
from services.events.storage import offers
from services.events.storage.tables import Offer
from shared.errors import NotFound, NotSignedIn
from shared.policy import Actor, Scope, ensure, may


def offer_to_review(offer_id: UUID, *, by: Actor, session: Session) -> Offer:
    """For the organiser's verbs. Raises NotSignedIn, NotFound, NotPermitted."""
    if not by.is_known:
        raise NotSignedIn
    offer = offers.get_for_change(session, offer_id)
    ensure_may_review(offer, by=by)
    return offer


def offer_to_change(offer_id: UUID, *, by: Actor, session: Session, holds_draft: bool = False) -> Offer:
    """For the company's verbs. `holds_draft`: this browser began it, which is enough while it is a draft."""
    if not by.is_known and not holds_draft:
        raise NotSignedIn
    offer = offers.get_for_change(session, offer_id)
    ensure_may_change(offer, by=by, holds_draft=holds_draft)
    return offer


def ensure_may_review(offer: Offer, *, by: Actor) -> None:
    """Organisers of the organisation may, once the company has sent it; a draft is the company's own."""
    ensure(by, "review_offer", Scope(organisation_id=offer.organisation_id))
    if offer.status == OfferStatus.DRAFT and not offers.was_begun_by_organiser(offer):
        raise NotFound


def ensure_may_change(offer: Offer, *, by: Actor, holds_draft: bool = False) -> None:
    """The company's contacts may; whoever began it; and organisers, who enter what a company says on the phone."""
    if holds_draft and offer.status == OfferStatus.DRAFT:
        return
    if by.id is not None and by.id == offer.account_id:
        return
    if may(by, "review_offer", Scope(organisation_id=offer.organisation_id)):
        ensure_may_review(offer, by=by)
        return
    ensure(by, "change_offer", Scope(company_id=offer.company_id))


def side_of(offer: Offer, by: Actor) -> str:
    """On which side of the table somebody who may change the offer sits."""
    if (by.id is not None and by.id == offer.account_id) or offer.company_id in by.companies:
        return "company"
    return "organiser" if by.is_known else "company"

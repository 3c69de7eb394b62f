"""Whoever began a draft without signing in is mailed the link that lets her send it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.events.domain import offers
from services.events.storage.tables import Offer
from services.events.use_cases.create_company import CompanyWish, create_company
from services.events.use_cases.offer_access import offer_to_change
from services.events.use_cases.offer_steps import take_step
from services.events.use_cases.open_account import open_account
from services.events.use_cases.request_sign_in import send_link
from shared.policy import Actor


def confirm_offer_address(
    offer_id: UUID,
    *,
    token: str,
    by: Actor,
    session: Session,
    now: datetime,
    base_url: str,
    holds_draft: bool = False,
    email: str = "",
) -> bool:
    """Mail the link; `email` corrects a mistyped address first. False when the hour's mails are used up.

    Raises OfferWasSent, OfferIsClosed and those of offer_to_change.
    """
    offer = offer_to_change(offer_id, by=by, session=session, holds_draft=holds_draft)
    offers.ensure_is_draft(offer.status)
    if email:
        _correct(offer, email, by=by, session=session, now=now)
    path = f"/events/company/offers/{offer.id}/check"
    return send_link(
        offer.account, token=token, base_url=base_url, session=session, now=now, purpose="offer_tour", next_path=path
    )


def _correct(offer: Offer, email: str, *, by: Actor, session: Session, now: datetime) -> None:
    """The draft goes over to another account with a company of its own; the former one sees nothing of it."""
    account = open_account(email, session=session, now=now, locale=offer.account.locale)
    if account.id == offer.account_id:
        return
    company = create_company(CompanyWish(name=offer.company.name), session=session, now=now, contact=account)
    offer.account, offer.company = account, company
    take_step(offer, "address_corrected", by=by, session=session, now=now)

"""A company begins an offer: the draft exists from the first tap on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from services.events.domain.offer_content import SITE_FIELDS, for_the_next_tour, for_the_same_tour, new_content
from services.events.storage import offers
from services.events.storage.tables import Account, Company, Offer, Organisation
from services.events.use_cases.create_company import CompanyWish, create_company
from services.events.use_cases.offer_access import ensure_may_change
from services.events.use_cases.offer_steps import take_step
from services.events.use_cases.open_account import open_account
from shared.errors import N_, InvalidInput, NotFound
from shared.policy import Actor, Scope, may


@dataclass(frozen=True, kw_only=True)
class OfferStart:
    """`email` is needed from whoever is not signed in, and from an organiser who writes down a company's offer.

    `company_id` is one of the actor's own, `copy_of` an earlier offer to repeat.
    """

    organisation_id: UUID
    company_name: str = ""
    email: str = ""
    locale: str = "de"
    company_id: UUID | None = None
    copy_of: UUID | None = None


def start_offer(wish: OfferStart, *, by: Actor, session: Session, now: datetime) -> Offer:
    """The draft, with everything known filled in for those who may know it. Raises InvalidInput, NotFound."""
    if session.get(Organisation, wish.organisation_id) is None:
        raise NotFound
    account = _account(wish, by=by, session=session, now=now)
    original = _original(wish, by=by, session=session)
    company = _company(wish, original, account, by=by, session=session, now=now)
    offer = Offer(
        id=uuid4(),
        version=0,
        organisation_id=wish.organisation_id,
        company=company,
        account=account,
        content=_content(wish, company, original, by=by, session=session),
        status="draft",
        created_at=now,
        changed_at=now,
    )
    session.add(offer)
    session.flush()
    take_step(offer, "begun", by=by, session=session, now=now)
    return offer


def _account(wish: OfferStart, *, by: Actor, session: Session, now: datetime) -> Account:
    writes_for_others = bool(wish.email) and may(by, "review_offer", Scope(organisation_id=wish.organisation_id))
    if by.kind == "account" and not writes_for_others:
        return session.get_one(Account, by.id)
    if by.is_known and not writes_for_others and wish.email:
        raise NotFound
    if not wish.email:
        raise InvalidInput({"email": [N_("Please enter an e-mail address.")]})
    return open_account(wish.email, session=session, now=now, locale=wish.locale)


def _original(wish: OfferStart, *, by: Actor, session: Session) -> Offer | None:
    if wish.copy_of is None:
        return None
    original = offers.get(session, wish.copy_of)
    ensure_may_change(original, by=by)
    return original


def _company(
    wish: OfferStart, original: Offer | None, account: Account, *, by: Actor, session: Session, now: datetime
) -> Company:
    if original is not None:
        return original.company
    if wish.company_id is not None:
        if wish.company_id not in by.companies:
            raise NotFound
        return session.get_one(Company, wish.company_id)
    if not wish.company_name:
        raise InvalidInput({"company_name": [N_("Please enter the name of your company.")]})
    return create_company(CompanyWish(name=wish.company_name), session=session, now=now, contact=account)


def _content(
    wish: OfferStart, company: Company, original: Offer | None, *, by: Actor, session: Session
) -> dict[str, Any]:
    """A stranger's draft holds nothing but what she typed: her address may be somebody else's."""
    if original is not None:
        return new_content(for_the_same_tour(original.content), language=original.content["language"])
    if wish.company_id is None:
        return new_content(company_name=wish.company_name, language=wish.locale, contact_name=by.name)
    earlier = offers.last_of_company(session, company.id)
    told = for_the_next_tour(earlier.content) if earlier is not None else {}
    return new_content(_facts_of(company), told, language=wish.locale)


def _facts_of(company: Company) -> dict[str, Any]:
    site = {name: getattr(company, name) for name in SITE_FIELDS}
    return {"company_name": company.name, "website": company.website, "phone": company.phone, "site": site}

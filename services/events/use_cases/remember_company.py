"""What a company tells in an offer is known of it from then on."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.events.storage.tables import Company, CompanyContact, Offer

_FACTS = ("website", "phone")


def remember_company(offer: Offer, *, session: Session) -> None:
    """Keep name, site and contact; a company that its sender speaks for already is not written down twice."""
    _join_known_company(offer, session=session)
    company, content = offer.company, offer.content
    company.name = content["company_name"]
    for name in _FACTS:
        setattr(company, name, content[name])
    for name, value in content["site"].items():
        setattr(company, name, value)
    if not offer.account.name:
        offer.account.name = content["contact_name"]


def _join_known_company(offer: Offer, *, session: Session) -> None:
    """A draft begun without signing in made a company of its own; the sender's is meant if it has the same name."""
    begun = offer.company
    named = str(offer.content["company_name"]).casefold()
    hers = session.scalars(
        select(Company)
        .join(CompanyContact, CompanyContact.company_id == Company.id)
        .where(CompanyContact.account_id == offer.account_id, Company.id != begun.id)
        .order_by(Company.created_at)
    )
    known = next((each for each in hers if each.name.casefold() == named and each.created_at <= begun.created_at), None)
    if known is None or not _is_only_of(offer, session=session):
        return
    offer.company = known
    session.flush()
    session.execute(delete(CompanyContact).where(CompanyContact.company_id == begun.id))
    session.delete(begun)


def _is_only_of(offer: Offer, *, session: Session) -> bool:
    """Whether nothing else hangs on the company that this draft made."""
    others = select(Offer.id).where(Offer.company_id == offer.company_id, Offer.id != offer.id)
    made_with_it = offer.company.created_at == offer.created_at
    return made_with_it and session.scalar(others) is None

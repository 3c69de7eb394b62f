"""A company becomes known: an organiser enters it, or it enters itself with its first offer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.events.storage.tables import Account, Company, CompanyContact


@dataclass(frozen=True, kw_only=True)
class CompanyWish:
    """What is known of it."""

    name: str
    website: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = "DE"
    phone: str = ""


def create_company(
    wish: CompanyWish,
    *,
    session: Session,
    now: datetime,
    organisation_id: UUID | None = None,
    contact: Account | None = None,
) -> Company:
    """A new company, with the organisation that entered it and the account that speaks for it, if any."""
    company = Company(
        name=wish.name,
        website=wish.website,
        street=wish.street,
        postal_code=wish.postal_code,
        city=wish.city,
        country=wish.country,
        phone=wish.phone,
        organisation_id=organisation_id,
        created_at=now,
    )
    session.add(company)
    session.flush()
    if contact is not None:
        session.add(CompanyContact(company_id=company.id, account_id=contact.id, created_at=now))
        session.flush()
    return company

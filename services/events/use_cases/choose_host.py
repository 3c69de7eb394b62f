"""Which companies an organisation may name as host."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.events.storage import companies
from services.events.use_cases.create_company import CompanyWish, create_company
from shared.errors import N_, InvalidInput


def ensure_host(company_id: UUID | None, *, organisation_id: UUID, session: Session) -> None:
    """Raises InvalidInput for a company that this organisation has nothing to do with, or that does not exist."""
    if company_id is not None and not companies.is_partner(session, company_id, organisation_id):
        raise InvalidInput({"company_id": [N_("There is no such company.")]})


def choose_host(asked: dict[str, Any], *, organisation_id: UUID, session: Session, now: datetime) -> UUID:
    """The company that is meant by {id} or {name, …}; one that the organisation did not know yet is entered.

    Raises InvalidInput for an id that is not one of its partners', or without id and name.
    """
    if "id" in asked:
        ensure_host(asked["id"], organisation_id=organisation_id, session=session)
        company_id: UUID = asked["id"]
        return company_id
    if not asked.get("name"):
        raise InvalidInput({"host": [N_("Please enter the name of the company.")]})
    known = companies.find_partner(session, asked["name"], organisation_id)
    if known is not None:
        return known.id
    return create_company(CompanyWish(**asked), session=session, now=now, organisation_id=organisation_id).id

"""Which companies an organisation may name as host."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.events.storage import companies
from shared.errors import N_, InvalidInput


def ensure_host(company_id: UUID | None, *, organisation_id: UUID, session: Session) -> None:
    """Raises InvalidInput for a company that this organisation has nothing to do with, or that does not exist."""
    if company_id is not None and not companies.is_partner(session, company_id, organisation_id):
        raise InvalidInput({"company_id": [N_("There is no such company.")]})

"""Companies, and which organisations work with them."""

from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from services.events.storage.tables import Company, Event, Offer


def is_partner(session: Session, company_id: UUID, organisation_id: UUID) -> bool:
    """Whether the company offered this organisation something, hosted for it, or was entered by it."""
    found = select(Company.id).where(Company.id == company_id, _is_partner_of(organisation_id))
    return session.scalar(found) is not None


def partners(session: Session, organisation_id: UUID) -> list[Company]:
    """All companies that the organisation may name as host, by name."""
    found = select(Company).where(_is_partner_of(organisation_id)).order_by(Company.name, Company.id)
    return list(session.scalars(found))


def find_partner(session: Session, name: str, organisation_id: UUID) -> Company | None:
    """The organisation's partner of this name, if it has one."""
    found = select(Company).where(Company.name == name, _is_partner_of(organisation_id)).order_by(Company.created_at)
    return session.scalars(found.limit(1)).one_or_none()


def _is_partner_of(organisation_id: UUID) -> ColumnElement[bool]:
    return or_(
        Company.organisation_id == organisation_id,
        exists().where(Offer.company_id == Company.id, Offer.organisation_id == organisation_id),
        exists().where(Event.company_id == Company.id, Event.organisation_id == organisation_id),
    )

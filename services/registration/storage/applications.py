"""Those who applied and about whom nobody has decided yet."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from services.registration.storage.tables import Place, Registration


def listed(session: Session, event_id: UUID, *, limit: int) -> Sequence[Registration]:
    """In the order of their applications."""
    found = (
        select(Registration).where(Registration.id.in_(_undecided(event_id))).options(selectinload(Registration.places))
    )
    return session.scalars(found.order_by(Registration.created_at, Registration.id).limit(limit)).all()


def number(session: Session, event_id: UUID) -> int:
    """How many there are."""
    return session.scalar(select(func.count()).select_from(_undecided(event_id).subquery())) or 0


def _undecided(event_id: UUID) -> Select[UUID]:
    joined = select(Registration.id).join(Place, Place.registration_id == Registration.id)
    undecided = Registration.event_id == event_id, Registration.status == "waiting", Place.state == "applied"
    return joined.where(*undecided).distinct()

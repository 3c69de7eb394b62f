"""How many signed up, and who waits."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.registration.storage.tables import Place, Registration


def counts(session: Session, event_id: UUID) -> dict[str, int]:
    """How many registrations there are of each status."""
    rows = session.execute(
        select(Registration.status, func.count()).where(Registration.event_id == event_id).group_by(Registration.status)
    )
    return {status: number for status, number in rows}  # noqa: C416 - mypy cannot see a pair


def waiting_positions(session: Session, event_id: UUID) -> dict[UUID, dict[UUID, int]]:
    """registration -> quota -> position, of everybody who waits."""
    rank = func.row_number().over(partition_by=Place.quota_id, order_by=Place.number)
    rows = session.execute(
        select(Place.registration_id, Place.quota_id, rank)
        .join(Registration)
        .where(Registration.event_id == event_id, Place.state == "waiting")
    )
    found: dict[UUID, dict[UUID, int]] = {}
    for registration_id, quota_id, position in rows:
        found.setdefault(registration_id, {})[quota_id] = position
    return found


def waiting_list(session: Session, event_id: UUID) -> list[tuple[UUID, Registration]]:
    """(quota, who) in the order of each list."""
    rows = session.execute(
        select(Place.quota_id, Registration)
        .join(Registration, Registration.id == Place.registration_id)
        .where(Registration.event_id == event_id, Place.state == "waiting")
        .order_by(Place.quota_id, Place.number)
    )
    return [(quota_id, registration) for quota_id, registration in rows]

"""How many signed up, and who waits."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.registration.storage.tables import Place, Quota, Registration


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


def waiting_in(session: Session, event_id: UUID) -> dict[UUID, int]:
    """How many wait in each quota where somebody does, in the organiser's order."""
    rows = session.execute(
        select(Quota.id, func.count())
        .join(Place, Place.quota_id == Quota.id)
        .where(Quota.event_id == event_id, Place.state == "waiting")
        .group_by(Quota.id, Quota.position)
        .order_by(Quota.position)
    )
    return {quota_id: number for quota_id, number in rows}  # noqa: C416 - mypy cannot see a pair


def waiting_list(session: Session, quota_id: UUID, *, limit: int, passed_over: int = 0) -> Sequence[Registration]:
    """Some of those who wait in a quota, in the order of its list."""
    return session.scalars(
        select(Registration)
        .join(Place, Place.registration_id == Registration.id)
        .where(Place.quota_id == quota_id, Place.state == "waiting")
        .order_by(Place.number)
        .limit(limit)
        .offset(passed_over)
    ).all()

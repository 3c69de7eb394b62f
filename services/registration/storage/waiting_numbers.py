"""The order of a waiting list: its numbers are shifted, never invented, so that nobody else changes places."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registration.storage.tables import Place


def move(session: Session, quota_id: UUID, registration_id: UUID, *, position: int) -> tuple[int, int]:
    """Put somebody at a position (1 is next) and return (position before, position now).

    The caller holds the quota's lock, so nobody joins or leaves meanwhile. Those between the two positions move by
    one; everybody keeps her order otherwise.
    """
    line = list(
        session.scalars(
            select(Place)
            .where(Place.quota_id == quota_id, Place.state == "waiting")
            .order_by(Place.number, Place.id)
            .execution_options(populate_existing=True)
        )
    )
    numbers = [each.number for each in line]
    was = next(index for index, each in enumerate(line) if each.registration_id == registration_id)
    target = min(max(position, 1), len(line)) - 1
    line.insert(target, line.pop(was))
    for place, number in zip(line, numbers, strict=True):
        if place.number != number:
            place.number = number
    session.flush()
    return was + 1, target + 1

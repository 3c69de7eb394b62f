"""Places that are kept for somebody for a time."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registration.storage.tables import Place


def late(session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """Ids of registrations with a place that was not taken in time, the longest first."""
    ids = select(Place.registration_id).where(Place.state == "offered", Place.offered_until <= now)
    return session.scalars(ids.order_by(Place.offered_until).limit(limit)).all()

"""The registration service said how many places are left."""

from typing import Any, cast

from sqlalchemy import Table, update
from sqlalchemy.orm import Session

from services.events.storage.tables import Availability
from shared.contracts.registration import AvailabilityChanged
from shared.database import insert_if_new


def note_availability(news: AvailabilityChanged, *, session: Session) -> None:
    """Keep the latest state of a quota; news that is older than what we know is ignored."""
    values: dict[str, Any] = {
        "event_id": news.event_id,
        "version": news.version,
        "capacity": news.capacity,
        "free": news.free,
        "waiting": news.waiting,
    }
    if insert_if_new(session, cast("Table", Availability.__table__), quota_id=news.quota_id, **values):
        return
    session.execute(
        update(Availability)
        .where(Availability.quota_id == news.quota_id, Availability.version < news.version)
        .values(values)
        .execution_options(synchronize_session=False)
    )

"""How many places are free, as far as this service was told."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.events.storage.tables import Availability, Event, Quota


@dataclass(frozen=True, kw_only=True)
class Places:
    """The state of one quota."""

    capacity: int
    free: int
    waiting: int

    @property
    def taken(self) -> int:
        """Places that somebody holds."""
        return self.capacity - self.free


def of_events(session: Session, events: Collection[Event]) -> dict[UUID, Places]:
    """By quota id, for all quotas of the events; a quota that nobody signed up for yet is wholly free."""
    told = told_of(session, [each.id for each in events])
    return {quota.id: _places(quota, told.get(quota.id)) for event in events for quota in event.quotas}


def told_of(session: Session, event_ids: Collection[UUID]) -> dict[UUID, Availability]:
    """The last news by quota id."""
    if not event_ids:
        return {}
    rows = session.scalars(select(Availability).where(Availability.event_id.in_(event_ids)))
    return {each.quota_id: each for each in rows}


def _places(quota: Quota, told: Availability | None) -> Places:
    if told is None:
        return Places(capacity=quota.capacity, free=quota.capacity, waiting=0)
    # The news may be older than a change of the capacity: what was taken stays true.
    taken = told.capacity - told.free
    return Places(capacity=quota.capacity, free=max(0, quota.capacity - taken), waiting=told.waiting)

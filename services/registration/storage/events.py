"""Our copies of events."""

from functools import lru_cache
from typing import cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registration.storage.tables import Event
from shared.contracts.events import EventSnapshot
from shared.contracts.message import schema_of
from shared.errors import NotFound


def find(session: Session, event_id: UUID) -> Event | None:
    """An event by its id."""
    return session.get(Event, event_id)


def get(session: Session, event_id: UUID) -> Event:
    """An event by its id. Raises NotFound."""
    if (event := find(session, event_id)) is None:
        raise NotFound
    return event


def get_by_slug(session: Session, slug: str) -> Event:
    """An event by the name in its address. Raises NotFound."""
    event = session.scalars(select(Event).where(Event.slug == slug)).one_or_none()
    if event is None:
        raise NotFound
    return event


def snapshot(event: Event) -> EventSnapshot:
    """The event as the events service told it. Reading one costs a millisecond, so the last ones are kept."""
    return _loaded(_Keyed(event))


class _Keyed:
    """An event row that counts as the same while its id and version are."""

    def __init__(self, event: Event) -> None:
        self.key = (event.id, event.version)
        self.told = event.snapshot

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keyed) and other.key == self.key


@lru_cache(maxsize=200)
def _loaded(event: _Keyed) -> EventSnapshot:
    return cast("EventSnapshot", schema_of(EventSnapshot).load(event.told))

"""Our copies of events."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, Table, select, update
from sqlalchemy.orm import Session

from services.registration.storage.tables import Event
from shared.contracts.events import EventSnapshot
from shared.contracts.message import read_own, schema_of
from shared.database import insert_if_new
from shared.direct import Direct, Statement
from shared.errors import NotFound


def find(session: Session, event_id: UUID) -> Event | None:
    """An event by its id."""
    return session.get(Event, event_id)


def get(session: Session, event_id: UUID) -> Event:
    """An event by its id. Raises NotFound."""
    if (event := find(session, event_id)) is None:
        raise NotFound
    return event


def lock(session: Session, event_id: UUID, *, share: bool = False) -> Event:
    """Hold an event until the end of the transaction, fresh; events come before quotas. `share`: with others who do."""
    return session.scalars(
        select(Event)
        .where(Event.id == event_id)
        .with_for_update(read=share, key_share=not share)
        .execution_options(populate_existing=True)
    ).one()


def get_by_slug(session: Session, slug: str) -> Event:
    """An event by the name in its address. Raises NotFound."""
    event = session.scalars(select(Event).where(Event.slug == slug)).one_or_none()
    if event is None:
        raise NotFound
    return event


def snapshot(event: Event) -> EventSnapshot:
    """The event as the events service told it."""
    known = _memory.get(event.id)
    if known is None or known.version != event.version:
        known = read_own(EventSnapshot, event.snapshot)
        _remember(known)
    return known


def read(direct: Direct, event_id: UUID) -> EventSnapshot | None:
    """The event as it is now, for those who need nothing else of its row."""
    told = _told(direct, event_id)
    if told is None:
        return None
    snapshot = read_own(EventSnapshot, told)
    _remember(snapshot)
    return snapshot


def recall(event_id: UUID) -> EventSnapshot | None:
    """The event as this process last saw it, without asking the database.

    It may be old: whatever is written on its word must compare the version in the statement that writes.
    """
    return _memory.get(event_id)


def store(session: Session, told: EventSnapshot) -> bool:
    """Keep the event as it was told; False if we know this version or a later one."""
    facts = _facts(told)
    if insert_if_new(session, cast("Table", Event.__table__), id=told.id, **facts):
        return True
    result = session.execute(
        update(Event).where(Event.id == told.id, Event.version < told.version).values(**facts),
        execution_options={"synchronize_session": "fetch"},
    )
    return cast("CursorResult[Any]", result).rowcount == 1


def _facts(told: EventSnapshot) -> dict[str, Any]:
    return {
        "version": told.version,
        "slug": told.slug,
        "status": told.status,
        "organisation_id": told.organiser.id,
        "starts_at": min((each.starts_at for each in told.sessions), default=None),
        "ends_at": max((each.ends_at for each in told.sessions), default=None),
        "snapshot": schema_of(EventSnapshot).dump(told),
    }


def _told(direct: Direct, event_id: UUID) -> dict[str, Any] | None:
    if direct.is_possible:
        row = direct.row(_SNAPSHOT, {"event_id": event_id})
        return row[0] if row else None
    with direct.session() as session:
        return session.scalar(select(Event.snapshot).where(Event.id == event_id))


_SNAPSHOT = Statement("SELECT snapshot FROM event WHERE id = :event_id")
_MOST_REMEMBERED = 2000  # a few kilobytes each
_memory: dict[UUID, EventSnapshot] = {}


def _remember(told: EventSnapshot) -> None:
    while len(_memory) >= _MOST_REMEMBERED:
        _memory.pop(next(iter(_memory)), None)
    _memory[told.id] = told

"""The record of who did what: ids and field names, never names or addresses of attendees."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, delete, select, tuple_
from sqlalchemy.orm import Session

from services.registration.storage.tables import AuditEntry, Colleague, Device, Event, Registration
from shared.database import insert_if_new
from shared.policy import Actor

_SEEN_AGAIN_AFTER = timedelta(days=1)
NAMES_KEPT = timedelta(days=730)  # of colleagues who have done nothing since


@dataclass(frozen=True, kw_only=True)
class LogFilter:
    """Which entries of an event's log."""

    action: str | None = None
    actor_id: UUID | None = None
    object_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


def record(
    session: Session,
    actor: Actor,
    action: str,
    *,
    object_id: UUID,
    organisation_id: UUID | None,
    now: datetime,
    event_id: UUID | None = None,
    **facts: Any,
) -> None:
    """Write down that the actor did something."""
    session.add(
        AuditEntry(
            at=now,
            actor_id=actor.id,
            actor_kind=actor.kind,
            action=action,
            object_id=object_id,
            organisation_id=organisation_id,
            event_id=event_id or _event_of(session, object_id),
            facts=facts,
        )
    )
    _remember(session, actor, now)


def of_event(
    session: Session, event_id: UUID, wanted: LogFilter, *, limit: int, before: tuple[datetime, UUID] | None = None
) -> Sequence[AuditEntry]:
    """The log of one event, newest first."""
    query = select(AuditEntry).where(AuditEntry.event_id == event_id)
    for column, value in ((AuditEntry.action, wanted.action), (AuditEntry.actor_id, wanted.actor_id)):
        query = query.where(column == value) if value is not None else query
    if wanted.object_id is not None:
        query = query.where(AuditEntry.object_id == wanted.object_id)
    if wanted.since is not None:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEntry.at < wanted.until)
    if before is not None:
        query = query.where(tuple_(AuditEntry.at, AuditEntry.id) < tuple_(*before))
    return session.scalars(query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit)).all()


def of_object(session: Session, object_id: UUID) -> Sequence[AuditEntry]:
    """What people did with one thing, the oldest first."""
    return session.scalars(
        select(AuditEntry).where(AuditEntry.object_id == object_id).order_by(AuditEntry.at, AuditEntry.id)
    ).all()


def actors_of(session: Session, event_id: UUID) -> dict[UUID, str]:
    """Everybody in an event's log: id -> name, "" for one that is not known any more."""
    known = select(AuditEntry.actor_id).where(AuditEntry.event_id == event_id, AuditEntry.actor_id.is_not(None))
    found = {each for each in session.scalars(known.distinct()) if each is not None}
    return dict.fromkeys(found, "") | names(session, found)


def names(session: Session, actor_ids: set[UUID]) -> dict[UUID, str]:
    """What colleagues are called."""
    rows = session.scalars(select(Colleague).where(Colleague.actor_id.in_(actor_ids))).all() if actor_ids else []
    return {each.actor_id: each.name for each in rows}


def forget_colleagues(session: Session, now: datetime) -> None:
    """Drop the names of those who have done nothing for long; what they did stays in the log."""
    session.execute(delete(Colleague).where(Colleague.seen_at < now - NAMES_KEPT))


def _event_of(session: Session, object_id: UUID) -> UUID | None:
    if (registration := session.get(Registration, object_id)) is not None:
        return registration.event_id
    if (device := session.get(Device, object_id)) is not None:
        return device.event_id
    return object_id if session.get(Event, object_id) is not None else None


def _remember(session: Session, actor: Actor, now: datetime) -> None:
    if actor.id is None or not actor.name:
        return
    known = session.get(Colleague, actor.id)
    if known is None:
        facts = {"actor_id": actor.id, "name": actor.name, "seen_at": now}
        insert_if_new(session, cast("Table", Colleague.__table__), **facts)
    elif known.name != actor.name or known.seen_at < now - _SEEN_AGAIN_AFTER:
        known.name, known.seen_at = actor.name, now

"""Finding events, and changing one only if nobody else did meanwhile."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload

from services.events.domain.events import PUBLISHED, EventWasChangedMeanwhile
from services.events.storage.tables import Event
from shared.errors import NotFound


def get(session: Session, event_id: UUID) -> Event:
    """The event with this id. Raises NotFound."""
    event = session.get(Event, event_id)
    if event is None:
        raise NotFound
    return event


def get_by_slug(session: Session, slug: str) -> Event:
    """The event with this slug, whatever its status. Raises NotFound."""
    event = find_by_slug(session, slug)
    if event is None:
        raise NotFound
    return event


def find_by_slug(session: Session, slug: str) -> Event | None:
    """The event with this slug, if there is one."""
    return session.scalar(select(Event).where(Event.slug == slug))


def hosted_by(session: Session, company_ids: Collection[UUID], *, since: datetime) -> Sequence[Event]:
    """What takes place, or took place since then, at one of these companies; by date."""
    return session.scalars(
        select(Event)
        .where(Event.company_id.in_(company_ids), Event.status == PUBLISHED, Event.ends_at >= since)
        .order_by(Event.starts_at, Event.id)
        .options(selectinload(Event.sessions), selectinload(Event.quotas))
    ).all()


def raise_version(session: Session, event: Event, *, expected: int | None, now: datetime) -> None:
    """Take the next version of the event; every change begins with this.

    The conditional UPDATE makes two changers of the same version take turns: the second finds no row and is
    rejected. `expected` is the version that the changer had seen, None if he does not care.
    """
    if expected is not None and expected != event.version:
        raise EventWasChangedMeanwhile
    taken = session.execute(
        update(Event)
        .where(Event.id == event.id, Event.version == event.version)
        .values(version=event.version + 1, changed_at=now)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise EventWasChangedMeanwhile
    session.refresh(event, ["version", "changed_at"])

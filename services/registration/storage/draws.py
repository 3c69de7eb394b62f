"""Draws: their secret seed, when they are due, and what came out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session, selectinload

from services.registration.domain.registrations import PlaceState, Status
from services.registration.storage.tables import Claim, Draw, Event, Place, Registration

_CHUNK = 500


def find(session: Session, event_id: UUID) -> Draw | None:
    """The draw of an event, if there is one."""
    return session.get(Draw, event_id)


def plan(session: Session, event_id: UUID, *, seed: str, due_at: datetime) -> None:
    """There will be a draw; a known one keeps its seed, and what is drawn stays drawn."""
    known = find(session, event_id)
    if known is None:
        session.add(Draw(event_id=event_id, seed=seed, due_at=due_at, lots=[]))
    elif known.drawn_at is None:
        known.due_at = due_at
    session.flush()


def due(session: Session, now: datetime) -> UUID | None:
    """The event whose draw is due the longest."""
    return session.scalar(
        select(Draw.event_id)
        .join(Event, Event.id == Draw.event_id)
        .where(Draw.drawn_at.is_(None), Draw.due_at <= now, Event.status == "published", Event.ends_at > now)
        .order_by(Draw.due_at)
        .limit(1)
    )


def applicants(session: Session, event_id: UUID) -> Sequence[Registration]:
    """Those who applied with an address of their own, locked in the order of their ids."""
    ids = session.scalars(
        select(Registration.id)
        .join(Place)
        .where(
            Registration.event_id == event_id,
            Registration.status == Status.WAITING,
            Place.state == PlaceState.APPLIED,
        )
        .distinct()
    ).all()
    found: list[Registration] = []
    for start in range(0, len(ids), _CHUNK):
        some = sorted(ids)[start : start + _CHUNK]
        found += session.scalars(
            select(Registration)
            .where(Registration.id.in_(some))
            .options(selectinload(Registration.places))
            .order_by(Registration.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        ).all()
    return found


def claims(session: Session, event_id: UUID) -> dict[UUID, Claim]:
    """What people said of themselves, by registration."""
    rows = session.scalars(
        select(Claim)
        .join(Registration, Registration.id == Claim.registration_id)
        .where(Registration.event_id == event_id)
    )
    return {each.registration_id: each for each in rows}


def line_up(session: Session, numbers: Sequence[tuple[Place, int]]) -> None:
    """Put applied places on their waiting lists under these numbers, and note that their people are yet to be told."""
    session.flush()  # nothing that the caller changed may be lost at the end
    rows: list[dict[str, Any]] = [{"row": place.id, "given": number} for place, number in numbers]
    statement = update(Place.__table__).where(Place.__table__.c.id == bindparam("row"))  # type: ignore[arg-type]
    if rows:
        session.connection().execute(statement.values(state=PlaceState.WAITING, number=bindparam("given")), rows)
    people = sorted({place.registration_id for place, _number in numbers})
    for start in range(0, len(people), _CHUNK):
        some = people[start : start + _CHUNK]
        session.execute(
            update(Registration).where(Registration.id.in_(some)).values(untold=True),
            execution_options={"synchronize_session": False},
        )
    session.expire_all()


def untold(session: Session, limit: int) -> Sequence[UUID]:
    """Ids of people whose place in line is decided and who were not told yet."""
    return session.scalars(
        select(Registration.id).where(Registration.untold).order_by(Registration.id).limit(limit)
    ).all()

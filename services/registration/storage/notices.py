"""Who is written to before an event begins, and what came of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from services.registration.domain.notices import NoticeKind, Round
from services.registration.domain.registrations import PlaceState, Status
from services.registration.storage.tables import Event, Notice, NoticeRound, Place, Registration
from shared.database import insert_if_new


def events_due(session: Session, now: datetime, limit: int) -> Sequence[Event]:
    """Events with a round to be made, or that changed since we looked."""
    is_new = Event.notices_version.is_distinct_from(Event.version)
    return session.scalars(
        select(Event)
        .where(Event.status == "published", Event.ends_at > now, or_(is_new, Event.next_notice_at <= now))
        .order_by(Event.starts_at)
        .limit(limit)
    ).all()


def note_looked(session: Session, event: Event, *, next_at: datetime | None) -> None:
    """We have looked at this version, and look again then."""
    session.execute(
        update(Event).where(Event.id == event.id).values(notices_version=event.version, next_notice_at=next_at),
        execution_options={"synchronize_session": False},
    )


def begin_round(session: Session, event_id: UUID, each: Round, *, now: datetime) -> bool:
    """Make a round ours; False if somebody made it before."""
    table = cast("Table", NoticeRound.__table__)
    return insert_if_new(session, table, event_id=event_id, kind=each.kind, starts_at=each.starts_at, made_at=now)


def coming(session: Session, event_id: UUID, *, signed_up_by: datetime) -> dict[UUID, list[UUID]]:
    """registration -> quotas in which she holds a place, of those who signed up by then and can be written to."""
    found: dict[UUID, list[UUID]] = {}
    rows = session.execute(
        select(Registration.id, Place.quota_id)
        .join(Place, Place.registration_id == Registration.id)
        .where(
            Registration.event_id == event_id,
            Registration.status == Status.CONFIRMED,
            Registration.email != "",
            Registration.created_at <= signed_up_by,
            Place.state == PlaceState.HELD,
        )
    )
    for registration_id, quota_id in rows:
        found.setdefault(registration_id, []).append(quota_id)
    return found


def add(session: Session, registration_ids: Iterable[UUID], event_id: UUID, each: Round, *, now: datetime) -> None:
    """They are to be written to."""
    facts = {"event_id": event_id, "kind": str(each.kind), "starts_at": each.starts_at, "due_at": now}
    rows: list[dict[str, Any]] = [{"registration_id": registration_id, **facts} for registration_id in registration_ids]
    if rows:
        session.execute(insert(Notice), rows)


def due(session: Session, now: datetime, limit: int) -> Sequence[Notice]:
    """Those with something to do, the longest first; they may be done by the time their registration is locked."""
    return session.scalars(select(Notice).where(Notice.due_at <= now).order_by(Notice.due_at).limit(limit)).all()


def again(session: Session, found: Sequence[Notice]) -> None:
    """Read them afresh: the caller holds their registrations now."""
    for each in found:
        session.refresh(each)


def question(session: Session, registration_id: UUID, now: datetime) -> Notice | None:
    """The question that she was asked about a start that lies ahead, answered or not."""
    return session.scalars(
        select(Notice)
        .where(
            Notice.registration_id == registration_id,
            Notice.kind == NoticeKind.QUESTION,
            Notice.told_at.is_not(None),
            Notice.starts_at > now,
        )
        .order_by(Notice.told_at.desc())
        .limit(1)
    ).first()


def questions(session: Session, registration_ids: Iterable[UUID]) -> dict[UUID, Notice]:
    """The last question that each of them was asked."""
    asked = select(Notice).where(
        Notice.registration_id.in_(list(registration_ids)),
        Notice.kind == NoticeKind.QUESTION,
        Notice.told_at.is_not(None),
    )
    return {each.registration_id: each for each in session.scalars(asked.order_by(Notice.told_at))}


def forget(session: Session, registration_ids: Iterable[UUID]) -> None:
    """Nobody needs to know any more who was written to."""
    session.execute(delete(Notice).where(Notice.registration_id.in_(list(registration_ids))))

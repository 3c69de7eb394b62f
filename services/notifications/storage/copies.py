"""Our copies of events and attendees: newer news wins, older news is ignored."""

from collections.abc import Iterable, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notifications.storage.tables import AttendeeCopy, EventCopy
from shared.contracts.events import EventSnapshot, SessionSnapshot, Texts
from shared.contracts.message import schema_of
from shared.contracts.registration import RegistrationNews
from shared.database import insert_if_new


def lock_event(session: Session, snapshot: EventSnapshot) -> tuple[EventSnapshot | None, EventSnapshot]:
    """What we knew of the event (None: nothing) and what is known now; the row is locked until the end.

    Everything that is told about an event or its attendees begins here, so that a move of the event and a
    new registration cannot miss each other.
    """
    is_new = insert_if_new(
        session,
        EventCopy.__table__,  # type: ignore[arg-type]
        id=snapshot.id,
        version=snapshot.version,
        organisation_id=snapshot.organiser.id,
        snapshot=schema_of(EventSnapshot).dump(snapshot),
        reason={},
        reason_version=0,
    )
    row = session.scalars(select(EventCopy).where(EventCopy.id == snapshot.id).with_for_update()).one()
    if is_new:
        return None, snapshot
    known = _event(row)
    if snapshot.version <= row.version:
        return known, known
    row.version, row.snapshot = snapshot.version, schema_of(EventSnapshot).dump(snapshot)
    row.organisation_id = snapshot.organiser.id
    return known, snapshot


def keep_reason(session: Session, event: EventSnapshot, reason: Texts) -> None:
    """Remember why the event moved, also if that is heard of late."""
    row = session.get_one(EventCopy, event.id)
    if event.version >= row.reason_version:
        row.reason, row.reason_version = dict(reason), event.version


def reason_of(session: Session, event_id: UUID) -> Texts:
    """Why the event moved last."""
    return session.get_one(EventCopy, event_id).reason


def take_over_attendee(session: Session, news: RegistrationNews, event: EventSnapshot) -> bool:
    """Keep the news; False if we know newer. `event` is the one she signed up for, as she saw it.

    The same news once more counts as new: what it causes is then found to be done already.
    """
    kept = schema_of(RegistrationNews).dump(news) | {"ticket_code": "", "ticket_url": ""}
    insert_if_new(
        session,
        AttendeeCopy.__table__,  # type: ignore[arg-type]
        registration_id=news.id,
        version=news.version,
        event_id=news.event_id,
        status=news.status,
        news=kept,
        told=_sessions(event.sessions),
    )
    row = _attendee(session, news.id)
    if news.version < row.version:
        return False
    row.version, row.status, row.news, row.event_id = news.version, news.status, kept, news.event_id
    session.flush()
    return True


def attendees_of(session: Session, event_id: UUID) -> Sequence[RegistrationNews]:
    """Who holds a place or waits for one, in a fixed order."""
    rows = session.scalars(
        select(AttendeeCopy)
        .where(AttendeeCopy.event_id == event_id, AttendeeCopy.status.in_(("pending", "confirmed", "waiting")))
        .order_by(AttendeeCopy.registration_id)
        .with_for_update()
    )
    return [_news(row) for row in rows]


def told_sessions(session: Session, registration_id: UUID) -> tuple[SessionSnapshot, ...]:
    """The sessions as she was told of them last."""
    schema = schema_of(SessionSnapshot)
    return tuple(cast("SessionSnapshot", schema.load(each)) for each in _attendee(session, registration_id).told)


def keep_told(session: Session, registration_id: UUID, sessions: Iterable[SessionSnapshot]) -> None:
    """She has been told of these."""
    _attendee(session, registration_id).told = _sessions(sessions)


def _attendee(session: Session, registration_id: UUID) -> AttendeeCopy:
    return session.scalars(
        select(AttendeeCopy).where(AttendeeCopy.registration_id == registration_id).with_for_update()
    ).one()


def _sessions(sessions: Iterable[SessionSnapshot]) -> list[Any]:
    return [schema_of(SessionSnapshot).dump(each) for each in sessions]


def _event(row: EventCopy) -> EventSnapshot:
    return cast("EventSnapshot", schema_of(EventSnapshot).load(row.snapshot))


def _news(row: AttendeeCopy) -> RegistrationNews:
    return cast("RegistrationNews", schema_of(RegistrationNews).load(row.news))

"""Our copies of events and attendees: newer news wins, older news is ignored."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, delete, exists, select
from sqlalchemy.orm import Session

from services.notifications.storage.tables import AttendeeCopy, EventCopy, InvitationRow
from shared.contracts.events import EventSnapshot, SessionSnapshot, Texts
from shared.contracts.message import schema_of
from shared.contracts.registration import RegistrationNews
from shared.database import delete_some, insert_if_new

LIVING = ("pending", "confirmed", "waiting")


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
        is_behind=False,
        ends_at=_ends_at(snapshot),
    )
    row = session.scalars(select(EventCopy).where(EventCopy.id == snapshot.id).with_for_update()).one()
    if is_new:
        return None, snapshot
    known = _event(row)
    if snapshot.version <= row.version:
        return known, known
    row.version, row.snapshot = snapshot.version, schema_of(EventSnapshot).dump(snapshot)
    row.organisation_id, row.ends_at = snapshot.organiser.id, _ends_at(snapshot)
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
        event_version=0,
    )
    row = _attendee(session, news.id)
    if news.version < row.version:
        return False
    if row.status not in LIVING and news.status in LIVING:
        row.told = _sessions(event.sessions)  # she came back, and signed up for the event as it was then
    row.version, row.status, row.news, row.event_id = news.version, news.status, kept, news.event_id
    session.flush()
    return True


def attendees_behind(session: Session, event: EventSnapshot, limit: int) -> Sequence[RegistrationNews]:
    """Who holds a place or waits for one and has not been told everything about this version, in a fixed order."""
    rows = session.scalars(
        select(AttendeeCopy)
        .where(
            AttendeeCopy.event_id == event.id,
            AttendeeCopy.status.in_(LIVING),
            AttendeeCopy.event_version < event.version,
        )
        .order_by(AttendeeCopy.registration_id)
        .limit(limit)
        .with_for_update()
    )
    return [_news(row) for row in rows]


def keep_up_to_date(session: Session, registration_id: UUID, event: EventSnapshot) -> None:
    """She has been told everything about this version of the event."""
    row = _attendee(session, registration_id)
    row.event_version = max(row.event_version, event.version)


def forget_attendees(session: Session, *, over_before: datetime, limit: int = 200) -> bool:
    """Forget who came to events that were over before then, with what their calendars know; more to do?"""
    over = select(EventCopy.id).where(EventCopy.ends_at < over_before)
    found = session.scalars(select(AttendeeCopy.registration_id).where(AttendeeCopy.event_id.in_(over)).limit(limit))
    some = found.all()
    untouched = {"synchronize_session": False}
    session.execute(delete(InvitationRow).where(InvitationRow.registration_id.in_(some)), execution_options=untouched)
    session.execute(delete(AttendeeCopy).where(AttendeeCopy.registration_id.in_(some)), execution_options=untouched)
    return len(some) == limit


def forget_events(session: Session, *, over_before: datetime) -> bool:
    """Forget events that were over before then and whose attendees are forgotten; more to do?"""
    empty = ~exists().where(AttendeeCopy.event_id == EventCopy.id)
    return delete_some(session, cast("Table", EventCopy.__table__), EventCopy.ends_at < over_before, empty)


def note_ends(session: Session, limit: int = 100) -> bool:
    """Copies that the first release made do not say when the event ends; more to do?"""
    rows = session.scalars(select(EventCopy).where(EventCopy.ends_at.is_(None)).limit(limit)).all()
    for row in rows:
        row.ends_at = _ends_at(_event(row))
    return len(rows) == limit and any(row.ends_at for row in rows)


def mark_behind(session: Session, event_id: UUID, *, is_behind: bool) -> None:
    """Whether attendees are left who have to be told."""
    session.get_one(EventCopy, event_id).is_behind = is_behind


def lock_event_behind(session: Session) -> EventSnapshot | None:
    """An event of which not everybody has been told everything; locked."""
    row = session.scalars(
        select(EventCopy).where(EventCopy.is_behind).order_by(EventCopy.id).limit(1).with_for_update(skip_locked=True)
    ).first()
    return _event(row) if row else None


def change_language(session: Session, registration_id: UUID, *, version: int, locale: str) -> RegistrationNews | None:
    """What we know of her, now in the new language; None if she is unknown or we know newer."""
    row = session.scalars(
        select(AttendeeCopy).where(AttendeeCopy.registration_id == registration_id).with_for_update()
    ).first()
    if row is None or version < row.version:
        return None
    row.version, row.news = version, {**row.news, "locale": locale, "version": version}
    return _news(row)


def current_event(session: Session, event_id: UUID) -> EventSnapshot:
    """The event as it is known now; locked."""
    return _event(session.scalars(select(EventCopy).where(EventCopy.id == event_id).with_for_update()).one())


def is_up_to_date(session: Session, registration_id: UUID, event: EventSnapshot) -> bool:
    """Whether she has been told everything about this version of the event."""
    return _attendee(session, registration_id).event_version >= event.version


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


def _ends_at(event: EventSnapshot) -> datetime | None:
    return max((each.ends_at for each in event.sessions), default=None)

"""The log of scans and who is in."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import String, Table, cast, delete, func, select
from sqlalchemy.orm import Session

from services.registration.domain.check_in import LoggedScan
from services.registration.storage.tables import CheckIn, Event, Scan
from shared.database import insert_if_new

_SCAN: Table = Scan.metadata.tables["scan"]


def find_scan(session: Session, scan_id: UUID) -> Scan | None:
    """A line of the log."""
    return session.scalars(select(Scan).where(Scan.scan_id == scan_id)).one_or_none()


def get_scan(session: Session, scan_id: UUID) -> Scan:
    """A line of the log that is known to be there."""
    return session.scalars(select(Scan).where(Scan.scan_id == scan_id)).one()


def log(session: Session, **facts: Any) -> bool:
    """Append a line; False if the scan_id is there already."""
    return insert_if_new(session, _SCAN, **facts)


def log_of(session: Session, registration_id: UUID, session_id: UUID) -> list[LoggedScan]:
    """What was scanned for one ticket and session, in no particular order."""
    lines = session.scalars(select(Scan).where(Scan.registration_id == registration_id, Scan.session_id == session_id))
    return [
        LoggedScan(
            scan_id=each.scan_id,
            verdict=each.verdict,
            scanned_at=each.scanned_at,
            device=each.device,
            undoes=each.undoes,
        )
        for each in lines
    ]


def settle(
    session: Session, *, registration_id: UUID, session_id: UUID, event_id: UUID, first: LoggedScan | None
) -> None:
    """Make the check-in follow from the log: the first scan that stands, or none. Call it with the ticket locked."""
    session.execute(delete(CheckIn).where(CheckIn.registration_id == registration_id, CheckIn.session_id == session_id))
    if first is None:
        return
    session.add(
        CheckIn(
            registration_id=registration_id,
            session_id=session_id,
            event_id=event_id,
            scan_id=first.scan_id,
            scanned_at=first.scanned_at,
            device=first.device,
        )
    )
    session.flush()


def checked_in(session: Session, event_id: UUID) -> Sequence[CheckIn]:
    """Everybody who is in, for all sessions of the event."""
    return session.scalars(select(CheckIn).where(CheckIn.event_id == event_id)).all()


def count_checked_in(session: Session, event_id: UUID) -> dict[UUID, int]:
    """How many are in, by session."""
    rows = session.execute(
        select(CheckIn.session_id, func.count().label("number"))
        .where(CheckIn.event_id == event_id)
        .group_by(CheckIn.session_id)
    )
    return {row.session_id: row.number for row in rows}


def find_event_of_session(session: Session, session_id: UUID) -> Event | None:
    """The event that a session belongs to; a slow look into the snapshots, for scans that name only a session."""
    return session.scalars(
        select(Event).where(cast(Event.snapshot["sessions"], String).contains(str(session_id)))
    ).first()


def of(session: Session, registration_id: UUID) -> Sequence[CheckIn]:
    """Where one person is in."""
    return session.scalars(
        select(CheckIn).where(CheckIn.registration_id == registration_id).order_by(CheckIn.scanned_at)
    ).all()

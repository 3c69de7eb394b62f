"""What follows from a new line in the scan log: who is in, and what the other services hear of it."""

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from services.registration.domain.check_in import LoggedScan, standing
from services.registration.storage import check_ins
from services.registration.storage.tables import Scan
from shared.contracts.registration import AttendeeCheckedIn, CheckInUndone
from shared.messaging import outbox
from shared.policy import Actor


def settle(session: Session, *, registration_id: UUID, session_id: UUID, event_id: UUID, scan_id: UUID) -> None:
    """Call it after a green or an undoing line was logged, with the registration locked."""
    lines = check_ins.log_of(session, registration_id, session_id)
    first = next(iter(standing(lines)), None)
    check_ins.settle(session, registration_id=registration_id, session_id=session_id, event_id=event_id, first=first)
    outbox.add(
        session,
        _news(first, registration_id=registration_id, session_id=session_id, event_id=event_id, scan_id=scan_id),
        aggregate=f"check_in:{registration_id}:{session_id}",
        version=sum(each.verdict in {"admitted", "undone"} for each in lines),
    )


def take_back(session: Session, scan: Scan, *, actor: Actor, now: datetime) -> bool:
    """Log that a green scan no longer counts; False if that is logged already.

    The undo's scan_id follows from the undone one, so that a repeated undo is found to be the same.
    """
    return check_ins.log(
        session,
        scan_id=uuid5(scan.scan_id, "undo"),
        content="",
        event_id=scan.event_id,
        session_id=scan.session_id,
        registration_id=scan.registration_id,
        kind="undo",
        undoes=scan.scan_id,
        verdict="undone",
        reason="",
        facts={},
        device=scan.device,
        scanned_at=now,
        received_at=now,
        actor_id=actor.id,
    )


def _news(
    first: LoggedScan | None, *, registration_id: UUID, session_id: UUID, event_id: UUID, scan_id: UUID
) -> AttendeeCheckedIn | CheckInUndone:
    if first is None:
        return CheckInUndone(registration_id=registration_id, event_id=event_id, session_id=session_id, scan_id=scan_id)
    return AttendeeCheckedIn(
        registration_id=registration_id,
        event_id=event_id,
        session_id=session_id,
        scan_id=first.scan_id,
        scanned_at=first.scanned_at,
    )

"""What follows from a new line in the scan log: who is in, and what the other services hear of it."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.check_in import LoggedScan, standing
from services.registration.storage import check_ins
from shared.contracts.registration import AttendeeCheckedIn, CheckInUndone
from shared.messaging import outbox


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

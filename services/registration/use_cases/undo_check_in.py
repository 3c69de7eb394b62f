"""Take a green light back: logged as a scan of its own, nothing is deleted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.check_in import NothingToUndo
from services.registration.storage import audit, check_ins, events, registrations
from services.registration.storage.tables import Scan
from services.registration.use_cases import check_in_log
from services.registration.use_cases.access import ensure_may
from shared.errors import NotFound
from shared.policy import Actor


def undo_check_in(scan_id: UUID, *, actor: Actor, session: Session, now: datetime) -> Scan:
    """Undo one accepted scan; the next scan of the ticket lets her in again. Twice is once.

    Returns the scan that was undone. Raises NotFound and NothingToUndo.
    """
    scan = check_ins.find_scan(session, scan_id)
    if scan is None or scan.event_id is None:
        raise NotFound
    event = events.get(session, scan.event_id)
    ensure_may(actor, "check_in", event)
    if scan.verdict != "admitted" or scan.registration_id is None or scan.session_id is None:
        raise NothingToUndo
    registrations.lock(session, [scan.registration_id])
    if check_in_log.take_back(session, scan, actor=actor, now=now):
        check_in_log.settle(
            session,
            registration_id=scan.registration_id,
            session_id=scan.session_id,
            event_id=event.id,
            scan_id=scan_id,
        )
        audit.record(
            session,
            actor,
            "undo_check_in",
            object_id=scan.registration_id,
            organisation_id=event.organisation_id,
            now=now,
            scan_id=str(scan_id),
            session_id=str(scan.session_id),
        )
    return scan

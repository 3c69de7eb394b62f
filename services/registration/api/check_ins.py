"""Scans: let in, take back, count."""

from typing import Any
from uuid import UUID

from services.registration.api.first import known_asker
from services.registration.domain.check_in import WantedScan, choose_session
from services.registration.schemas.check_in import CheckInSchema, ScanWish, SummarySchema, check_in_document
from services.registration.schemas.door_actor import door_actor
from services.registration.schemas.told_event import told_event
from services.registration.storage import attendance, events
from services.registration.use_cases.access import ensure_may
from services.registration.use_cases.check_in import check_in
from services.registration.use_cases.check_in_quickly import check_in_quickly
from services.registration.use_cases.undo_check_in import undo_check_in
from shared import clock
from shared.http.app import reading, single_statement, transaction
from shared.http.identity import asks_revocation_itself, ensure_not_revoked
from shared.http.openapi import Blueprint

resource = Blueprint("check-ins", __name__, url_prefix="/registration/api/v1", description="The door")


@resource.post("/check-ins")
@known_asker
@resource.arguments(ScanWish)
@resource.response(201, CheckInSchema)
@asks_revocation_itself
def add_check_in(scan: WantedScan) -> dict[str, Any]:
    """Scan a ticket. Refused scans are logged like accepted ones."""
    actor = door_actor()
    if (told := told_event(scan.event_id or actor.event_id)) is not None:
        with single_statement() as direct:
            if green := check_in_quickly(scan, told=told, actor=actor, direct=direct, now=clock.now()):
                return check_in_document(*green)
    ensure_not_revoked()
    with transaction() as session:
        verdict = check_in(scan, actor=actor, session=session, now=clock.now())
    verdict.or_reject()
    with reading() as session:
        event = events.get(session, verdict.event_id) if verdict.event_id else None
        return check_in_document(verdict, attendance.counts(session, events.snapshot(event)) if event else [])


@resource.delete("/check-ins/<uuid:scan_id>")
@resource.response(204)
def remove_check_in(scan_id: UUID) -> None:
    """Take a green light back. It is logged; the next scan of the ticket lets in again. Twice is once."""
    actor = door_actor()
    with transaction() as session:
        undo_check_in(scan_id, actor=actor, session=session, now=clock.now())


@resource.get("/events/<uuid:event_id>/check-ins/summary")
@resource.response(200, SummarySchema)
def summarise_check_ins(event_id: UUID) -> dict[str, Any]:
    """How many are in, by session."""
    actor = door_actor()
    with reading() as session:
        event = events.get(session, event_id)
        ensure_may(actor, "see_door", event)
        told = events.snapshot(event)
        current = choose_session(told.sessions, clock.now())
        return {
            "event_id": event.id,
            "current_session_id": current.id if current else None,
            "sessions": attendance.counts(session, told),
        }

"""The organiser puts right what the door missed: somebody came, or did not. Logged like every scan."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from services.registration.domain import check_in as rules
from services.registration.storage import attendance, audit, check_ins, events, registrations
from services.registration.storage.tables import Event, Registration
from services.registration.use_cases import check_in_log
from services.registration.use_cases.access import ensure_may
from shared.errors import NotFound
from shared.policy import Actor

BY_HAND = "by_hand"


def mark_present(
    registration_id: UUID, session_id: UUID, *, event: Event, actor: Actor, session: Session, now: datetime
) -> None:
    """She came. Twice is once. Raises NotFound and what the door would say: NotConfirmed, NoSuchSession …"""
    registration = _locked(registration_id, event=event, actor=actor, session=session)
    no = rules.refusal(
        attendance.holder_of(registration, event),
        event_status=event.status,
        session_id=session_id,
        sessions=events.snapshot(event).sessions,
    )
    if no is not None:
        raise no
    if rules.standing(check_ins.log_of(session, registration.id, session_id)):
        return
    scan_id = uuid4()
    check_ins.log(
        session,
        scan_id=scan_id,
        content="",
        event_id=event.id,
        session_id=session_id,
        registration_id=registration.id,
        kind="entry",
        undoes=None,
        verdict="admitted",
        reason=BY_HAND,
        facts={},
        device="",
        scanned_at=now,
        received_at=now,
        actor_id=actor.id,
    )
    _settle(session, registration, session_id, scan_id=scan_id, event=event)
    _note(session, actor, "mark_present", registration=registration, session_id=session_id, event=event, now=now)


def mark_absent(
    registration_id: UUID,
    session_id: UUID,
    *,
    event: Event,
    actor: Actor,
    session: Session,
    now: datetime,
    marked_at: datetime | None = None,
) -> None:
    """She did not come after all: every green scan of hers is taken back. Raises NotFound.

    marked_at: only what was marked by hand at that moment; what the door or somebody else saw stays.
    """
    registration = _locked(registration_id, event=event, actor=actor, session=session)
    for line in rules.standing(check_ins.log_of(session, registration.id, session_id)):
        scan = check_ins.get_scan(session, line.scan_id)
        if marked_at is not None and (scan.reason, scan.scanned_at) != (BY_HAND, marked_at):
            continue
        check_in_log.take_back(session, scan, actor=actor, now=now)
        _settle(session, registration, session_id, scan_id=scan.scan_id, event=event)
        _note(session, actor, "mark_absent", registration=registration, session_id=session_id, event=event, now=now)


def _locked(registration_id: UUID, *, event: Event, actor: Actor, session: Session) -> Registration:
    ensure_may(actor, "change_registration", event)
    found = registrations.lock(session, [registration_id])
    if not found or found[0].event_id != event.id:
        raise NotFound
    return found[0]


def _settle(session: Session, registration: Registration, session_id: UUID, *, scan_id: UUID, event: Event) -> None:
    check_in_log.settle(
        session, registration_id=registration.id, session_id=session_id, event_id=event.id, scan_id=scan_id
    )


def _note(
    session: Session,
    actor: Actor,
    action: str,
    *,
    registration: Registration,
    session_id: UUID,
    event: Event,
    now: datetime,
) -> None:
    audit.record(
        session,
        actor,
        action,
        object_id=registration.id,
        organisation_id=event.organisation_id,
        now=now,
        session_id=str(session_id),
    )

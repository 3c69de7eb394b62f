"""Let the holder of a ticket in, once per session of the event."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain import check_in as rules
from services.registration.domain.check_in import AlreadyCheckedIn, Holder, TicketOfAnotherEvent, UnknownTicket
from services.registration.domain.tickets import read_code
from services.registration.storage import attendance, check_ins, events, registrations
from services.registration.storage.tables import Event, Registration, Scan
from services.registration.use_cases import check_in_log
from services.registration.use_cases.access import ensure_may, scope_of
from shared.errors import NotSignedIn, Rejection
from shared.policy import Actor, may

_REASONS = {
    each.slug(): each
    for each in (
        AlreadyCheckedIn,
        TicketOfAnotherEvent,
        UnknownTicket,
        rules.EventIsCancelled,
        rules.NoSuchSession,
        rules.NotConfirmed,
        rules.NotForThisSession,
        rules.RegistrationIsCancelled,
    )
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the door is shown for a scan; logged, and the same however often the scan is sent."""

    scan_id: UUID
    event_id: UUID | None
    session_id: UUID | None
    scanned_at: datetime
    device: str
    name: str
    rejection: Rejection | None = None

    def or_reject(self) -> "Verdict":
        """The green light. Raises the rejection: call it after the transaction, or the log forgets the scan."""
        if self.rejection is not None:
            raise self.rejection
        return self


def check_in(scan: rules.WantedScan, *, actor: Actor, session: Session, now: datetime) -> Verdict:
    """Judge a scan and log it, whatever the verdict.

    The ticket is locked, so that of two doors at once exactly one lets her in. The same scan_id again gives the
    same verdict. Raises NotSignedIn, NotFound (an event that is not the asker's) and ScanIdIsTaken; every other
    "no" is a logged verdict.
    """
    if not actor.is_known:
        raise NotSignedIn
    registration = _locked(session, scan.ticket)
    if known := check_ins.find_scan(session, scan.scan_id):
        return _again(session, known, scan=scan, actor=actor)
    event = _event_of(session, scan, registration=registration, actor=actor)
    case = _Case(scan=scan, event=event, registration=registration if event else None, now=now)
    verdict = case.judge(session)
    if not check_ins.log(session, actor_id=actor.id, **case.line(verdict)):
        return _again(session, check_ins.get_scan(session, scan.scan_id), scan=scan, actor=actor)
    if verdict.rejection is None:
        case.let_in(session, verdict)
    return verdict


def _locked(session: Session, text: str) -> Registration | None:
    code = read_code(text)
    found = registrations.find_by_ticket(session, code) if code else None
    return next(iter(registrations.lock(session, [found.id])), None) if found else None


def _event_of(
    session: Session, scan: rules.WantedScan, *, registration: Registration | None, actor: Actor
) -> Event | None:
    """The event at whose door this is; None when nobody said and the ticket tells nothing to this asker."""
    named = scan.event_id or actor.event_id
    if named is None:
        event = _implied(session, scan, registration)
        return event if event and may(actor, "check_in", scope_of(event)) else None
    event = events.get(session, named)
    ensure_may(actor, "check_in", event)
    return event


def _implied(session: Session, scan: rules.WantedScan, registration: Registration | None) -> Event | None:
    own = registration.event if registration else None
    if scan.session_id is None or (own and scan.session_id in {each.id for each in events.snapshot(own).sessions}):
        return own
    return check_ins.find_event_of_session(session, scan.session_id) or own


@dataclass(frozen=True, kw_only=True)
class _Case:
    """All that a verdict rests on. Without an event nothing is known of the ticket."""

    scan: rules.WantedScan
    event: Event | None
    registration: Registration | None
    now: datetime

    @property
    def scanned_at(self) -> datetime:
        return rules.time_of(self.scan.scanned_at, self.now)

    def judge(self, session: Session) -> Verdict:
        if self.event is None or self.registration is None:
            return self._verdict(UnknownTicket())
        if self.registration.event_id != self.event.id:
            return self._verdict(TicketOfAnotherEvent())
        holder = attendance.holder_of(self.registration, self.event)
        session_id = self.scan.session_id or self._default_session(holder)
        no = rules.refusal(
            holder,
            event_status=self.event.status,
            session_id=session_id,
            sessions=events.snapshot(self.event).sessions,
        )
        if no is None and session_id is not None:
            no = self._seen_before(session, self.registration, session_id=session_id)
        known = None if isinstance(no, rules.NoSuchSession) else session_id
        return self._verdict(no, name=holder.name, session_id=known)

    def _default_session(self, holder: Holder) -> UUID | None:
        chosen = rules.choose_session(holder.sessions, self.scanned_at)
        return chosen.id if chosen else None

    def _seen_before(self, session: Session, registration: Registration, *, session_id: UUID) -> Rejection | None:
        stands = rules.standing(check_ins.log_of(session, registration.id, session_id))
        first = stands[0] if stands else None
        if first is None or rules.lets_in(first, scanned_at=self.scanned_at, received_at=self.now):
            return None
        return AlreadyCheckedIn(
            name=registration.name,
            scanned_at=first.scanned_at.isoformat(),
            device=first.device,
            session_id=str(session_id),
        )

    def _verdict(self, no: Rejection | None, *, name: str = "", session_id: UUID | None = None) -> Verdict:
        return Verdict(
            scan_id=self.scan.scan_id,
            event_id=self.event.id if self.event else None,
            session_id=session_id,
            scanned_at=self.scanned_at,
            device=self.scan.device,
            name=name,
            rejection=no,
        )

    def line(self, verdict: Verdict) -> dict[str, Any]:
        no = verdict.rejection
        of_this_event = not isinstance(no, UnknownTicket | TicketOfAnotherEvent)
        return {
            "scan_id": verdict.scan_id,
            "content": content_of(self.scan),
            "event_id": verdict.event_id,
            "session_id": verdict.session_id,
            "registration_id": self.registration.id if self.registration and of_this_event else None,
            "kind": "entry",
            "verdict": "admitted" if no is None else "duplicate" if isinstance(no, AlreadyCheckedIn) else "refused",
            "reason": no.slug() if no else "",
            "facts": {key: value for key, value in no.facts.items() if key != "name"} if no else {},
            "device": verdict.device,
            "scanned_at": verdict.scanned_at,
            "received_at": self.now,
        }

    def let_in(self, session: Session, verdict: Verdict) -> None:
        if self.registration is None or verdict.session_id is None or verdict.event_id is None:
            raise AssertionError("a green light without a ticket or a session")
        check_in_log.settle(
            session,
            registration_id=self.registration.id,
            session_id=verdict.session_id,
            event_id=verdict.event_id,
            scan_id=verdict.scan_id,
        )


def _again(session: Session, known: Scan, *, scan: rules.WantedScan, actor: Actor) -> Verdict:
    """The verdict that the scan was given when it came first."""
    if known.event_id is not None:
        ensure_may(actor, "check_in", events.get(session, known.event_id))
    if known.content != content_of(scan):
        raise rules.ScanIdIsTaken
    holder = registrations.get(session, known.registration_id) if known.registration_id else None
    name = holder.name if holder else ""
    facts = {**known.facts, "name": name} if holder else known.facts
    return Verdict(
        scan_id=known.scan_id,
        event_id=known.event_id,
        session_id=known.session_id,
        scanned_at=known.scanned_at,
        device=known.device,
        name=name,
        rejection=_REASONS[known.reason](**facts) if known.verdict != "admitted" else None,
    )


def content_of(scan: rules.WantedScan) -> str:
    """The fingerprint of what was sent, so that the same scan_id cannot mean two things."""
    parts = (
        read_code(scan.ticket) or scan.ticket,
        scan.event_id,
        scan.session_id,
        scan.device,
        scan.scanned_at and scan.scanned_at.timestamp(),
    )
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()

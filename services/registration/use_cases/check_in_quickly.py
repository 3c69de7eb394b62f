"""Letting somebody in by one statement, where that is possible: what a door does a hundred times in a row."""

from datetime import datetime
from uuid import UUID

from services.registration.domain.attendance import Count, sessions_of
from services.registration.domain.check_in import PlainScan, WantedScan, time_of
from services.registration.domain.secrets import fingerprint
from services.registration.domain.tickets import read_code
from services.registration.storage import attendance, check_in_statement
from services.registration.use_cases.access import scope_of
from services.registration.use_cases.check_in import Verdict, content_of
from shared.contracts.events import EventSnapshot
from shared.direct import Direct
from shared.policy import Actor, may


def check_in_quickly(
    scan: WantedScan, *, told: EventSnapshot, actor: Actor, direct: Direct, now: datetime
) -> tuple[Verdict, list[Count]] | None:
    """As check_in, for a plain green light, with the counts for the door. In every other case None, and nothing is
    stored: then check_in decides.

    `told` may be old (storage.events.recall); the statement compares its version. Whether a program's token was taken
    back is asked by the statement, too.
    """
    code, session_id = read_code(scan.ticket), _session_of(scan, told)
    if not direct.is_possible or code is None or session_id is None:
        return None
    if told.status == "cancelled" or not may(actor, "check_in", scope_of(told)):
        return None
    plain = PlainScan(
        scan_id=scan.scan_id,
        content=content_of(scan),
        event_id=told.id,
        session_id=session_id,
        device=scan.device,
        scanned_at=time_of(scan.scanned_at, now),
        received_at=now,
        actor_id=actor.id,
    )
    done = check_in_statement.let_in(
        direct,
        plain,
        ticket_hash=fingerprint(code),
        told=told,
        elsewhere=_elsewhere(told, session_id),
        token_id=actor.id if actor.kind == "token" else None,
    )
    if done is None:
        return None
    verdict = Verdict(
        scan_id=plain.scan_id,
        event_id=plain.event_id,
        session_id=plain.session_id,
        scanned_at=plain.scanned_at,
        device=plain.device,
        name=done.name,
    )
    if done.count:
        return verdict, [done.count]
    with direct.session() as session:
        return verdict, attendance.counts(session, told)


def _session_of(scan: WantedScan, told: EventSnapshot) -> UUID | None:
    """The session that the scan is for, where that does not depend on the ticket."""
    known = [each.id for each in told.sessions]
    if scan.session_id is None:
        return known[0] if len(known) == 1 else None
    return scan.session_id if scan.session_id in known else None


def _elsewhere(told: EventSnapshot, session_id: UUID) -> list[UUID]:
    """The quotas whose places do not let into the session."""
    by_quota = {each.id: each.session_id for each in told.quotas}
    open_to = {each: sessions_of([each], sessions=told.sessions, session_by_quota=by_quota) for each in by_quota}
    return [quota for quota, blocks in open_to.items() if session_id not in {each.id for each in blocks}]

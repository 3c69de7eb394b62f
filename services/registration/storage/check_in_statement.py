"""A green light as one PostgreSQL statement, for the usual case: a valid ticket that nobody scanned for this session.

The ticket is found and locked, the scan logged, its holder let in and the others told in one round trip. Of two doors
at once the primary key of check_in lets one in; the other, like every scan that is not plainly green, stores nothing
and is left to the statements of use_cases.check_in, which know what to say. Where the event has one session, in which
everybody is expected, the counts for the door come along (storage.attendance.counts has them for the other events).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from services.registration.domain.attendance import Count
from services.registration.domain.check_in import PlainScan
from shared.contracts.events import EventSnapshot
from shared.contracts.registration import AttendeeCheckedIn
from shared.direct import Direct, Statement
from shared.messaging import outbox


@dataclass(frozen=True, kw_only=True)
class LetIn:
    """Whom the ticket belongs to, and how full the room is now; None where only more queries would tell."""

    name: str
    count: Count | None


def let_in(
    direct: Direct,
    scan: PlainScan,
    *,
    ticket_hash: str,
    told: EventSnapshot,
    elsewhere: Collection[UUID],
    token_id: UUID | None = None,
) -> LetIn | None:
    """Let the ticket's holder in; None, and nothing is stored, if it is not the usual case.

    `elsewhere` are the quotas whose places are in other sessions of the event; `token_id` is that of the program that
    asks, which must not be revoked.
    """
    facts: dict[str, Any] = {
        **vars(scan),
        "told_at": scan.scanned_at.isoformat(),
        "ticket_hash": ticket_hash,
        "event_version": told.version,
        "elsewhere": list(elsewhere),
        "token_id": token_id,
        "is_only": len(told.sessions) == 1,
    }
    try:
        row = direct.row(_STATEMENT, facts)
    except IntegrityError:  # the scan_id is taken, or an undo came between
        return None
    if row is None:
        return None
    outbox.note_committed(direct.engine)
    name, others, expected = row
    count = Count(session_id=scan.session_id, checked_in=others + 1, expected=expected) if expected else None
    return LetIn(name=name, count=count)


_STATEMENT = Statement(f"""
WITH holder AS (
    SELECT registration.id, registration.name
    FROM registration JOIN event ON event.id = registration.event_id
    WHERE registration.ticket_hash = :ticket_hash AND registration.event_id = :event_id
        AND registration.status = 'confirmed' AND event.version = :event_version
        AND NOT EXISTS (SELECT FROM revoked_token WHERE revoked_token.token_id = CAST(:token_id AS uuid))
        AND NOT EXISTS (
            SELECT FROM scan WHERE scan.registration_id = registration.id AND scan.session_id = :session_id
        )
        AND coalesce((
            SELECT bool_or(place.quota_id <> ALL(CAST(:elsewhere AS uuid[])))
            FROM place WHERE place.registration_id = registration.id AND place.state = 'held'
        ), true)
    FOR NO KEY UPDATE OF registration
), let_in AS (
    INSERT INTO check_in (registration_id, session_id, event_id, scan_id, scanned_at, device)
    SELECT holder.id, :session_id, :event_id, :scan_id, :scanned_at, :device FROM holder
    ON CONFLICT DO NOTHING
    RETURNING registration_id
), logged AS (
    INSERT INTO scan (scan_id, content, event_id, session_id, registration_id, kind, verdict, reason, facts, device,
        scanned_at, received_at, actor_id)
    SELECT :scan_id, :content, :event_id, :session_id, registration_id, 'entry', 'admitted', '', '{{}}', :device,
        :scanned_at, :received_at, CAST(:actor_id AS uuid)
    FROM let_in
), told AS (
    INSERT INTO outbox (message_id, type, aggregate, version, data, created_at)
    SELECT gen_random_uuid(), '{AttendeeCheckedIn.type_name()}',
        'check_in:' || registration_id || ':' || CAST(:session_id AS uuid), 1,
        jsonb_build_object('registration_id', registration_id, 'event_id', CAST(:event_id AS uuid),
            'session_id', CAST(:session_id AS uuid), 'scan_id', CAST(:scan_id AS uuid),
            'scanned_at', CAST(:told_at AS text)),
        CAST(:received_at AS timestamptz)
    FROM let_in
)
SELECT holder.name,
    CASE WHEN :is_only THEN (
        SELECT count(*) FROM check_in WHERE event_id = :event_id AND session_id = :session_id
    ) END AS others,
    CASE WHEN :is_only THEN (
        SELECT count(*) FROM registration WHERE event_id = :event_id AND status = 'confirmed'
    ) END AS expected
FROM holder JOIN let_in ON let_in.registration_id = holder.id
""")  # noqa: S608 - a name of ours

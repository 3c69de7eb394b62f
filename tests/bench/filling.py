"""Events and registrations in bulk, written by PostgreSQL itself from the pattern of a real one.

Everything is found by number: event 7 is 00000000-0000-4000-8000-000000000007, its quota …-4000-9000-…, its session
…-4000-a000-…; the ticket of registration 7 is 00000000000000000000000007. `tests/bench/*.sql` know the same rule.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy.orm import Session

from shared.contracts.events import EventSnapshot
from tests.bench.rig import Store
from tests.registration.builders import a_quota, an_event
from tests.registration.doors import a_coming_event

EVENT = "00000000-0000-4000-8000-"
QUOTA = "00000000-0000-4000-9000-"
SESSION = "00000000-0000-4000-a000-"
REGISTRATION = "00000000-0000-4000-b000-"
_PATTERN = f"{0:012d}"
_EVENTS = """
    INSERT INTO event SELECT (jsonb_populate_record(event, replace(
        to_jsonb(event)::text, '-000000000000', '-' || lpad(n::text, 12, '0'))::jsonb)).*
    FROM event, generate_series(%(first)s::bigint, %(last)s::bigint) n WHERE id = %(pattern)s
"""
_QUOTAS = """
    INSERT INTO quota SELECT (jsonb_populate_record(quota, replace(
        to_jsonb(quota)::text, '-000000000000', '-' || lpad(n::text, 12, '0'))::jsonb)).*
    FROM quota, generate_series(%(first)s::bigint, %(last)s::bigint) n WHERE event_id = %(pattern)s
"""
_REGISTRATIONS = """
    INSERT INTO registration (id, version, event_id, status, name, email, ascii_email, email_key, search_text, locale,
        page_hash, ticket_hash, address_confirmed_at, created_at, changed_at, cancelled_by, cancelled_reason, source)
    SELECT (%(registration)s || number)::uuid, 1, (%(event)s || lpad((n / %(each)s)::text, 12, '0'))::uuid,
        CASE WHEN n %% %(each)s < %(held)s OR n / %(each)s %% 2 = 0 THEN 'confirmed' ELSE 'waiting' END,
        'Олена Шевченко', email, email, email, 'олена шевченко ' || email, 'de',
        encode(sha256(('page' || number)::bytea), 'hex'), encode(sha256(lpad(n::text, 26, '0')::bytea), 'hex'),
        now(), now(), now(), '', '', 'api'
    FROM (SELECT n, lpad(n::text, 12, '0') AS number, 'number' || n || '@example.org' AS email
        FROM generate_series(%(first)s::bigint, %(last)s::bigint) n) one
"""
_PLACES = """
    INSERT INTO place (id, registration_id, quota_id, state, number)
    SELECT gen_random_uuid(), (%(registration)s || lpad(n::text, 12, '0'))::uuid,
        (%(quota)s || lpad((n / %(each)s)::text, 12, '0'))::uuid,
        CASE WHEN n %% %(each)s < %(held)s OR n / %(each)s %% 2 = 0 THEN 'held' ELSE 'waiting' END,
        CASE WHEN n %% %(each)s < %(held)s OR n / %(each)s %% 2 = 0 THEN NULL ELSE 1 + n %% %(each)s - %(held)s END
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
"""
_COUNT = """
    UPDATE quota SET (taken, waiting, next_number, capacity) = (
        SELECT CASE WHEN is_full THEN %(held)s ELSE %(each)s END, CASE WHEN is_full THEN %(each)s - %(held)s ELSE 0 END,
            CASE WHEN is_full THEN 1 + %(each)s - %(held)s ELSE 1 END,
            CASE WHEN is_full THEN %(held)s ELSE capacity END
        FROM (SELECT right(event_id::text, 12)::bigint %% 2 = 1 AND %(each)s > %(held)s AS is_full) one)
    WHERE event_id IN (SELECT DISTINCT (%(event)s || lpad((n / %(each)s)::text, 12, '0'))::uuid
        FROM generate_series(%(first)s::bigint, %(last)s::bigint, %(each)s) n)
"""


def event_id(number: int) -> UUID:
    """Of an event by number."""
    return UUID(f"{EVENT}{number:012d}")


def ticket_code(number: int) -> str:
    """What the holder of a registration shows at the door."""
    return f"{number:026d}"


def pattern(store: Store, *, capacity: int) -> EventSnapshot:
    """Event number 0, as the events service would have told it."""
    zero = a_coming_event(id=event_id(0), slug=f"tour-{_PATTERN}")
    told = replace(
        zero,
        sessions=(replace(zero.sessions[0], id=UUID(SESSION + _PATTERN)),),
        quotas=(a_quota(capacity, id=UUID(QUOTA + _PATTERN)),),
        url=f"http://127.0.0.1:8000/events/tour-{_PATTERN}",
    )
    with store.sessions.begin() as session:
        _tell(session, told)
    return told


def _tell(session: Session, told: EventSnapshot) -> None:
    an_event(session, told)


def events(connection: psycopg.Connection[Any], first: int, last: int) -> None:
    """Events first to last like number 0, each with one quota."""
    numbers = {"first": first, "last": last, "pattern": event_id(0)}
    connection.execute(_EVENTS, numbers)
    connection.execute(_QUOTAS, numbers)


def registrations(connection: psycopg.Connection[Any], first: int, last: int, *, each: int, held: int = 0) -> None:
    """Registrations first to last, so many at an event, all confirmed; the counters of the quotas follow.

    With `held`, only so many of an event with an odd number have a place; the others wait, and it is full. Foreign
    keys are not checked meanwhile, which halves the time.
    """
    facts = {
        "first": first,
        "last": last,
        "each": each,
        "held": held or each,
        "event": EVENT,
        "quota": QUOTA,
        "registration": REGISTRATION,
    }
    connection.execute("SET session_replication_role = replica")
    for statement in (_REGISTRATIONS, _PLACES, _COUNT):
        connection.execute(statement, facts)
    connection.execute("SET session_replication_role = DEFAULT")

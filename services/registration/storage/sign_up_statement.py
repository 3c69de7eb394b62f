"""A whole sign-up as one PostgreSQL statement, for the usual case: a new address and one quota, place or waiting list.

Sent one after another, the statements of a sign-up keep the quota's row locked for five round trips, and everybody
who wants the same event waits for them. As one statement that commits by itself, the row is locked for less than one.

It stores nothing, and leaves the sign-up to the statements of use_cases.sign_up, when the event is another version
than the one that was judged, or asks questions, when the quota closed, the address is known, or somebody else changed
any of that at the same moment. A place without its quota's answer, or one that contradicts the registration's status,
has no state; that column refuses NULL, and PostgreSQL takes the whole statement back.
"""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from sqlalchemy import Uuid
from sqlalchemy.exc import IntegrityError

from services.registration.domain.registrations import Status
from services.registration.domain.sign_up import COLUMNS, Draft
from services.registration.storage.quotas import Counters
from services.registration.storage.tables import LIVING_ONLY, Registration
from shared.contracts.message import Message
from shared.contracts.registration import AvailabilityChanged
from shared.database import UTCDateTime
from shared.direct import Direct, Statement
from shared.messaging import outbox

_CASTS = {Uuid: "uuid", UTCDateTime: "timestamptz"}
_ROOM = "quota.taken < quota.capacity AND quota.waiting = 0"  # as storage.quotas.take has it


def store(
    direct: Direct, draft: Draft, messages: Mapping[Status, Message], *, event_version: int
) -> tuple[Status, Counters] | None:
    """Store a sign-up with all that follows from it; None, and nothing is stored, if it is not the usual case.

    `messages` are the news for each status that may come out, without event and places: the statement fills these in.
    """
    try:
        row = direct.row(_STATEMENT, _facts(draft, messages, event_version))
    except IntegrityError:
        return None
    if row is None:
        return None
    outbox.note_committed(direct.engine)
    status, number, *counters = row
    quota = dict(zip(("id", "event_id", "version", "capacity", "taken", "waiting"), counters, strict=True))
    return Status(status), Counters(**quota, number=number)


def _facts(draft: Draft, messages: Mapping[Status, Message], event_version: int) -> dict[str, Any]:
    return {
        **vars(draft.registration),
        "event_version": event_version,
        "quota_id": draft.quota_ids[0],
        "place_id": uuid4(),
        "consents": json.dumps([{"purpose": each.name, "version": each.version} for each in draft.agreed]),
        "messages": json.dumps({status: _document(message) for status, message in messages.items()}),
    }


def _document(message: Message) -> dict[str, Any]:
    return {"type": message.type_name(), "data": message.dump(without=("event",))}


def _value(column: str) -> str:
    kind = _CASTS.get(type(Registration.__table__.columns[column].type))
    return f"CAST(:{column} AS {kind})" if kind else f":{column}"


_STATEMENT = Statement(f"""
WITH known AS (
    SELECT event.snapshot, CASE
        WHEN :status = 'confirmed' AND (quota.taken >= quota.capacity OR quota.waiting > 0) THEN 'waiting'
        ELSE :status
    END AS status
    FROM event JOIN quota ON quota.event_id = event.id
    WHERE event.id = :event_id AND event.version = :event_version AND event.form_id IS NULL
        AND quota.id = :quota_id AND quota.is_open
), new AS (
    INSERT INTO registration ({", ".join(COLUMNS)})
    SELECT {", ".join("known.status" if each == "status" else _value(each) for each in COLUMNS)} FROM known
    ON CONFLICT (event_id, email_key) WHERE {LIVING_ONLY} DO NOTHING
    RETURNING id, status
), agreed AS (
    INSERT INTO consent (id, registration_id, purpose, text_version, locale, given_at)
    SELECT gen_random_uuid(), new.id, each.purpose, each.version, :locale, CAST(:created_at AS timestamptz)
    FROM new, jsonb_to_recordset(CAST(:consents AS jsonb)) AS each (purpose text, version text)
), changed AS (
    UPDATE quota SET
        version = quota.version + 1,
        taken = quota.taken + CASE WHEN {_ROOM} THEN 1 ELSE 0 END,
        waiting = quota.waiting + CASE WHEN {_ROOM} THEN 0 ELSE 1 END,
        next_number = quota.next_number + CASE WHEN {_ROOM} THEN 0 ELSE 1 END
    FROM new WHERE quota.id = :quota_id AND quota.is_open
    RETURNING quota.*, quota.waiting = 0 AS has_place,
        CASE WHEN quota.waiting > 0 THEN quota.next_number - 1 END AS number,
        CASE WHEN quota.waiting > 0 THEN 0 ELSE greatest(0, quota.capacity - quota.taken) END AS free
), place AS (
    INSERT INTO place (id, registration_id, quota_id, state, number)
    SELECT :place_id, new.id, :quota_id, CASE
        WHEN changed.has_place AND new.status IN ('pending', 'confirmed') THEN 'held'
        WHEN NOT changed.has_place AND new.status IN ('pending', 'waiting') THEN 'waiting'
    END, changed.number
    FROM new LEFT JOIN changed ON true
), told AS (
    INSERT INTO outbox (message_id, type, aggregate, version, data, created_at)
    SELECT gen_random_uuid(), message.type, message.aggregate, message.version, message.data,
        CAST(:created_at AS timestamptz)
    FROM new, known, changed, LATERAL (VALUES (
        CAST(:messages AS jsonb) -> new.status ->> 'type', 'registration:' || new.id, 1,
        CAST(:messages AS jsonb) -> new.status -> 'data' || jsonb_build_object('event', known.snapshot, 'registration',
            CAST(:messages AS jsonb) -> new.status -> 'data' -> 'registration' || jsonb_build_object('places',
                jsonb_build_array(jsonb_build_object(
                    'quota_id', changed.id, 'position', nullif(changed.waiting, 0)
                ))
            )
        )
    ), (
        '{AvailabilityChanged.type_name()}', 'quota:' || changed.id, changed.version,
        jsonb_build_object('event_id', changed.event_id, 'quota_id', changed.id, 'version', changed.version,
            'capacity', changed.capacity, 'free', changed.free, 'waiting', changed.waiting)
    )) AS message (type, aggregate, version, data)
)
SELECT new.status, changed.number, changed.id, changed.event_id, changed.version, changed.capacity, changed.taken,
    changed.waiting
FROM new, changed
""")  # noqa: S608 - names of our own columns

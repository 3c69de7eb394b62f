"""Attendance as JSON."""

from typing import Any

from marshmallow import Schema, fields

from services.registration.domain.attendance import Attendee, Count
from shared.contracts.events import SessionSnapshot
from shared.http.fields import Boolean, Id, Wish


class AttendeeSchema(Schema):
    """Somebody who is expected in a session, or came."""

    registration_id = fields.UUID(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    status = fields.String(required=True)
    is_present = fields.Boolean(required=True)
    checked_in_at = fields.AwareDateTime(required=True, allow_none=True)
    device = fields.String(required=True)
    scan_id = fields.UUID(required=True, allow_none=True)


class SessionAttendance(Schema):
    """One session. The list of people is for organisers; helpers get the counts."""

    session_id = fields.UUID(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    checked_in = fields.Integer(required=True)
    expected = fields.Integer(required=True)
    attendees = fields.List(fields.Nested(AttendeeSchema))


class AttendanceSchema(Schema):
    """Who came to an event, by session."""

    event_id = fields.UUID(required=True)
    sessions = fields.List(fields.Nested(SessionAttendance), required=True)


def session_document(block: SessionSnapshot, count: Count, attendees: list[Attendee] | None = None) -> dict[str, Any]:
    """What SessionAttendance writes down; without attendees the counts alone."""
    document: dict[str, Any] = {
        "session_id": block.id,
        "starts_at": block.starts_at,
        "ends_at": block.ends_at,
        "checked_in": count.checked_in,
        "expected": count.expected,
    }
    if attendees is not None:
        document["attendees"] = [_attendee(each, block) for each in attendees if each.belongs_to(block.id)]
    return document


def _attendee(attendee: Attendee, block: SessionSnapshot) -> dict[str, Any]:
    presence = attendee.presences.get(block.id)
    return {
        "registration_id": attendee.registration_id,
        "name": attendee.name,
        "email": attendee.email,
        "status": attendee.status,
        "is_present": presence is not None,
        "checked_in_at": presence.scanned_at if presence else None,
        "device": presence.device if presence else "",
        "scan_id": presence.scan_id if presence else None,
    }


class CorrectionForm(Wish):
    """Somebody came to a session, or did not."""

    session_id = Id(required=True)
    is_present = Boolean(required=True)

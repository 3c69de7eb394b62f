"""Who came."""

from typing import Any
from uuid import UUID

from services.registration.schemas.attendance import AttendanceSchema, session_document
from services.registration.schemas.door_actor import door_actor
from services.registration.storage import attendance, events
from services.registration.use_cases.access import ensure_may, scope_of
from shared.http.app import reading
from shared.http.openapi import Blueprint
from shared.policy import may

resource = Blueprint("attendance", __name__, url_prefix="/registration/api/v1", description="Who came")


@resource.get("/events/<uuid:event_id>/attendance")
@resource.response(200, AttendanceSchema)
def show_attendance(event_id: UUID) -> dict[str, Any]:
    """Who is expected and who came, by session. Helpers and paired phones get the counts alone."""
    actor = door_actor()
    with reading() as session:
        event = events.get(session, event_id)
        ensure_may(actor, "see_door", event)
        people = attendance.attendees(session, event) if may(actor, "see_registrations", scope_of(event)) else None
        told = events.snapshot(event)
        counts = {each.session_id: each for each in attendance.counts(session, told)}
        return {
            "event_id": event.id,
            "sessions": [session_document(each, counts[each.id], people) for each in told.sessions],
        }

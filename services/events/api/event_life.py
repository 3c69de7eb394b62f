"""What happens to an event: published, moved, called off."""

from typing import Any
from uuid import UUID

from flask import Response

from services.events.api.common import answer, own_event
from services.events.api.preconditions import ensure_version
from services.events.schemas.event_wishes import CancelSchema, RescheduleSchema, session_wishes
from services.events.schemas.events import EventSchema
from services.events.use_cases.cancel_event import cancel_event
from services.events.use_cases.publish_event import publish_event
from services.events.use_cases.reschedule_event import reschedule_event
from shared import clock
from shared.http.app import transaction
from shared.http.context import installed
from shared.http.openapi import Blueprint

resource = Blueprint("event-life", __name__, url_prefix="/events/api/v1", description="Published, moved, called off")


@resource.post("/events/<uuid:event_id>/publish")
@resource.response(200, EventSchema)
@resource.alt_response(401, description="No token")
@resource.alt_response(404, description="No such event, or not yours")
@resource.alt_response(409, description="Published already, cancelled, or facts are missing (named in `missing`)")
@resource.alt_response(412, description="It was changed since (If-Match)")
def publish(event_id: UUID) -> Response:
    """Put the event into the catalogue and open sign-up."""
    with transaction() as session:
        event, actor = own_event(session, event_id, "publish_event")
        ensure_version(event)
        publish_event(event, base_url=installed().common.public_base_url, session=session, now=clock.now(), by=actor)
        return answer(session, event)


@resource.post("/events/<uuid:event_id>/cancel")
@resource.arguments(CancelSchema)
@resource.response(200, EventSchema)
@resource.alt_response(401, description="No token")
@resource.alt_response(404, description="No such event, or not yours")
@resource.alt_response(409, description="Cancelled already")
@resource.alt_response(412, description="It was changed since (If-Match)")
def cancel(data: dict[str, Any], event_id: UUID) -> Response:
    """Call the event off for good and tell everybody who signed up."""
    with transaction() as session:
        event, actor = own_event(session, event_id, "cancel_event")
        ensure_version(event)
        cancel_event(
            event,
            reason=data["reason"],
            base_url=installed().common.public_base_url,
            session=session,
            now=clock.now(),
            by=actor,
        )
        return answer(session, event)


@resource.post("/events/<uuid:event_id>/reschedule")
@resource.arguments(RescheduleSchema)
@resource.response(200, EventSchema)
@resource.alt_response(401, description="No token")
@resource.alt_response(404, description="No such event, or not yours")
@resource.alt_response(409, description="Cancelled, or incomplete")
@resource.alt_response(412, description="It was changed since (If-Match)")
def reschedule(data: dict[str, Any], event_id: UUID) -> Response:
    """Move the event to other times or places; everybody's calendar entry moves along."""
    with transaction() as session:
        event, actor = own_event(session, event_id, "change_event")
        ensure_version(event)
        reschedule_event(
            event,
            session_wishes(data["sessions"], format_=event.format),
            reason=data["reason"],
            base_url=installed().common.public_base_url,
            session=session,
            now=clock.now(),
            by=actor,
        )
        return answer(session, event)

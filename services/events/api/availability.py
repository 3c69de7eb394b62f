"""How many places are free, for pages that stay open."""

from uuid import UUID

from flask import Response, json

from services.events.api.common import visible_event
from services.events.schemas.events import AvailabilitySchema, availability_document
from services.events.storage import availability
from shared.http.app import reading
from shared.http.openapi import Blueprint
from shared.http.paging import conditional, etag

resource = Blueprint("availability", __name__, url_prefix="/events/api/v1", description="Free places")


@resource.get("/events/<uuid:event_id>/availability")
@resource.response(200, AvailabilitySchema)
@resource.alt_response(404, description="No such event, or a draft of somebody else")
def show_availability(event_id: UUID) -> Response:
    """Free places and people waiting, together and by quota."""
    with reading() as session:
        event = visible_event(session, event_id)
        body = json.dumps(availability_document(event, availability.of_events(session, [event])))
    return conditional(Response(body, mimetype="application/json"), etag(body))

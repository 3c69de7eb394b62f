"""Choosing from those who applied, as JSON. For organisers."""

from typing import Any
from uuid import UUID

from flask import Response

from services.registration.api.first import own_event
from services.registration.schemas.applications import ApprovalJson, RefusalJson
from services.registration.schemas.house import terms
from services.registration.storage import events
from services.registration.use_cases.decide_application import approve, decline
from shared import clock
from shared.http.app import transaction
from shared.http.identity import current_actor
from shared.http.openapi import Blueprint

resource = Blueprint("applications", __name__, url_prefix="/registration/api/v1", description="Who is chosen")


@resource.post("/events/<uuid:event_id>/applications/approve")
@own_event
@resource.arguments(ApprovalJson)
@resource.response(204)
@resource.alt_response(404, description="No such event, or not yours")
@resource.alt_response(409, description="Nobody of these has an open application")
def say_yes(wish: dict[str, Any], event_id: UUID) -> Response:
    """They get the free places in this order, and whoever finds none waits in line. Again is harmless."""
    with transaction() as session:
        event = events.get(session, event_id)
        how: dict[str, Any] = {"actor": current_actor(), "session": session, "now": clock.now(), "links": terms().links}
        approve(wish["registration_ids"], event=event, **how)
    return Response(status=204)


@resource.post("/events/<uuid:event_id>/applications/decline")
@own_event
@resource.arguments(RefusalJson)
@resource.response(204)
@resource.alt_response(404, description="No such event, or not yours")
@resource.alt_response(409, description="Nobody of these has an open application")
def say_no(wish: dict[str, Any], event_id: UUID) -> Response:
    """They are told that there is no place for them this time."""
    with transaction() as session:
        event = events.get(session, event_id)
        how: dict[str, Any] = {"actor": current_actor(), "session": session, "now": clock.now(), "links": terms().links}
        decline(wish["registration_ids"], event=event, reason=wish["reason"], **how)
    return Response(status=204)

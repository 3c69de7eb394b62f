"""Free places, live."""

from typing import Any
from uuid import UUID

from services.registration.domain.registrations import ensure_open, is_combined
from services.registration.schemas.registrations import AvailabilitySchema
from services.registration.storage import events, quotas
from services.registration.storage.quotas import Counters
from shared import clock
from shared.contracts.events import EventSnapshot
from shared.errors import Rejection
from shared.http.app import reading
from shared.http.openapi import Blueprint

resource = Blueprint("availability", __name__, url_prefix="/registration/api/v1", description="Free places")


@resource.get("/events/<uuid:event_id>/availability")
@resource.response(200, AvailabilitySchema)
@resource.alt_response(404, description="No such event")
def show(event_id: UUID) -> dict[str, Any]:
    """How many places are free in each quota, and how many people wait. For everybody."""
    with reading() as session:
        told = events.snapshot(events.get(session, event_id))
        states = [_state(each, told) for each in quotas.of_event(session, event_id)]
        return {
            "event_id": event_id,
            "is_open": _is_open(told),
            "capacity": sum(each["capacity"] for each in states),
            "free": sum(each["free"] for each in states),
            "waiting": sum(each["waiting"] for each in states),
            "quotas": states,
        }


def _state(each: Counters, told: EventSnapshot) -> dict[str, Any]:
    free = each.free(is_combined=is_combined(told))
    return {"id": each.id, "capacity": each.capacity, "free": free, "waiting": each.waiting}


def _is_open(event: EventSnapshot) -> bool:
    try:
        ensure_open(event, clock.now())
    except Rejection:
        return False
    return True

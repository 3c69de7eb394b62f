"""Moving somebody in a waiting list as JSON. For organisers."""

from typing import Any
from uuid import UUID

from services.registration.api.first import own_registration
from services.registration.schemas.waiting_list import MoveSchema, MoveWish
from services.registration.use_cases.move_in_waiting_list import move_in_waiting_list
from shared import clock
from shared.http.app import transaction
from shared.http.identity import current_actor
from shared.http.openapi import Blueprint

resource = Blueprint("waiting-list", __name__, url_prefix="/registration/api/v1", description="Who gets the next place")


@resource.post("/registrations/<uuid:registration_id>/waiting-list-moves")
@own_registration
@resource.arguments(MoveWish)
@resource.response(200, MoveSchema)
@resource.alt_response(404, description="No such registration, or not yours")
@resource.alt_response(409, description="She is not on that waiting list")
def move(wish: dict[str, Any], registration_id: UUID) -> dict[str, Any]:
    """Give somebody another position, with a reason that is logged. It never gives a place."""
    with transaction() as session:
        position = move_in_waiting_list(
            registration_id, **wish, actor=current_actor(), session=session, now=clock.now()
        )
        return {"quota_id": wish["quota_id"], "position": position}

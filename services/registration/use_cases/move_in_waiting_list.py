"""An organiser moves somebody in a waiting list, and says why."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.registrations import PlaceState
from services.registration.domain.rejections import NotWaiting
from services.registration.storage import audit, quotas, registrations, waiting_numbers
from services.registration.use_cases.access import ensure_may
from shared.errors import N_, InvalidInput
from shared.policy import Actor


def move_in_waiting_list(
    registration_id: UUID,
    quota_id: UUID,
    *,
    position: int,
    reason: str,
    actor: Actor,
    session: Session,
    now: datetime,
) -> int:
    """Give somebody another position (1 is next) and return the one she has now.

    Nobody gets a place by this: places go to the first in line when they come free, never beyond the capacity.
    The reason is logged. Raises NotFound, InvalidInput without a reason, NotWaiting.
    """
    registration = registrations.get(session, registration_id)
    ensure_may(actor, "change_registration", registration.event)
    if not reason.strip():
        raise InvalidInput({"reason": [N_("Please fill this in.")]})
    quotas.lock(session, [quota_id])
    (locked,) = registrations.lock(session, [registration_id])
    if not any(each.quota_id == quota_id and each.state == PlaceState.WAITING for each in locked.places):
        raise NotWaiting
    was, now_at = waiting_numbers.move(session, quota_id, registration_id, position=position)
    audit.record(
        session,
        actor,
        "move_in_waiting_list",
        object_id=registration_id,
        organisation_id=locked.event.organisation_id,
        event_id=locked.event_id,
        now=now,
        quota_id=str(quota_id),
        reason=reason,
        was=was,
        position=now_at,
    )
    return now_at

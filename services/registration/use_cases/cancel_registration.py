"""Somebody does not come: the place goes to the first who waits."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.links import Links
from services.registration.domain.registrations import Status, is_over
from services.registration.domain.rejections import EventIsOver
from services.registration.storage import events
from services.registration.use_cases.end_registration import end, hold


def cancel_registration(
    registration_id: UUID, *, by: str, reason: str = "", session: Session, now: datetime, links: Links
) -> bool:
    """Cancel, and give every place to the first in line in the same transaction.

    `by` is attendee or organiser. Cancelling again changes nothing and returns False. Raises EventIsOver.
    """
    held = hold(session, [registration_id])
    if not held:
        return False
    if is_over(events.snapshot(held[0].event), now):
        raise EventIsOver
    end(session, held, Status.CANCELLED, by=by, reason=reason, links=links, now=now)
    return True

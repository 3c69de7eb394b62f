"""Her other bookings at the same time: only ever shown on pages that her own link opens."""

from typing import Any

from sqlalchemy.orm import Session

from services.registration.domain.her_sessions import her_sessions, overlap
from services.registration.domain.registrations import LIVING, PlaceState, is_over
from services.registration.storage import events, registrations
from services.registration.storage.tables import Registration
from services.registration.web.standing import standing
from shared import clock
from shared.contracts.events import SessionSnapshot
from shared.http.locale import in_language, when


def overlaps(session: Session, registration: Registration) -> list[dict[str, Any]]:
    """Title and time of what she is also registered for, under this address, while this takes place."""
    told = events.snapshot(registration.event)
    if registration.status not in LIVING or not registration.email_key or is_over(told, clock.now()):
        return []
    mine = _sessions(registration)
    return [
        {
            "title": in_language(events.snapshot(other.event).title),
            "times": [when(each.starts_at, each.ends_at, each.zone) for each in both],
            "standing": standing(other),
        }
        for other in registrations.at_the_same_time(session, registration)
        if (both := overlap(mine, _sessions(other)))
    ]


def _sessions(registration: Registration) -> list[SessionSnapshot]:
    hers = [each.quota_id for each in registration.places if each.state != PlaceState.RELEASED]
    return her_sessions(events.snapshot(registration.event), hers)

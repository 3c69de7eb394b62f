"""An organiser cancels somebody's registration and says why."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.links import Links
from services.registration.storage import audit, registrations
from services.registration.use_cases.access import ensure_may
from services.registration.use_cases.cancel_registration import cancel_registration
from shared.policy import Actor


def cancel_for_attendee(
    registration_id: UUID, *, reason: str, actor: Actor, session: Session, now: datetime, links: Links
) -> bool:
    """As cancel_registration, for those who may; a foreign registration does not exist."""
    event = registrations.get(session, registration_id).event
    ensure_may(actor, "change_registration", event)
    done = cancel_registration(registration_id, by="organiser", reason=reason, session=session, now=now, links=links)
    if done:
        audit.record(
            session,
            actor,
            "cancel_registration",
            object_id=registration_id,
            organisation_id=event.organisation_id,
            now=now,
        )
    return done

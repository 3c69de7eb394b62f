"""Hand the attendance list out, and write down that it was."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.registration.domain.attendance import Attendee
from services.registration.storage import attendance, audit
from services.registration.storage.tables import Event
from services.registration.use_cases.access import ensure_may
from shared.policy import Actor


def export_attendance(event: Event, *, form: str, actor: Actor, session: Session, now: datetime) -> list[Attendee]:
    """Everybody who counts or came, with addresses; form is csv or xlsx. Organisers only."""
    ensure_may(actor, "export", event)
    audit.record(
        session,
        actor,
        "export_attendance",
        object_id=event.id,
        organisation_id=event.organisation_id,
        now=now,
        form=form,
    )
    return attendance.attendees(session, event)

"""Who came to an event is forgotten here as in the registration service; the event itself a while later."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from services.notifications.storage import copies

AFTER_THE_EVENT = timedelta(days=90)  # as the privacy note says
EVENTS_KEPT = timedelta(days=365)


def forget_people(*, session: Session, now: datetime) -> bool:
    """A batch of attendees and of events; whether there may be more."""
    unsaid = copies.note_ends(session)
    attendees = copies.forget_attendees(session, over_before=now - AFTER_THE_EVENT)
    events = copies.forget_events(session, over_before=now - EVENTS_KEPT)
    return unsaid or attendees or events

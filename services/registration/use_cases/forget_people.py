"""What the privacy note promises: people are forgotten by themselves."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from services.registration.storage import audit, companies, invitations, notes, notices, registrations

UNCONFIRMED = timedelta(hours=23)  # the note says: within a day; the job comes round every hour
AFTER_THE_EVENT = timedelta(days=90)
MOST_AT_ONCE = 200


def forget_people(*, session: Session, now: datetime) -> int:
    """Forget who never confirmed an address, and everybody long after the event; how many it were."""
    found = registrations.forgettable(
        session, lapsed_before=now - UNCONFIRMED, over_before=now - AFTER_THE_EVENT, limit=MOST_AT_ONCE
    )
    registrations.forget(session, found, now=now)
    notes.forget(session, found)
    notices.forget(session, found)
    companies.forget_contacts(session, over_before=now - AFTER_THE_EVENT)
    invitations.forget(session, over_before=now - AFTER_THE_EVENT)
    audit.forget_colleagues(session, now)
    return len(found)

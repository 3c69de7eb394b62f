"""Three days before, the host company hears who comes."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.registration.domain.company import TOLD_BEFORE
from services.registration.domain.links import Links
from services.registration.storage import companies, events
from shared.contracts.registration import GuestListReady
from shared.messaging import outbox

BATCH = 20


def tell_companies(*, session: Session, now: datetime, links: Links) -> int:
    """Tell the hosts of events that begin soon, each once; how many events were looked at."""
    due = companies.untold(session, now=now, until=now + TOLD_BEFORE, limit=BATCH)
    for event_id in due:
        if companies.mark_told(session, event_id, now):
            event = events.snapshot(events.get(session, event_id))
            if event.host is not None:
                message = GuestListReady(
                    event=event,
                    number=companies.number_coming(session, event_id),
                    names=tuple(each.name for each in companies.named(session, event_id)),
                    page_url=links.guests(event.slug),
                )
                outbox.add(session, message, aggregate=f"guest_list:{event_id}", version=1)
    return len(due)

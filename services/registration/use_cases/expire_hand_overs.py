"""A friend did not answer in time: the place stays where it is, and its owner is told."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.registration.domain.hand_overs import HandOverState
from services.registration.domain.links import Links
from services.registration.domain.registrations import Status, gives_places
from services.registration.storage import events, hand_overs, quotas, registrations
from services.registration.storage.tables import Registration
from services.registration.use_cases.news import news_of, tell
from shared.contracts.registration import HandOverLapsed

BATCH = 50


def expire_hand_overs(*, session: Session, now: datetime, links: Links) -> bool:
    """Close what was not answered in time and tell its owner, exactly once; whether there may be more.

    Yes, taking back and lapsing all happen under the registration's lock, so one of them wins. Whose registration
    ended meanwhile, or whose event is called off or over, is told nothing.
    """
    late = hand_overs.late(session, now, BATCH)
    quotas.lock(session, registrations.concerned_quotas(session, late))
    for each in registrations.lock(session, late):
        found = hand_overs.find_open(session, each.id)
        if found is None or found.deadline > now:
            continue
        hand_overs.close(found, HandOverState.EXPIRED, now=now)
        if each.status == Status.CONFIRMED and gives_places(events.snapshot(each.event), now):
            _tell(session, each, now=now, links=links)
    return len(late) == BATCH


def _tell(session: Session, registration: Registration, *, now: datetime, links: Links) -> None:
    registration.version += 1
    registration.changed_at = now
    session.flush()
    news = news_of(session, registration, links)
    tell(session, registration, HandOverLapsed(registration=news, event=events.snapshot(registration.event)))

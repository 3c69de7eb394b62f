"""The catalogue's copy of free places."""

from uuid import uuid4

from sqlalchemy.orm import Session

from services.events.inbox import HANDLERS
from services.events.storage.tables import Availability
from shared.contracts.registration import AvailabilityChanged
from tests.events.builders import NOW

EVENT, QUOTA = uuid4(), uuid4()


def hear(session: Session, *, version: int, free: int) -> None:
    news = AvailabilityChanged(event_id=EVENT, quota_id=QUOTA, version=version, capacity=10, free=free, waiting=0)
    HANDLERS[AvailabilityChanged](news, session=session, now=NOW)


def test_late_old_news_is_ignored(session: Session) -> None:
    for version, free in ((1, 9), (3, 7), (2, 8), (3, 7)):
        hear(session, version=version, free=free)

    session.expire_all()
    known = session.get_one(Availability, QUOTA)
    assert (known.version, known.free) == (3, 7)

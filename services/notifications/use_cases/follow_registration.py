"""Take over what is new about a registration; what it is about decides what else she is told."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.notifications.storage import copies
from services.notifications.use_cases.call_off import call_off
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.keep_calendar import keep_calendar
from services.notifications.use_cases.tell_of_change import tell_of_change
from shared.contracts.events import EventSnapshot
from shared.contracts.registration import RegistrationNews


def take_over(news: RegistrationNews, event: EventSnapshot, *, session: Session) -> EventSnapshot | None:
    """The event as it is known now; None if the news is older than what we know and must change nothing.

    An event copy with a higher version wins over the one that came inside the message.
    """
    _, current = copies.lock_event(session, event)
    return current if copies.take_over_attendee(session, news, event) else None


def catch_up(news: RegistrationNews, event: EventSnapshot, *, desk: Desk, session: Session, now: datetime) -> None:
    """What the event went through since she was told last, and her calendar."""
    if event.status == "cancelled":
        call_off(news, event, has_place=news.status == "confirmed", desk=desk, session=session, now=now)
    else:
        tell_of_change(news, event, desk=desk, session=session, now=now)
    keep_calendar(news, event, desk=desk, session=session, now=now)
    copies.keep_up_to_date(session, news.id, event)

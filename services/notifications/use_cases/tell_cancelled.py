"""Tell an attendee that her registration no longer counts, and take the event out of her calendar."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.notifications.use_cases.call_off import call_off
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.follow_registration import take_over
from services.notifications.use_cases.keep_calendar import keep_calendar
from services.notifications.use_cases.tell_attendee import tell_attendee
from shared.contracts.registration import RegistrationCancelled

_LETTERS = {
    "attendee": "cancelled",
    "organiser": "cancelled_by_organiser",
    "expiry": "expired",
    "selection": "not_chosen",
    "offer": "offer_lapsed",
    "no_answer": "no_answer",
    "hand_over": "handed_over",
    "quota": "part_ended",
}


def tell_cancelled(message: RegistrationCancelled, *, desk: Desk, session: Session, now: datetime) -> None:
    """By whom it was cancelled decides the letter; an event that is called off has one of its own."""
    news = message.registration
    event = take_over(news, message.event, session=session)
    if event is None:
        return
    if message.by == "event" or event.status == "cancelled":
        call_off(news, event, has_place=message.had_place, desk=desk, session=session, now=now)
    elif not message.silent:
        tell_attendee(
            _LETTERS.get(message.by, "cancelled_by_organiser"),
            news,
            event,
            cause=f"cancelled:{news.id}:{news.version}",
            desk=desk,
            session=session,
            now=now,
            had_place=message.had_place,
            reason=message.reason,
        )
    keep_calendar(news, event, desk=desk, session=session, now=now)

"""Tell somebody that she is on the waiting list, and where."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.notifications.use_cases.ask_to_confirm import position_of
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.follow_registration import catch_up, take_over
from services.notifications.use_cases.tell_attendee import tell_attendee
from shared.contracts.registration import RegistrationWaitlisted


def tell_waiting_position(message: RegistrationWaitlisted, *, desk: Desk, session: Session, now: datetime) -> None:
    """By mail only: nothing belongs in her calendar yet."""
    news = message.registration
    event = take_over(news, message.event, session=session)
    if event is None:
        return
    if event.status != "cancelled":
        tell_attendee(
            "waiting",
            news,
            event,
            cause=f"waiting:{news.id}:{news.version}",
            desk=desk,
            session=session,
            now=now,
            position=position_of(news) or 1,
            open_questions=news.open_questions,
        )
    catch_up(news, event, desk=desk, session=session, now=now)

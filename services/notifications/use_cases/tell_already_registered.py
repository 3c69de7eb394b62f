"""Tell the owner of an address that it was used to sign up once more."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.follow_registration import catch_up, take_over
from services.notifications.use_cases.tell_attendee import tell_attendee
from shared.contracts.registration import SignUpRepeated


def tell_already_registered(message: SignUpRepeated, *, desk: Desk, session: Session, now: datetime) -> None:
    """Only she learns of it; the page answered as if the address were new."""
    news = message.registration
    event = take_over(news, message.event, session=session)
    if event is None:
        return
    if event.status != "cancelled":
        tell_attendee(
            "already_registered",
            news,
            event,
            cause=f"already_registered:{news.id}:{news.version}",
            desk=desk,
            session=session,
            now=now,
        )
    catch_up(news, event, desk=desk, session=session, now=now)

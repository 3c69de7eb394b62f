"""The friend did not take her place in time."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.follow_registration import catch_up, take_over
from services.notifications.use_cases.tell_attendee import tell_attendee
from shared.contracts.registration import HandOverLapsed


def tell_of_lapsed_hand_over(message: HandOverLapsed, *, desk: Desk, session: Session, now: datetime) -> None:
    """It is still hers: she comes, asks somebody else, or cancels."""
    news = message.registration
    event = take_over(news, message.event, session=session)
    if event is None:
        return
    if event.status != "cancelled":
        cause = f"hand_over_lapsed:{news.id}:{news.version}"
        tell_attendee("hand_over_lapsed", news, event, cause=cause, desk=desk, session=session, now=now)
    catch_up(news, event, desk=desk, session=session, now=now)

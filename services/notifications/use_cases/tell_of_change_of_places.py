"""She keeps what she has and waits for another place, or no longer does."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.notifications.rendering.views import quota_name
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.follow_registration import catch_up, take_over
from services.notifications.use_cases.tell_attendee import tell_attendee
from shared.contracts.registration import PlaceChangeNoted


def tell_of_change_of_places(message: PlaceChangeNoted, *, desk: Desk, session: Session, now: datetime) -> None:
    """What is hers, and which number she has where she waits."""
    news = message.registration
    event = take_over(news, message.event, session=session)
    if event is None:
        return
    if event.status != "cancelled":
        speaker = desk.stationery.speaker(news.locale)
        tell_attendee(
            "change_noted",
            news,
            event,
            cause=f"change_noted:{news.id}:{news.version}",
            desk=desk,
            session=session,
            now=now,
            ended=message.ended,
            kept=[quota_name(event, each.quota_id, speaker) for each in news.places if each.position is None],
            stays=[quota_name(event, each.quota_id, speaker) for each in news.places if each.position == 0],
            lines=[(quota_name(event, each.quota_id, speaker), each.position) for each in news.places if each.position],
        )
    catch_up(news, event, desk=desk, session=session, now=now)

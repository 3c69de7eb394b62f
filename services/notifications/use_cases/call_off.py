"""Tell an attendee once that the whole event does not take place."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.notifications.rendering.views import text_in
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.tell_attendee import tell_attendee
from shared.contracts.events import EventSnapshot
from shared.contracts.registration import RegistrationNews


def call_off(
    news: RegistrationNews,
    event: EventSnapshot,
    *,
    has_place: bool,
    desk: Desk,
    session: Session,
    now: datetime,
) -> None:
    """Whoever tells of it first, the event or the registration, she hears it once."""
    tell_attendee(
        "event_cancelled",
        news,
        event,
        cause=f"event_cancelled:{event.id}:{news.id}",
        desk=desk,
        session=session,
        now=now,
        has_place=has_place,
        reason=text_in(event.cancelled_reason, desk.stationery.speaker(news.locale)),
    )

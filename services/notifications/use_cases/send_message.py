"""Send an attendee what an organiser wrote to her."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.notifications.rendering.views import line_in, text_in
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.follow_registration import take_over
from services.notifications.use_cases.tell_attendee import tell_attendee
from shared.contracts.registration import OrganiserMessageWritten


def send_message(message: OrganiserMessageWritten, *, desk: Desk, session: Session, now: datetime) -> None:
    """One mail in her language's frame, also when the event is over or she has cancelled: the organiser chose her."""
    news = message.registration
    event = take_over(news, message.event, session=session) or message.event
    speaker = desk.stationery.speaker(news.locale)
    tell_attendee(
        "organiser_message",
        news,
        event,
        cause=f"organiser_message:{message.message_id}:{news.id}",
        desk=desk,
        session=session,
        now=now,
        even_if_over=True,
        topic=line_in(message.subject, speaker),
        words=text_in(message.text, speaker),
    )

"""Before the event: ask whether she comes, or remind her."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.follow_registration import catch_up, take_over
from services.notifications.use_cases.tell_attendee import tell_attendee
from shared.contracts.registration import AttendanceAsked, AttendeeReminded
from shared.languages import format_datetime


def ask_whether_she_comes(message: AttendanceAsked, *, desk: Desk, session: Session, now: datetime) -> None:
    """Two links, and until when the place is kept without an answer."""
    news = message.registration
    event = take_over(news, message.event, session=session)
    if event is None:
        return
    if event.status != "cancelled":
        zone = event.sessions[0].zone if event.sessions else "UTC"
        speaker = desk.stationery.speaker(news.locale)
        tell_attendee(
            "attendance_warning" if message.is_warning else "attendance_asked",
            news,
            event,
            cause=f"attendance_asked:{news.id}:{news.version}",
            desk=desk,
            session=session,
            now=now,
            coming_url=message.coming_url,
            cancel_url=message.cancel_url,
            deadline=format_datetime(message.until, zone, speaker.locale) if message.until else "",
        )
    catch_up(news, event, desk=desk, session=session, now=now)


def remind(message: AttendeeReminded, *, desk: Desk, session: Session, now: datetime) -> None:
    """Where it is, how to get there, what to mind, the ticket, and the way to cancel. Nothing once it has begun."""
    news = message.registration
    event = take_over(news, message.event, session=session)
    if event is None:
        return
    if event.status != "cancelled" and now < message.starts_at:
        tell_attendee(
            "reminder",
            news,
            event,
            cause=f"reminder:{news.id}:{message.starts_at:%Y%m%dT%H%M%SZ}",
            desk=desk,
            session=session,
            now=now,
            cancel_url=message.cancel_url,
        )
    catch_up(news, event, desk=desk, session=session, now=now)

"""She applied and somebody decides later; or a place is kept for her and she has to say yes."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.follow_registration import catch_up, take_over
from services.notifications.use_cases.tell_attendee import tell_attendee
from shared.contracts.events import EventSnapshot
from shared.contracts.registration import ApplicationReceived, PlaceOffered
from shared.languages import format_datetime


def tell_of_application(message: ApplicationReceived, *, desk: Desk, session: Session, now: datetime) -> None:
    """By mail only: nothing belongs in her calendar yet."""
    news = message.registration
    event = take_over(news, message.event, session=session)
    if event is None:
        return
    if event.status != "cancelled":
        tell_attendee(
            "application_received",
            news,
            event,
            cause=f"application_received:{news.id}:{news.version}",
            desk=desk,
            session=session,
            now=now,
            decides_at=_shown(message.decides_at, event, news.locale, desk),
            lot=message.lot,
        )
    catch_up(news, event, desk=desk, session=session, now=now)


def tell_of_offered_place(message: PlaceOffered, *, desk: Desk, session: Session, now: datetime) -> None:
    """The button and until when it works."""
    news = message.registration
    event = take_over(news, message.event, session=session)
    if event is None:
        return
    if event.status != "cancelled" and now < message.until:
        tell_attendee(
            "place_offered",
            news,
            event,
            cause=f"place_offered:{news.id}:{news.version}",
            desk=desk,
            session=session,
            now=now,
            offer_url=message.offer_url,
            deadline=_shown(message.until, event, news.locale, desk),
        )
    catch_up(news, event, desk=desk, session=session, now=now)


def _shown(moment: datetime | None, event: EventSnapshot, locale: str, desk: Desk) -> str:
    zone = event.sessions[0].zone if event.sessions else "UTC"
    return format_datetime(moment, zone, desk.stationery.speaker(locale).locale) if moment else ""

"""Ask somebody to confirm that the address is hers."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.notifications.domain.text import clean_line
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.follow_registration import catch_up, take_over
from services.notifications.use_cases.tell_attendee import tell_attendee
from shared.contracts.registration import AddressConfirmationRequested, RegistrationNews
from shared.languages import format_datetime


def ask_to_confirm(message: AddressConfirmationRequested, *, desk: Desk, session: Session, now: datetime) -> None:
    """The link and until when it works, in her language and the event's zone."""
    news = message.registration
    event = take_over(news, message.event, session=session)
    if event is None:
        return
    if event.status != "cancelled":
        zone = event.sessions[0].zone if event.sessions else "UTC"
        tell_attendee(
            "confirm_address",
            news,
            event,
            cause=f"confirm_address:{news.id}:{news.version}",
            desk=desk,
            session=session,
            now=now,
            confirm_url=message.confirm_url,
            deadline=format_datetime(message.confirm_by, zone, desk.stationery.speaker(news.locale).locale),
            position=position_of(news),
            invited_by=clean_line(message.invited_by),
        )
    catch_up(news, event, desk=desk, session=session, now=now)


def position_of(news: RegistrationNews) -> int | None:
    """Her best position on a waiting list; None if she holds a place."""
    positions = [place.position for place in news.places]
    if not positions or None in positions:
        return None
    return min(position for position in positions if position is not None)

"""Somebody wants to hand her place to a friend: ask the friend."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.notifications.domain.text import clean_line
from services.notifications.rendering.calendar import Mailbox
from services.notifications.rendering.views import view_of
from services.notifications.storage import copies
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.write_mail import MailOrder, write_mail
from shared.contracts.registration import HandOverProposed
from shared.languages import format_datetime


def propose_hand_over(message: HandOverProposed, *, desk: Desk, session: Session, now: datetime) -> None:
    """The link that is the friend's alone. Nothing if the event is called off, or the time to answer is over."""
    _, event = copies.lock_event(session, message.event)
    if event.status == "cancelled" or now >= message.deadline:
        return
    speaker = desk.stationery.speaker(message.locale)
    zone = event.sessions[0].zone if event.sessions else "UTC"
    order = MailOrder(
        kind="hand_over_proposed",
        cause=f"hand_over_proposed:{message.hand_over_id}",
        to=Mailbox(name=message.name, email=message.ascii_email or message.email),
        locale=message.locale,
        from_name=event.organiser.name,
        facts={
            "event": view_of(event, speaker, sessions=[each.id for each in event.sessions]),
            "name": message.name,
            "giver": clean_line(message.giver),
            "take_over_url": message.url,
            "deadline": format_datetime(message.deadline, zone, speaker.locale),
        },
        reply_to=event.organiser.email,
        organisation_id=event.organiser.id,
        event_id=event.id,
    )
    write_mail(order, desk=desk, session=session, now=now)

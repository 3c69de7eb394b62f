"""Send a personal invitation."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.notifications.rendering.calendar import Mailbox
from services.notifications.rendering.views import view_of
from services.notifications.storage import copies
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.tell_attendee import is_over
from services.notifications.use_cases.write_mail import MailOrder, write_mail
from shared.contracts.registration import AttendeeInvited
from shared.languages import format_datetime


def invite_attendee(message: AttendeeInvited, *, desk: Desk, session: Session, now: datetime) -> None:
    """The link that is hers alone, and until when it works. Nothing if the event is called off or over by now."""
    _, event = copies.lock_event(session, message.event)
    if event.status == "cancelled" or is_over(event.sessions, now):
        return
    speaker = desk.stationery.speaker(message.locale)
    zone = event.sessions[0].zone if event.sessions else "UTC"
    order = MailOrder(
        kind="attendee_invited",
        cause=f"attendee_invited:{message.invitation_id}",
        to=Mailbox(name=message.name, email=message.ascii_email or message.email),
        locale=message.locale,
        from_name=event.organiser.name,
        facts={
            "event": view_of(event, speaker, sessions=[each.id for each in event.sessions]),
            "name": message.name,
            "sign_up_url": message.url,
            "holds_place": message.holds_place,
            "deadline": format_datetime(message.deadline, zone, speaker.locale) if message.deadline else "",
        },
        reply_to=event.organiser.email,
        organisation_id=event.organiser.id,
        event_id=event.id,
    )
    write_mail(order, desk=desk, session=session, now=now)

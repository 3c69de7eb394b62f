"""Tell the host company who comes."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.notifications.rendering.calendar import Mailbox
from services.notifications.rendering.views import view_of
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.tell_attendee import is_over
from services.notifications.use_cases.write_mail import MailOrder, write_mail
from shared.contracts.registration import GuestListReady


def tell_company_of_guests(message: GuestListReady, *, desk: Desk, session: Session, now: datetime) -> None:
    """One letter to each contact, with the number and the names of those who agreed; addresses are on the page."""
    event = message.event
    if event.host is None or event.status == "cancelled" or is_over(event.sessions, now):
        return
    for contact in event.host.contacts:
        speaker = desk.stationery.speaker(contact.locale)
        shown = view_of(event, speaker, sessions=[each.id for each in event.sessions])
        facts = {"event": shown, "name": contact.name, "number": message.number, "names": message.names}
        order = MailOrder(
            kind="guest_list",
            cause=f"guest_list:{event.id}:{contact.email.lower()}",
            to=Mailbox(name=contact.name, email=contact.email),
            locale=contact.locale,
            from_name=event.organiser.name,
            facts={**facts, "page_url": message.page_url, "others": message.number - len(message.names)},
            reply_to=event.organiser.email,
            organisation_id=event.organiser.id,
            event_id=event.id,
        )
        write_mail(order, desk=desk, session=session, now=now)

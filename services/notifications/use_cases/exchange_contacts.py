"""Both want to stay in touch: each gets the other's contact."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.notifications.rendering.calendar import Mailbox
from services.notifications.rendering.views import view_of
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.tell_attendee import tell_attendee
from services.notifications.use_cases.write_mail import MailOrder, write_mail
from shared.contracts.registration import ContactsExchanged


def exchange_contacts(message: ContactsExchanged, *, desk: Desk, session: Session, now: datetime) -> None:
    """A letter to her, and one to the company; answering it reaches the other side."""
    news, event, contact = message.registration, message.event, message.contact
    company = event.host.name if event.host else contact.name
    tell_attendee(
        "contact_for_attendee",
        news,
        event,
        cause=f"contact_for_attendee:{news.id}",
        desk=desk,
        session=session,
        now=now,
        even_if_over=True,
        company=company,
        contact_name=contact.name,
        contact_email=contact.email,
        phone=message.phone,
        words=message.words,
    )
    speaker = desk.stationery.speaker(contact.locale)
    shown = view_of(event, speaker, sessions=[each.id for each in event.sessions])
    facts = {"event": shown, "name": contact.name, "attendee": news.name, "email": news.email}
    order = MailOrder(
        kind="contact_for_company",
        cause=f"contact_for_company:{news.id}",
        to=Mailbox(name=contact.name, email=contact.email),
        locale=contact.locale,
        from_name=event.organiser.name,
        facts=facts,
        reply_to=news.ascii_email or news.email,
        organisation_id=event.organiser.id,
        event_id=event.id,
        registration_id=news.id,
    )
    write_mail(order, desk=desk, session=session, now=now)

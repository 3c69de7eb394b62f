"""Send the ticket, then the calendar invitation: two mails, because answering an invitation deletes it in Outlook."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.notifications.domain.senders import content_id
from services.notifications.rendering.messages import Picture
from services.notifications.rendering.qr import qr_png, shown_size
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.follow_registration import catch_up, take_over
from services.notifications.use_cases.tell_attendee import tell_attendee
from shared.contracts.registration import RegistrationConfirmed, TicketRequested


def send_ticket(
    message: RegistrationConfirmed | TicketRequested, *, desk: Desk, session: Session, now: datetime
) -> None:
    """The place is hers, or the ticket is wanted again. If the event was called off meanwhile, she hears that."""
    news = message.registration
    event = take_over(news, message.event, session=session)
    if event is None:
        return
    if event.status != "cancelled":
        png = qr_png(news.ticket_url or news.ticket_code)
        picture = Picture(content_id=content_id(f"{news.id}:{news.version}", desk.sender.domain), png=png)
        tell_attendee(
            "ticket",
            news,
            event,
            cause=f"ticket:{news.id}:{news.version}",
            desk=desk,
            session=session,
            now=now,
            picture=picture,
            promoted=isinstance(message, RegistrationConfirmed) and message.from_waiting_list,
            changed=isinstance(message, RegistrationConfirmed) and message.changed,
            ticket_code=news.ticket_code,
            open_questions=news.open_questions,
            image_cid=picture.content_id,
            image_size=shown_size(png),
        )
    catch_up(news, event, desk=desk, session=session, now=now)

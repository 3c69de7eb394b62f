"""Tell the host company's contacts that their event moves or is called off."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from services.notifications.rendering.calendar import Mailbox
from services.notifications.rendering.views import text_in, view_of
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.tell_attendee import is_over
from services.notifications.use_cases.tell_of_change import changes
from services.notifications.use_cases.write_mail import MailOrder, write_mail
from shared.contracts.events import EventSnapshot, Person, SessionSnapshot, Texts


def tell_host(
    event: EventSnapshot,
    *,
    previous: tuple[SessionSnapshot, ...],
    reason: Texts,
    desk: Desk,
    session: Session,
    now: datetime,
) -> None:
    """One letter to each contact, in his or her language; nothing for other changes."""
    if event.host is None or is_over(event.sessions, now):
        return
    for contact in event.host.contacts:
        speaker = desk.stationery.speaker(contact.locale)
        facts: dict[str, Any]
        if event.status == "cancelled":
            kind, facts = "host_cancelled", {"reason": text_in(event.cancelled_reason, speaker)}
        else:
            moved = tuple(changes(previous, event.sessions, speaker)) if previous else ()
            kind, facts = "host_rescheduled", {"reason": text_in(reason, speaker), "changes": moved}
            if not moved:
                continue
        write_mail(_order(kind, event, contact, facts, desk), desk=desk, session=session, now=now)


def _order(kind: str, event: EventSnapshot, contact: Person, facts: dict[str, Any], desk: Desk) -> MailOrder:
    speaker = desk.stationery.speaker(contact.locale)
    shown = view_of(event, speaker, sessions=[each.id for each in event.sessions])
    return MailOrder(
        kind=kind,
        cause=f"{kind}:{event.id}:{event.version}:{contact.email.lower()}",
        to=Mailbox(name=contact.name, email=contact.email),
        locale=contact.locale,
        from_name=event.organiser.name,
        facts={"event": shown, "name": contact.name, "page_url": "", "has_place": True, **facts},
        reply_to=event.organiser.email,
        organisation_id=event.organiser.id,
        event_id=event.id,
    )

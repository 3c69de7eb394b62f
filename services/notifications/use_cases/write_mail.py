"""Write one mail and put it into the queue."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.notifications.domain.delivery import MailState
from services.notifications.domain.text import clean_line
from services.notifications.rendering.addresses import ascii_address
from services.notifications.rendering.calendar import Mailbox
from services.notifications.rendering.letters import Letter
from services.notifications.rendering.messages import Draft, Picture, serialise
from services.notifications.storage import mails
from services.notifications.storage.tables import MailRow
from services.notifications.use_cases.desk import Desk


@dataclass(frozen=True, kw_only=True)
class MailOrder:
    """What is to be written, to whom, and why. `cause` is unique: ordered twice, written once."""

    kind: str
    cause: str
    to: Mailbox
    locale: str
    from_name: str
    facts: dict[str, Any] = field(default_factory=dict)
    reply_to: str = ""
    organisation_id: UUID | None = None
    event_id: UUID | None = None
    registration_id: UUID | None = None
    picture: Picture | None = None
    uid: str | None = None
    calendar: bytes = b""
    method: str = ""
    thread: str = ""


def write_mail(order: MailOrder, *, desk: Desk, session: Session, now: datetime) -> str:
    """Write the mail in the reader's language, serialise it once, queue it; its Message-ID, "" if written before."""
    if not order.to.email or mails.is_written(session, order.cause):
        return ""  # somebody at the door may have given no address
    letter = desk.stationery.letter(order.kind, order.locale, **order.facts)
    mail_id = desk.new_id()
    message_id = desk.sender.message_id(str(mail_id))
    address = ascii_address(order.to.email)
    raw = _raw(order, letter, address, message_id, desk, now) if address else b""
    row = MailRow(
        id=mail_id,
        cause=order.cause,
        organisation_id=order.organisation_id,
        event_id=order.event_id,
        registration_id=order.registration_id,
        uid=order.uid,
        kind=order.kind,
        locale=letter.locale,
        recipient_name=clean_line(order.to.name, 255),
        recipient=address or clean_line(order.to.email, 320),
        envelope_from=desk.sender.envelope_from(desk.new_token()),
        subject=letter.subject,
        message_id=message_id,
        raw=raw,
        state=MailState.QUEUED if address else MailState.FAILED,
        attempts=0,
        next_at=now if address else None,
        last_error="" if address else "no mail server takes this address",
        created_at=now,
    )
    mails.add(session, row)
    return message_id


def _raw(order: MailOrder, letter: Letter, address: str, message_id: str, desk: Desk, now: datetime) -> bytes:
    draft = Draft(
        letter=letter,
        sender=Mailbox(name=order.from_name, email=desk.sender.address),
        recipient=Mailbox(name=order.to.name, email=address),
        message_id=message_id,
        date=now.replace(microsecond=0),
        reply_to=ascii_address(order.reply_to),
        thread=order.thread,
        picture=order.picture,
        calendar=order.calendar,
        method=order.method,
    )
    return serialise(draft)

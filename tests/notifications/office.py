"""The notifications service without its doors: hand it messages, look at what it wrote."""

import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from uuid import uuid4

from sqlalchemy import Engine, select

from services.notifications.inbox import handlers
from services.notifications.storage.tables import InvitationRow, MailRow, Row
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.follow_event import follow_up
from shared.contracts.message import Message
from shared.database import connect, sessions_for
from tests.notifications.builders import NOW


@dataclass
class Office:
    """One service with its database."""

    engine: Engine
    desk: Desk
    now: datetime = field(default=NOW)

    @classmethod
    @contextmanager
    def opened(cls, url: str, desk: Desk) -> Iterator["Office"]:
        """With all tables, closed at the end."""
        engine = connect(url)
        Row.metadata.create_all(engine)
        try:
            yield cls(engine, desk)
        finally:
            engine.dispose()

    def hear(self, *messages: Message, now: datetime | None = None) -> None:
        """Handle messages, each in a transaction of its own."""
        for message in messages:
            with sessions_for(self.engine).begin() as session:
                session.info["message_id"] = uuid4()
                handlers(self.desk, zone="Europe/Berlin")[type(message)](message, session=session, now=now or self.now)

    def follow_up(self) -> bool:
        """The job that tells those who are left."""
        with sessions_for(self.engine).begin() as session:
            return follow_up(desk=self.desk, session=session, now=self.now)

    def rows(self, *kinds: str) -> list[MailRow]:
        """The mails in the order they were written."""
        with sessions_for(self.engine)() as session:
            found = session.scalars(select(MailRow).order_by(MailRow.number)).all()
            return [row for row in found if not kinds or row.kind in kinds]

    def kinds(self) -> list[str]:
        """What was written, in order."""
        return [row.kind for row in self.rows()]

    def invitations(self) -> list[InvitationRow]:
        """What calendars know."""
        with sessions_for(self.engine)() as session:
            return list(session.scalars(select(InvitationRow).order_by(InvitationRow.uid)).all())

    def mail(self, kind: str, number: int = 0) -> EmailMessage:
        """One mail, read back from its bytes."""
        return parsed(self.rows(kind)[number].raw)


def parsed(raw: bytes) -> EmailMessage:
    """A mail as a modern reader sees it."""
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def part(mail: EmailMessage, content_type: str) -> EmailMessage:
    """The only part of that type."""
    (found,) = [each for each in mail.walk() if each.get_content_type() == content_type]
    assert isinstance(found, EmailMessage)
    return found


def ics_of(mail: EmailMessage) -> bytes:
    """The bytes of the calendar part."""
    found = part(mail, "text/calendar").get_payload(decode=True)
    assert isinstance(found, bytes)
    return found

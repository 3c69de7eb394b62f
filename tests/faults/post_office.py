"""A real SMTP server with moods; it keeps what it took, and knows whether it said so."""

import asyncio
import email
import re
import threading
import time
from email import policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from tests.end_to_end.product import free_ports
from tests.faults.record import Delivery, Record

NOBODY = "nobody-"  # addresses that begin so do not exist


class PostOffice:
    """Moods: "" (kind), "421", "450", "451", "drop" (takes the mail and hangs up), "hang" (takes it, says nothing)."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._to: dict[str, list[EmailMessage]] = {}
        self._released = threading.Event()
        self.mood = ""
        with free_ports(1) as port:
            self._controller = Controller(self, hostname="127.0.0.1", port=port)
        self.url = f"smtp://127.0.0.1:{port}"

    def __enter__(self) -> "PostOffice":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.set_mood("")
        self._controller.stop()

    def set_mood(self, mood: str) -> None:
        """From now on."""
        self.mood = mood
        if mood != "hang":
            self._released.set()
        else:
            self._released.clear()

    def mails_to(self, address: str) -> list[EmailMessage]:
        """In the order in which they came, copies included."""
        return list(self._to.get(address, ()))

    def link(self, address: str, pattern: str) -> str:
        """The first address in somebody's mails that matches; empty if there is none yet."""
        for each in self.mails_to(address):
            if hit := re.search(pattern, text_of(each)):
                return hit[0]
        return ""

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        """Refuse whom we do not know, and everybody when the mood is bad."""
        if address.startswith(NOBODY):
            return "550 5.1.1 no such person"
        if self.mood in {"421", "450", "451"}:
            return f"{self.mood} not now"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Take it; whether we say so is a matter of mood."""
        mood = self.mood
        self._keep(envelope, answered=mood not in {"drop", "hang"})
        while mood == "hang" and not self._released.is_set():
            await asyncio.sleep(0.05)
        if mood in {"drop", "hang"}:
            server.transport.abort()
        return "250 taken"

    def _keep(self, envelope: Any, *, answered: bool) -> None:
        raw: bytes = envelope.content
        for recipient in envelope.rcpt_tos:
            self._record.deliveries.append(Delivery(time.monotonic(), recipient, raw, answered))
            self._to.setdefault(recipient, []).append(parse(raw))


def parse(raw: bytes) -> EmailMessage:
    """A mail as a person's program reads it."""
    return email.message_from_bytes(raw, policy=policy.default)  # type: ignore[return-value]


def text_of(mail: EmailMessage) -> str:
    """Its plain text."""
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body is not None else ""

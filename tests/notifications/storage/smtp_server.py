"""A real SMTP server that behaves as badly as it is told to."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Received:
    """One mail as it arrived."""

    sender: str
    recipients: list[str]
    content: bytes
    peer: object


@dataclass
class Sink:
    """Takes everything, unless `answer` says otherwise; `drop_after_data` cuts the line instead of answering."""

    mails: list[Received] = field(default_factory=list)
    answer: Callable[[str, int], str] = lambda _recipient, _number: ""
    rcpt_answer: Callable[[str], str] = lambda _recipient: ""
    drop_after_data: int = 0
    connections: set[object] = field(default_factory=set)
    extensions: list[str] = field(default_factory=list)
    port: int = 0
    _lines: list[Any] = field(default_factory=list)

    def hang_up(self) -> None:
        """End all connections."""
        for line in self._lines:
            line.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Offer what we are told to."""
        session.host_name = hostname
        self._lines.append(server.transport)
        return [*responses[:-1], *(f"250-{each}" for each in self.extensions), responses[-1]]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse at once if told to."""
        self.connections.add(session.peer)
        if refused := self.rcpt_answer(address):
            return refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail, then perhaps misbehave."""
        refused = self.answer(envelope.rcpt_tos[0], len(self.mails))
        if refused:
            return refused
        content = envelope.original_content or b""
        self.mails.append(Received(str(envelope.mail_from), list(envelope.rcpt_tos), content, session.peer))
        if self.drop_after_data:
            self.drop_after_data -= 1
            transport: Any = server.transport
            transport.abort()
        return "250 kept"


@contextmanager
def running(sink: Sink | None = None) -> Iterator[Sink]:
    """On a free port of this machine."""
    sink = sink or Sink()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        sink.port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()

"""SMTP: one recipient a transaction, a connection that is kept, and an honest word about what came of it."""

import contextlib
import smtplib
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from services.notifications.domain.delivery import RESEND_LOST_AFTER, Answer, understand
from services.notifications.storage.transport import Parcel, Receipt

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
MAILS_PER_CONNECTION = 100
IDLE_SECONDS = 30.0
_LAST_WORDS = (421, -1)  # the server hangs up; a line that is no SMTP


@dataclass(frozen=True, kw_only=True)
class Smarthost:
    """Where mails are handed in, read from smtp://, smtp+starttls:// or smtps://user:password@host:port."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = ""

    @classmethod
    def of(cls, url: str) -> "Smarthost":
        """Raises ValueError for what is no such address, and for a password that would travel in the clear."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("Must be like smtp+starttls://user:password@mail.example.org:587.")
        if parts.password and parts.scheme == "smtp" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
            raise ValueError("A password needs smtps:// or smtp+starttls://.")
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=parts.port or PORTS[parts.scheme],
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )


class SmtpTransport:
    """One connection to the smarthost, opened when needed. Not for sharing between threads."""

    resend_after = RESEND_LOST_AFTER

    def __init__(self, smarthost: Smarthost, *, seconds: float = 60.0, context: ssl.SSLContext | None = None) -> None:
        self._smarthost = smarthost
        self._seconds = seconds
        self._context = context
        self._client: smtplib.SMTP | None = None
        self._sent = 0
        self._used_at = 0.0
        self._is_clean = True  # nothing of an earlier mail is left at the server

    def deliver(self, parcel: Parcel, begin: Callable[[], None]) -> Receipt:
        """Hand one mail in. A dead kept connection is replaced before anything is said about the mail."""
        try:
            refused = self._announce_somehow(parcel)
            return refused or self._hand_in(parcel, begin)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Receipt(Answer.CLOSED, _words(error))

    def rest(self) -> None:
        """Give an idle connection back to the server."""
        if self._client is not None and time.monotonic() - self._used_at > IDLE_SECONDS:
            self.close()

    def close(self) -> None:
        """Say goodbye."""
        if self._client is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._client.quit()
        self._drop()

    def _announce_somehow(self, parcel: Parcel) -> Receipt | None:
        """On the kept connection, or on a new one if the kept one turns out to be dead."""
        if self._client is not None and self._sent >= MAILS_PER_CONNECTION:
            self.close()
        if self._client is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                refused = self._announce(self._client, parcel)
                if refused is None or not refused.text.startswith("421"):
                    return refused
            self._drop()
        self._client = self._open()
        self._sent, self._used_at, self._is_clean = 0, time.monotonic(), True
        return self._announce(self._client, parcel)

    def _announce(self, client: smtplib.SMTP, parcel: Parcel) -> Receipt | None:
        """From whom and to whom; None if that is welcome. RSET where the last mail was not taken (RFC 5321 4.1.4)."""
        commands = [f"MAIL FROM:<{parcel.envelope_from}>", f"RCPT TO:<{parcel.recipient}>"]
        reset = () if self._is_clean else ("RSET",)
        self._is_clean = False
        answers = list(_say(client, [*reset, *commands]))
        if reset and answers[0][0] != 250:
            raise smtplib.SMTPResponseException(*answers[0])
        refusals = [each for each in answers if not 200 <= each[0] < 300]
        return self._refused(*refusals[0]) if refusals else None

    def _hand_in(self, parcel: Parcel, begin: Callable[[], None]) -> Receipt:
        client = self._client
        if client is None:
            raise smtplib.SMTPServerDisconnected("there is no connection")
        begin()
        code, text = client.docmd("DATA")
        if code != 354:
            return self._refused(code, text)
        return self._send_content(client, parcel.raw)

    def _send_content(self, client: smtplib.SMTP, raw: bytes) -> Receipt:
        """From the first byte on, a lost connection may mean a delivered mail (RFC 1047)."""
        ending = b"" if raw.endswith(b"\r\n") else b"\r\n"
        try:
            client.send(_dotted(raw) + ending + b".\r\n")
            code, text = client.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Receipt(Answer.LOST, _words(error))
        self._sent, self._used_at, self._is_clean = self._sent + 1, time.monotonic(), code == 250
        return self._refused(code, text)

    def _refused(self, code: int, text: bytes) -> Receipt:
        """Or accepted. -1 is smtplib's word for a line that is no SMTP."""
        words = f"{code} {text.decode('utf-8', 'replace')}"
        answer = understand(code, words)
        if answer is Answer.CLOSED or code < 0:
            self._drop()
        return Receipt(answer, words)

    def _open(self) -> smtplib.SMTP:
        host, context = self._smarthost, self._context or ssl.create_default_context()
        if host.scheme == "smtps":
            client: smtplib.SMTP = smtplib.SMTP_SSL(host.host, host.port, timeout=self._seconds, context=context)
        else:
            client = smtplib.SMTP(host.host, host.port, timeout=self._seconds)
        try:
            if host.scheme == "smtp+starttls":
                client.starttls(context=context)
            client.ehlo_or_helo_if_needed()
            if host.user:
                client.login(host.user, host.password)
        except (OSError, smtplib.SMTPException):
            client.close()
            raise
        return client

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None


def _say(client: smtplib.SMTP, commands: Sequence[str]) -> Iterator[tuple[int, bytes]]:
    """Each with its answer, up to the first refusal; in one round trip if the server offers that (RFC 2920)."""
    if any("\r" in each or "\n" in each for each in commands):
        raise ValueError("a line break in an SMTP command")
    at_once = client.has_extn("pipelining")
    if at_once:
        client.send("".join(f"{each}\r\n" for each in commands))
    for each in commands:
        code, text = client.getreply() if at_once else client.docmd(each)
        yield code, text
        if code in _LAST_WORDS or not (at_once or 200 <= code < 300):
            return


def _dotted(raw: bytes) -> bytes:
    """Dot stuffing (RFC 5321 4.5.2)."""
    stuffed = raw.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"

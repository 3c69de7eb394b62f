"""What a way out for mails must offer: SMTP in production, a folder on a laptop."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from services.notifications.domain.delivery import Answer


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """A mail as it travels."""

    number: int
    name: str
    envelope_from: str
    recipient: str
    raw: bytes


@dataclass(frozen=True)
class Receipt:
    """What came of it, with the server's words."""

    answer: Answer
    text: str = ""


class Withdrawn(Exception):
    """The mail was superseded just before it would have left."""


class Transport(Protocol):
    """One connection's worth of it; used by one thread."""

    resend_after: timedelta

    def deliver(self, parcel: Parcel, begin: Callable[[], None]) -> Receipt:
        """Send it. `begin` is called right before the bytes leave and may raise Withdrawn."""

    def rest(self) -> None:
        """Nothing to do for a while."""

    def close(self) -> None:
        """The end."""

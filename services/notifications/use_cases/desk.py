"""What everybody who writes mails needs: paper, sender, and fresh tokens."""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

from services.notifications.domain.senders import Sender
from services.notifications.rendering.letters import Stationery


def random_token() -> str:
    """160 random bits as 32 lower-case base32 letters: unguessable, and the same when a server changes case."""
    return base64.b32encode(secrets.token_bytes(20)).decode().lower()


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Put together once at start; chance comes in here so that tests can choose it."""

    stationery: Stationery
    sender: Sender
    new_id: Callable[[], UUID] = uuid4
    new_token: Callable[[], str] = random_token

"""What the notifications service reads from the environment."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from environs import ValidationError

from shared.settings import CommonSettings, flag, read_common, reading, text, whole

_ADDRESS = re.compile(r"[A-Za-z0-9.+_-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_SCHEMES = ("smtp", "smtp+starttls", "smtps")


@dataclass(frozen=True, kw_only=True)
class NotificationsSettings:
    """An empty smtp_url means the local mailbox: files under {var}/mail, shown at /notifications/mailbox/.

    webhooks_private lets webhooks go to http, to any port and into private networks: for closed networks and tests.
    """

    common: CommonSettings
    smtp_url: str = ""
    sender: str = "kalender@werktor.example.org"
    bounce_domain: str = "werktor.example.org"
    connections: int = 12
    webhooks_private: bool = False

    @property
    def has_mailbox(self) -> bool:
        """Whether mails stay here."""
        return not self.smtp_url


def read_settings() -> NotificationsSettings:
    """Every fault of the environment at once."""
    with reading() as env:
        sender = text(env, "NOTIFICATIONS_SENDER", "kalender@werktor.example.org", validate=_is_address)
        return NotificationsSettings(
            common=read_common("notifications", env),
            smtp_url=text(env, "NOTIFICATIONS_SMTP_URL", "", validate=_is_smtp),
            sender=sender,
            bounce_domain=text(env, "NOTIFICATIONS_BOUNCE_DOMAIN", sender.rpartition("@")[2]),
            connections=whole(env, "NOTIFICATIONS_SMTP_CONNECTIONS", 12, least=1, most=20),
            webhooks_private=flag(env, "NOTIFICATIONS_WEBHOOKS_PRIVATE", False),
        )


def _is_address(address: str) -> None:
    local = address.partition("@")[0].lower()
    if not _ADDRESS.fullmatch(address):
        raise ValidationError("Must be an address like kalender@events.example.org.")
    if re.sub(r"[^a-z]", "", local) in {"noreply", "donotreply"}:
        raise ValidationError("Answers to invitations arrive here: it cannot be a no-reply address.")


def _is_smtp(url: str) -> None:
    if not url:
        return
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise ValidationError("Must be like smtp+starttls://user:password@mail.example.org:587.")
    if parts.password and parts.scheme == "smtp" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        raise ValidationError("A password needs smtps:// or smtp+starttls://.")

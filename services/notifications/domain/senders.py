"""Under which addresses mails leave."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Sender:
    """The one address that is From and ORGANIZER of everything, and where failures come back to.

    Answers to invitations arrive at `address`; calendars and spam filters remember it, so it never changes.
    """

    address: str
    bounce_domain: str
    public_base_url: str

    @property
    def domain(self) -> str:
        """The sending domain: right side of Message-IDs and UIDs."""
        return self.address.rpartition("@")[2]

    def envelope_from(self, token: str) -> str:
        """Where a failure of exactly this mail is reported to (VERP)."""
        return f"bounce+{token}@{self.bounce_domain}"

    def message_id(self, mail_id: str) -> str:
        """The same on every attempt."""
        return f"<{mail_id}@{self.domain}>"


def content_id(seed: str, domain: str) -> str:
    """The Content-ID of an image inside a mail."""
    return f"{hashlib.sha256(seed.encode()).hexdigest()[:24]}@{domain}"

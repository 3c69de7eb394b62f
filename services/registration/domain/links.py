"""The addresses that only one person gets: her page, her ticket, her confirmation."""

from dataclasses import dataclass
from uuid import UUID

from services.registration.domain.secrets import derive


@dataclass(frozen=True, kw_only=True)
class Links:
    """`base_url` is the public origin without a trailing slash; `key` is the installation's secret."""

    base_url: str
    key: bytes

    def page_token(self, registration_id: UUID) -> str:
        """Opens her page; lower case, because it travels in links that mail programs may change."""
        return derive(self.key, "page", registration_id).lower()

    def ticket_code(self, registration_id: UUID) -> str:
        """What the door asks for."""
        return derive(self.key, "ticket", registration_id)

    def my_page(self, registration_id: UUID) -> str:
        """Her own page."""
        return f"{self.base_url}/registration/my/{self.page_token(registration_id)}"

    def confirmation(self, registration_id: UUID) -> str:
        """The link in the first mail, which proves that the address is hers."""
        return f"{self.base_url}/registration/confirm/{self.page_token(registration_id)}"

    def lot(self, registration_id: UUID) -> str:
        """What stands for her in a draw; it tells nobody who she is."""
        return derive(self.key, "lot", registration_id)[:10]

    def offer(self, registration_id: UUID) -> str:
        """Where she takes a place that is kept for her."""
        return f"{self.my_page(registration_id)}/offer"

    def coming(self, registration_id: UUID) -> str:
        """Where she says that she comes."""
        return f"{self.my_page(registration_id)}/coming"

    def cancelling(self, registration_id: UUID) -> str:
        """Where she says that she cannot come."""
        return f"{self.my_page(registration_id)}/cancel"

    def guests(self, slug: str) -> str:
        """Where the host company sees who comes; it signs in there."""
        return f"{self.base_url}/registration/company/{slug}"

    def hand_over_token(self, hand_over_id: UUID) -> str:
        """Lets a friend take somebody's place."""
        return derive(self.key, "hand_over", hand_over_id).lower()

    def hand_over(self, hand_over_id: UUID) -> str:
        """The link in the mail to the friend."""
        return f"{self.base_url}/registration/hand-overs/{self.hand_over_token(hand_over_id)}"

    def invitation_token(self, invitation_id: UUID) -> str:
        """Opens a personal invitation."""
        return derive(self.key, "invitation", invitation_id).lower()

    def invitation(self, invitation_id: UUID) -> str:
        """The link in the mail to somebody who is invited."""
        return f"{self.base_url}/registration/invitations/{self.invitation_token(invitation_id)}"

    def ticket(self, registration_id: UUID) -> str:
        """What the QR code carries: upper case, so that it fits QR's alphanumeric mode and stays coarse."""
        return f"{self.base_url.upper()}/T/{self.ticket_code(registration_id)}"

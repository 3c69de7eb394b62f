"""What a host company writes: its own guests, and whom attendees may write to afterwards."""

from typing import Any

from marshmallow import post_load

from services.registration.domain.addresses import address
from services.registration.schemas.sign_up import SignUpForm
from services.registration.use_cases.exchange_contacts import ContactOffer
from shared.http.fields import EmailAddress, Line, PersonName, Text, Wish
from shared.http.locale import current_locale


class GuestForm(SignUpForm):
    """Somebody whom the company asks to come."""

    source = "company"


class ContactForm(Wish):
    """Whom attendees may write to."""

    contact_name = PersonName(required=True)
    contact_email = EmailAddress(required=True)
    phone = Line(most=40, load_default="")
    words = Text(most=500, load_default="")

    @post_load
    def build(self, data: dict[str, Any], **_options: Any) -> ContactOffer:
        """As the use case wants it."""
        return ContactOffer(
            name=data["contact_name"],
            email=address(data["contact_email"]).written,
            phone=data["phone"],
            words=data["words"],
            locale=current_locale(),
        )

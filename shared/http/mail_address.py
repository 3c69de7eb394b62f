"""Which mail addresses we accept: those that our mails can reach."""

import re

from email_validator import EmailNotValidError, validate_email
from flask import current_app, has_app_context
from marshmallow import ValidationError

from shared.errors import N_

_TEST_DOMAIN = re.compile(r"[@.](test|example|localhost|local|invalid)\Z", re.IGNORECASE)


def address(text: str) -> str:
    """The address normalised, as EmailAddress loads it. Raises ValidationError with a sentence for the reader."""
    if len(text) > 254 or "=?" in text:  # an encoded word: some mail software would decode it, line ends and all
        raise ValidationError(N_("This is not a valid e-mail address."))
    # email-validator refuses domains that nobody owns; where we allow them, it gets to see a subdomain of one it knows
    suffix = ".example.org" if _test_addresses() and _TEST_DOMAIN.search(text) else ""
    try:
        found = validate_email(text + suffix, check_deliverability=False, allow_smtputf8=True, strict=True)
    except (EmailNotValidError, UnicodeError):
        raise ValidationError(N_("This is not a valid e-mail address.")) from None
    if not found.ascii_email:
        raise ValidationError(
            N_("Many mail servers cannot deliver to addresses with such letters before the @. Please give another.")
        )
    return found.ascii_email.removesuffix(suffix)


def _test_addresses() -> bool:
    return has_app_context() and bool(current_app.extensions["werktor"].common.test_addresses)

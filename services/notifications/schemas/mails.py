"""The mail log: what an organiser may ask, and what she sees of a mail. Never its text: that is private."""

import re

from marshmallow import Schema, ValidationError, fields, validate

from services.notifications.domain.delivery import MailState
from services.notifications.storage.tables import MailRow
from shared.errors import N_
from shared.http.fields import Choice, Id
from shared.http.paging import PageWish, page_schema

STATES = [str(state) for state in MailState]


class MailsQuery(PageWish):
    """Which mails."""

    state = Choice(*STATES, load_default=None)
    event_id = Id(load_default=None)


class MailSchema(Schema):
    """One mail to one person."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, metadata={"description": "ticket, invitation, rescheduled …"})
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    recipient = fields.String(required=True)
    recipient_name = fields.String(required=True)
    locale = fields.String(required=True)
    subject = fields.String(required=True)
    event_id = fields.UUID(required=True, allow_none=True)
    registration_id = fields.UUID(required=True, allow_none=True)
    attempts = fields.Integer(required=True)
    last_error = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    next_at = fields.AwareDateTime(required=True, allow_none=True)
    sent_at = fields.AwareDateTime(required=True, allow_none=True)


MailPage = page_schema(MailSchema)


def before(cursor: list[str] | None) -> int | None:
    """The number that the next page begins below. Raises ValidationError for a cursor that we did not write."""
    if cursor is None:
        return None
    if len(cursor) != 1 or not re.fullmatch("[0-9]{1,18}", cursor[0]):
        raise ValidationError({"cursor": [N_("This cursor is not one of ours.")]})
    return int(cursor[0])


def key(mail: MailRow) -> list[str]:
    """What a cursor holds."""
    return [str(mail.number)]

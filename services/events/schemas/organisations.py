"""Organisations, members and tokens as programs get them, in JSON."""

from typing import Any

from marshmallow import Schema, fields

from services.events.storage.tables import ApiToken, Membership
from shared.http.fields import Choice
from shared.policy import Role


class OrganisationSchema(Schema):
    """An organisation in the middle."""

    id = fields.UUID(required=True)
    slug = fields.String(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    website = fields.String(required=True)
    city = fields.String(required=True)


class OrganisationsSchema(Schema):
    """One's own organisations; always one page."""

    items = fields.List(fields.Nested(OrganisationSchema), required=True)
    next = fields.String(allow_none=True, required=True)


class MemberSchema(Schema):
    """Somebody who belongs to an organisation."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    role = Choice(*Role, required=True)


class MembersSchema(Schema):
    """All members; always one page."""

    items = fields.List(fields.Nested(MemberSchema), required=True)
    next = fields.String(allow_none=True, required=True)


class TokenSchema(Schema):
    """An API token that was given out. `token` is shown once, when it is made."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    role = Choice(*Role, required=True)
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    token = fields.String()


class TokensSchema(Schema):
    """All tokens that work; always one page."""

    items = fields.List(fields.Nested(TokenSchema), required=True)
    next = fields.String(allow_none=True, required=True)


def member_document(membership: Membership) -> dict[str, Any]:
    """A member as JSON values."""
    account = membership.account
    return {"id": account.id, "name": account.name, "email": account.address, "role": membership.role}


def token_document(row: ApiToken, token: str = "") -> dict[str, Any]:
    """A token as JSON values; with the token itself when it was just made."""
    facts = {name: getattr(row, name) for name in ("id", "name", "role", "created_at", "expires_at")}
    return facts | ({"token": token} if token else {})

"""Webhooks: what may be wished of them, and what is shown. Never the secret, which is in one answer only."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.notifications.domain.webhooks import KINDS, REASONS, DeliveryState, EndpointState
from services.notifications.storage.tables import DeliveryRow, WebhookRow
from shared.http.fields import Boolean, Choice, Id, Line, Many, Wish
from shared.http.paging import PageWish, page_schema

DELIVERY_STATES = [str(state) for state in DeliveryState]


class WebhookWish(Wish):
    """A new endpoint."""

    url = Line(required=True, most=500, metadata={"format": "uri", "description": "https, port 443, a public address"})
    kinds = Many(Choice(*KINDS), least=1, most=len(KINDS), required=True)
    organisation_id = Id(load_default=None, metadata={"description": "Needed by who administers several"})


class WebhookChange(Wish):
    """What is left out stays as it is."""

    kinds = Many(Choice(*KINDS), least=1, most=len(KINDS), load_default=None)
    is_active = Boolean(load_default=None, metadata={"description": "false pauses, true starts again"})


class KindsWish(Wish):
    """Of the page: which kinds of news."""

    kinds = Many(Choice(*KINDS), least=1, most=len(KINDS), required=True)


class WebhookSchema(Schema):
    """An endpoint."""

    id = fields.UUID(required=True)
    organisation_id = fields.UUID(required=True)
    url = fields.String(required=True)
    kinds = fields.List(fields.String(validate=validate.OneOf(KINDS)), required=True)
    state = fields.String(
        required=True,
        validate=validate.OneOf([str(state) for state in EndpointState]),
        metadata={"description": "active; paused by people; gone: it answered 410; failing: it failed for three days"},
    )
    failing_since = fields.AwareDateTime(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)


class NewWebhookSchema(WebhookSchema):
    """An endpoint with its secret, this once."""

    secret = fields.String(required=True, metadata={"description": "whsec_… as Standard Webhooks libraries take it"})


class WebhooksSchema(Schema):
    """All endpoints; there are few."""

    items = fields.List(fields.Nested(WebhookSchema), required=True)
    next = fields.String(allow_none=True)


class DeliveriesQuery(PageWish):
    """Which deliveries."""

    state = Choice(*DELIVERY_STATES, load_default=None)


class DeliverySchema(Schema):
    """One message to one endpoint."""

    id = fields.UUID(required=True)
    webhook_id = fields.UUID(required=True)
    message_id = fields.UUID(required=True, metadata={"description": "the webhook-id header"})
    kind = fields.String(required=True)
    event_id = fields.UUID(required=True, allow_none=True)
    body = fields.String(required=True, metadata={"description": "The JSON as it is sent"})
    state = fields.String(required=True, validate=validate.OneOf(DELIVERY_STATES))
    attempts = fields.Integer(required=True)
    status = fields.Integer(required=True, allow_none=True, metadata={"description": "Answered last"})
    reason = fields.String(
        required=True,
        validate=validate.OneOf(["", *REASONS]),
        metadata={"description": "Why the last attempt did not arrive"},
    )
    created_at = fields.AwareDateTime(required=True)
    next_at = fields.AwareDateTime(required=True, allow_none=True)
    delivered_at = fields.AwareDateTime(required=True, allow_none=True)


DeliveryPage = page_schema(DeliverySchema)


def with_secret(webhook: WebhookRow, secret: str) -> dict[str, Any]:
    """The one document that shows it."""
    names = ("id", "organisation_id", "url", "kinds", "state", "failing_since", "created_at")
    return {**{name: getattr(webhook, name) for name in names}, "secret": secret}


def key(delivery: DeliveryRow) -> list[str]:
    """What a cursor holds."""
    return [str(delivery.number)]

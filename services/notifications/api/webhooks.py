"""Webhooks as JSON, for an organisation's administrators and their programs."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from uuid import UUID

from flask import current_app

from services.notifications.schemas.mails import before
from services.notifications.schemas.webhooks import (
    DeliveriesQuery,
    DeliveryPage,
    DeliverySchema,
    NewWebhookSchema,
    WebhookChange,
    WebhookSchema,
    WebhooksSchema,
    WebhookWish,
    key,
    with_secret,
)
from services.notifications.storage import deliveries, webhooks
from services.notifications.storage.tables import DeliveryRow, WebhookRow
from services.notifications.use_cases.add_webhook import add_webhook, ensure_callable
from services.notifications.use_cases.change_webhook import change_webhook, delete_webhook, give_new_secret
from services.notifications.use_cases.tell_other_systems import redeliver, send_test
from services.notifications.use_cases.whose_webhooks import for_which_organisation, own_webhook, whose_webhooks
from shared import clock
from shared.http.app import reading, transaction
from shared.http.identity import require_signed_in
from shared.http.openapi import Blueprint
from shared.http.paging import page

_INTRODUCTION = """Signed calls to other systems (Standard Webhooks). Each call is a POST of
`{"type", "timestamp", "data"}` with ids, states and counts, never a person's data: ask the API for the rest.
Headers: `webhook-id` (the same whenever a message is sent again), `webhook-timestamp` and `webhook-signature`,
`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body` with the secret's bytes; several are separated by blanks.
Answer 2xx within five seconds. Anything else is tried again for about three days; 410 pauses the webhook.
Calls may come twice and in any order: compare `webhook-id` and `version`."""
_401 = {"status_code": 401, "description": "No token"}
_403 = {"status_code": 403, "description": "Only administrators may"}
_404 = {"status_code": 404, "description": "No such webhook, or not yours"}

resource = Blueprint("webhooks", __name__, url_prefix="/notifications/api/v1/webhooks", description=_INTRODUCTION)
View = TypeVar("View", bound=Callable[..., Any])


def for_admins(view: View) -> View:
    """Somebody who may manage webhooks of some organisation is asking; nobody else is told what is wrong with words."""

    @wraps(view)
    def asked(*args: Any, **kwargs: Any) -> Any:
        whose_webhooks(require_signed_in())
        return view(*args, **kwargs)

    return cast("View", asked)


@resource.get("")
@for_admins
@resource.response(200, WebhooksSchema)
@resource.alt_response(**_401)
@resource.alt_response(**_403)
def list_webhooks() -> dict[str, Any]:
    """The webhooks of your organisation. For administrators."""
    organisations = whose_webhooks(require_signed_in())
    with reading() as session:
        return {"items": webhooks.listed(session, organisations), "next": None}


@resource.post("")
@for_admins
@resource.arguments(WebhookWish)
@resource.response(201, NewWebhookSchema)
@resource.alt_response(**_401)
@resource.alt_response(**_403)
@resource.alt_response(404, description="Not your organisation")
@resource.alt_response(409, description="There are too many")
def add(wish: dict[str, Any]) -> dict[str, Any]:
    """Add a webhook; its secret is in this answer and nowhere else."""
    organisation_id = for_which_organisation(require_signed_in(), wish["organisation_id"])
    ensure_callable(wish["url"], current_app.config["OUTGOING"])
    with transaction() as session:
        webhook, secret = add_webhook(
            wish["url"],
            kinds=wish["kinds"],
            organisation_id=organisation_id,
            actor=require_signed_in(),
            key=current_app.config["WEBHOOK_KEY"],
            session=session,
            now=clock.now(),
        )
        return with_secret(webhook, secret)


@resource.get("/<uuid:webhook_id>")
@for_admins
@resource.response(200, WebhookSchema)
@resource.alt_response(**_401)
@resource.alt_response(**_403)
@resource.alt_response(**_404)
def show(webhook_id: UUID) -> WebhookRow:
    """One webhook."""
    with reading() as session:
        return own_webhook(webhook_id, actor=require_signed_in(), session=session)


@resource.patch("/<uuid:webhook_id>")
@for_admins
@resource.arguments(WebhookChange)
@resource.response(200, WebhookSchema)
@resource.alt_response(**_401)
@resource.alt_response(**_403)
@resource.alt_response(**_404)
def change(wish: dict[str, Any], webhook_id: UUID) -> WebhookRow:
    """Pause it, start it again, or change what it is told."""
    with transaction() as session:
        return change_webhook(webhook_id, actor=require_signed_in(), session=session, now=clock.now(), **wish)


@resource.delete("/<uuid:webhook_id>")
@for_admins
@resource.response(204)
@resource.alt_response(**_401)
@resource.alt_response(**_403)
@resource.alt_response(**_404)
def delete(webhook_id: UUID) -> None:
    """Delete it, with everything that was still to be delivered."""
    with transaction() as session:
        delete_webhook(webhook_id, actor=require_signed_in(), session=session, now=clock.now())


@resource.post("/<uuid:webhook_id>/secret")
@for_admins
@resource.response(200, NewWebhookSchema)
@resource.alt_response(**_401)
@resource.alt_response(**_403)
@resource.alt_response(**_404)
def roll(webhook_id: UUID) -> dict[str, Any]:
    """A new secret. For a day calls are signed with both."""
    with transaction() as session:
        webhook, secret = give_new_secret(
            webhook_id,
            key=current_app.config["WEBHOOK_KEY"],
            actor=require_signed_in(),
            session=session,
            now=clock.now(),
        )
        return with_secret(webhook, secret)


@resource.post("/<uuid:webhook_id>/test")
@for_admins
@resource.response(202, WebhookSchema)
@resource.alt_response(**_401)
@resource.alt_response(**_403)
@resource.alt_response(**_404)
@resource.alt_response(409, description="It is paused")
def test(webhook_id: UUID) -> WebhookRow:
    """Call it with `webhook.test`; what came of it stands among the deliveries."""
    with transaction() as session:
        return send_test(webhook_id, actor=require_signed_in(), session=session, now=clock.now())


@resource.get("/<uuid:webhook_id>/deliveries")
@for_admins
@resource.arguments(DeliveriesQuery, location="query")
@resource.response(200, DeliveryPage)
@resource.alt_response(**_401)
@resource.alt_response(**_403)
@resource.alt_response(**_404)
def list_deliveries(query: dict[str, Any], webhook_id: UUID) -> dict[str, Any]:
    """What it was told in the last two weeks, newest first."""
    with reading() as session:
        own_webhook(webhook_id, actor=require_signed_in(), session=session)
        rows = deliveries.page(
            session,
            webhook_id,
            state=query["state"] or "",
            before=before(query["cursor"]),
            limit=query["limit"] + 1,
        )
        return page(rows, query["limit"], key=key)


@resource.post("/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/redeliver")
@for_admins
@resource.response(202, DeliverySchema)
@resource.alt_response(**_401)
@resource.alt_response(**_403)
@resource.alt_response(404, description="No such delivery, or not yours")
@resource.alt_response(409, description="It is still on its way, or the webhook is paused")
def send_again(webhook_id: UUID, delivery_id: UUID) -> DeliveryRow:
    """Send it once more, at once and under the same webhook-id."""
    with transaction() as session:
        return redeliver(webhook_id, delivery_id, actor=require_signed_in(), session=session, now=clock.now())

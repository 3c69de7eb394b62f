"""Queue what other systems want to be told, in the transaction of the message's own effects."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from services.notifications.domain.rejections import DeliveryIsUnderway, WebhookIsPaused
from services.notifications.domain.webhook_news import news_of
from services.notifications.domain.webhooks import TEST, DeliveryState, EndpointState
from services.notifications.storage import deliveries, webhooks
from services.notifications.storage.tables import DeliveryRow, WebhookRow
from services.notifications.use_cases.whose_webhooks import own_webhook
from shared.contracts.message import Message
from shared.errors import NotFound
from shared.policy import Actor


def tell_other_systems(message: Message, *, session: Session, now: datetime) -> None:
    """One delivery for each endpoint that listens; the same message once more adds nothing.

    Late old news is told too: order is not promised, and `version` lets the receiver see what is newer. A message that
    names its event by id only is told to nobody while that event is unknown here.
    """
    news = news_of(message)
    if news is None:
        return
    event_id = news.event_id
    listening = webhooks.listening(session, news.kind, organisation_id=news.organisation_id, event_id=event_id)
    if not listening:
        return
    slug = webhooks.slug_of(session, event_id) if news.slug is None else news.slug
    body = _body(news.kind, {"event_id": str(event_id), "slug": slug, **news.facts}, now)
    message_id = session.info["message_id"]
    for webhook_id in listening:
        deliveries.add(
            session, webhook_id, message_id=message_id, kind=news.kind, event_id=event_id, body=body, now=now
        )


def send_test(webhook_id: UUID, *, actor: Actor, session: Session, now: datetime) -> WebhookRow:
    """A delivery that says nothing, to see whether the other side takes it."""
    webhook = own_webhook(webhook_id, actor=actor, session=session)
    _ensure_active(webhook)
    body = _body(TEST, {"webhook_id": str(webhook.id)}, now)
    deliveries.add(session, webhook.id, message_id=uuid4(), kind=TEST, event_id=None, body=body, now=now)
    return webhook


def redeliver(webhook_id: UUID, delivery_id: UUID, *, actor: Actor, session: Session, now: datetime) -> DeliveryRow:
    """Send once more what arrived or failed, under the same webhook-id."""
    webhook = own_webhook(webhook_id, actor=actor, session=session)
    delivery = deliveries.find(session, webhook_id, delivery_id)
    if delivery is None:
        raise NotFound
    _ensure_active(webhook)
    if delivery.state == DeliveryState.QUEUED:
        raise DeliveryIsUnderway
    deliveries.send_again(session, delivery, now)
    return delivery


def _ensure_active(webhook: WebhookRow) -> None:
    if webhook.state != EndpointState.ACTIVE:
        raise WebhookIsPaused


def _body(kind: str, facts: Mapping[str, Any], now: datetime) -> str:
    return json.dumps({"type": kind, "timestamp": now.isoformat(), "data": facts}, separators=(",", ":"))

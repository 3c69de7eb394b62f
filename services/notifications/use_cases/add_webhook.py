"""Let another system be told."""

from collections.abc import Sequence
from datetime import datetime
from secrets import token_bytes
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from services.notifications.domain.rejections import TooManyWebhooks
from services.notifications.domain.webhook_address import AddressRefused
from services.notifications.domain.webhook_signature import SECRET_BYTES, shown
from services.notifications.domain.webhooks import MOST, OLD_SECRET_FOR, REASONS, EndpointState
from services.notifications.storage import audit, webhooks
from services.notifications.storage.outgoing import Outgoing
from services.notifications.storage.sealing import seal
from services.notifications.storage.tables import WebhookRow
from shared.errors import N_, InvalidInput
from shared.policy import Actor

_SLOW = N_("This name could not be looked up in time. Please try again.")


def ensure_callable(url: str, outgoing: Outgoing) -> None:
    """Raises InvalidInput for an address that is never called. Asks the name service: not inside a transaction."""
    try:
        outgoing.check(url)
    except AddressRefused as refused:
        raise InvalidInput({"url": [REASONS[refused.reason]]}) from None
    except TimeoutError:
        raise InvalidInput({"url": [_SLOW]}) from None


def add_webhook(
    url: str,
    *,
    kinds: Sequence[str],
    organisation_id: UUID,
    actor: Actor,
    key: bytes,
    session: Session,
    now: datetime,
) -> tuple[WebhookRow, str]:
    """The endpoint, and its secret as it is shown this once. The address was looked at by `ensure_callable`."""
    if webhooks.count(session, organisation_id) >= MOST:
        raise TooManyWebhooks
    secret, webhook_id = token_bytes(SECRET_BYTES), uuid4()
    webhook = WebhookRow(
        id=webhook_id,
        organisation_id=organisation_id,
        url=url,
        kinds=sorted(set(kinds)),
        state=EndpointState.ACTIVE,
        secret=seal(key, secret, webhook_id=webhook_id),
        failures=0,
        created_at=now,
    )
    session.add(webhook)
    session.flush()
    audit.record(session, "add_webhook", webhook, by=actor, now=now, kinds=webhook.kinds)
    return webhook, shown(secret)


def roll_secret(webhook: WebhookRow, *, key: bytes, now: datetime) -> str:
    """A new secret, shown this once. For a day the old one signs beside it, so that nothing is missed meanwhile."""
    secret = token_bytes(SECRET_BYTES)
    webhooks.change_secret(webhook, seal(key, secret, webhook_id=webhook.id), old_until=now + OLD_SECRET_FOR)
    return shown(secret)

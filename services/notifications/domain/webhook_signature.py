"""How a receiver knows that it is us: Standard Webhooks (standardwebhooks.com), symmetric, version 1."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"
SECRET_BYTES = 32


def shown(secret: bytes) -> str:
    """A secret as people copy it and libraries for Standard Webhooks take it."""
    return PREFIX + base64.b64encode(secret).decode()


def headers(webhook_id: str, body: bytes, *, secrets: Iterable[bytes], now: datetime) -> dict[str, str]:
    """With one signature for each secret: while one is being replaced, receivers may still know the old one."""
    at = str(int(now.timestamp()))
    signed = b".".join((webhook_id.encode(), at.encode(), body))
    signatures = [base64.b64encode(hmac.digest(each, signed, hashlib.sha256)).decode() for each in secrets]
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": at,
        "webhook-signature": " ".join(f"v1,{each}" for each in signatures),
    }

"""AES-256-GCM over the secrets of webhooks: a stolen database cannot speak in our name."""

import hashlib
import hmac
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12  # bytes, as GCM wants it


def webhook_key(secret_key: str) -> bytes:
    """The key of an installation, derived from its secret."""
    return hmac.digest(secret_key.encode(), b"webhooks", hashlib.sha256)


def seal(key: bytes, secret: bytes, *, webhook_id: UUID) -> bytes:
    """Bound to its row: moved to another one it cannot be opened."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, secret, webhook_id.bytes)


def unseal(key: bytes, sealed: bytes, *, webhook_id: UUID) -> bytes | None:
    """None if the installation's secret has changed, or the row was tampered with."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], webhook_id.bytes)
    except InvalidTag:
        return None

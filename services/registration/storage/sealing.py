"""AES-256-GCM over what the database may not show: an answer moved to another row cannot be opened there."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.registration.domain.key_ring import KeyRing

_NONCE = 12  # bytes, as GCM wants it


def seal(ring: KeyRing, content: bytes, *, about: str) -> bytes:
    """Content sealed with the current key, bound to what it is about."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(ring.keys[ring.current]).encrypt(nonce, content, about.encode())


def unseal(ring: KeyRing, sealed: bytes, *, key_id: str, about: str) -> bytes | None:
    """The content; None if its key is no longer on the ring, or it was tampered with."""
    key = ring.keys.get(key_id)
    if key is None:
        return None
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], about.encode())
    except InvalidTag:
        return None

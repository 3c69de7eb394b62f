"""The keys that seal sensitive answers: one to write with, older ones to read."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

LENGTH = 32  # bytes, for AES-256


@dataclass(frozen=True)
class KeyRing:
    """`current` names the key that new answers are sealed with; `keys` holds all of them by id."""

    current: str
    keys: Mapping[str, bytes]


def key_ring(secret: bytes, given: tuple[tuple[str, bytes], ...] = ()) -> KeyRing:
    """The keys of an installation: those from the settings, newest first, else one derived from its secret.

    The derived key stays readable after own keys were set, so that switching loses nothing.
    """
    derived = hmac.digest(secret, b"answers", hashlib.sha256)
    name = f"s-{hashlib.sha256(derived).hexdigest()[:8]}"
    return KeyRing(given[0][0] if given else name, {name: derived, **dict(given)})

"""Ticket codes and page tokens: derived from one key, so the database holds only their fingerprints."""

import hashlib
import hmac
from base64 import b32encode
from functools import lru_cache
from uuid import UUID

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
LENGTH = 26  # of 5 bits each: 130 bits
_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET.encode())


@lru_cache(maxsize=128)  # a request asks for the same few again and again
def derive(key: bytes, purpose: str, about: UUID) -> str:
    """The secret of one thing for one purpose, 26 Crockford base 32 characters in upper case.

    The same key, purpose and thing always give the same secret; without the key nobody can guess it.
    """
    digest = hmac.digest(key, f"{purpose}:{about}".encode(), hashlib.sha256)
    return b32encode(digest)[:LENGTH].translate(_CROCKFORD).decode()


def fingerprint(secret: str) -> str:
    """What the database stores of a secret: SHA-256, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()

"""Ticket codes and page tokens: derived from one key, so the database holds only their fingerprints."""

import hashlib
import hmac
from uuid import UUID

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
LENGTH = 26  # of 5 bits each: 130 bits


def derive(key: bytes, purpose: str, about: UUID) -> str:
    """The secret of one thing for one purpose, 26 Crockford base 32 characters in upper case.

    The same key, purpose and thing always give the same secret; without the key nobody can guess it.
    """
    digest = hmac.digest(key, f"{purpose}:{about}".encode(), hashlib.sha256)
    number = int.from_bytes(digest) >> (256 - LENGTH * 5)
    return "".join(ALPHABET[number >> shift & 31] for shift in range((LENGTH - 1) * 5, -1, -5))


def fingerprint(secret: str) -> str:
    """What the database stores of a secret: SHA-256, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()

"""Addresses as they stand in envelopes and To lines: ASCII, with IDNA domains."""

import re

import idna

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")
_DOMAIN = re.compile(r"[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")


def ascii_address(address: str) -> str:
    """The form that every server takes, "" if there is none (letters beyond ASCII before the @)."""
    local, _, domain = address.strip().rpartition("@")
    try:
        encoded = domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return ""
    sound = _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(encoded) and len(encoded) <= 253
    return f"{local}@{encoded}" if sound else ""

"""E-mail addresses as people write them, as mail systems take them, and as we compare them."""

from dataclasses import dataclass
from functools import lru_cache
from uuid import uuid4

import idna


@dataclass(frozen=True, kw_only=True)
class Address:
    """`written` is hers to see, `ascii` goes on the envelope, `key` decides whether two are the same person."""

    written: str
    ascii: str
    key: str


def address(written: str) -> Address:
    """Of a valid e-mail address, its domain in either spelling.

    The key has its domain in lower-case ASCII (IDNA) and its local part in lower case; a +tag stays, because
    families share a mailbox by tags.
    """
    local, _, domain = written.rpartition("@")
    ascii_domain = _ascii(domain)
    return Address(
        written=f"{local}@{_readable(domain)}", ascii=f"{local}@{ascii_domain}", key=f"{local.lower()}@{ascii_domain}"
    )


def no_address() -> Address:
    """Of somebody who gave none: unlike every other, and nobody can write to it."""
    return Address(written="", ascii="", key=f"none:{uuid4()}")


@lru_cache(maxsize=1000)  # most people share a few mail services
def _ascii(domain: str) -> str:
    lowered = domain.lower()
    if lowered.isascii():
        return lowered
    return idna.encode(lowered, uts46=True).decode("ascii")


@lru_cache(maxsize=1000)
def _readable(domain: str) -> str:
    try:
        return idna.decode(domain)
    except idna.IDNAError:
        return domain

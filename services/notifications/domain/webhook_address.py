"""Where other systems may be told: public https addresses, nothing in our own network (server-side request forgery).

A name says nothing: it is resolved once, every address behind it is looked at, and the connection goes to that address.
"""

import ipaddress
import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

LONGEST = 500
_PLAIN = re.compile(r"[!-~]+")  # what an address bar copies: no blanks, no controls, nothing beyond ASCII
_ODD = re.compile(r"""[\\"'<>^`{|}]""")
_NAME = re.compile(r"(?=.{1,253}\Z)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_UNICAST = ipaddress.ip_network("2000::/3")  # all that was ever given out; ::1, ::ffff:0:0/96, fec0::/10 lie beyond
_NOT_OURS = (  # translations and tunnels to IPv4 addresses, and what Python 3.11 takes for public
    ipaddress.ip_network("64:ff9b::/96"),
    ipaddress.ip_network("64:ff9b:1::/48"),
    ipaddress.ip_network("2002::/16"),
    ipaddress.ip_network("2001::/32"),
    ipaddress.ip_network("192.0.0.0/24"),
    ipaddress.ip_network("192.88.99.0/24"),
)


class AddressRefused(Exception):
    """This address is not told anything; `reason` is one of domain.webhooks.REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Target:
    """The parts of an address. `path` begins with a slash and carries the query."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """As the Host header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def target(url: str, *, private: bool = False) -> Target:
    """Take an address apart. `private` also lets http and other ports than 443 pass (closed networks, tests).

    Raises AddressRefused.
    """
    if len(url) > LONGEST or not _PLAIN.fullmatch(url) or _ODD.search(url):
        raise AddressRefused("malformed")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise AddressRefused("malformed") from None
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise AddressRefused("not_https")
    if "@" in parts.netloc:
        raise AddressRefused("credentials")
    secure = parts.scheme == "https"
    port = (443 if secure else 80) if port is None else port
    if port == 0 or (port != 443 and not private):
        raise AddressRefused("port")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(secure=secure, host=_host(host, private=private), port=port, path=path)


def is_public(address: str) -> bool:
    """Whether this IP address belongs to everybody's internet and to one machine."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and (found.scope_id or found not in _UNICAST):
        return False
    return found.is_global and not found.is_multicast and not any(found in each for each in _NOT_OURS)


def _host(host: str, *, private: bool) -> str:
    """A name or an address in its usual form; 2130706433, 0177.1 and 0x7f.1 are other people's ideas of 127.0.0.1."""
    found = _ip(host)
    if found is not None:
        if not private and not is_public(str(found)):
            raise AddressRefused("private_address")
        return str(found)
    name = host.removesuffix(".")
    if not _NAME.fullmatch(name) or _NUMBER.fullmatch(name.rpartition(".")[2]):
        raise AddressRefused("malformed")
    return name


def _ip(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None

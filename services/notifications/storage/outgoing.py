"""Calls to other people's servers: one POST, no redirects, five seconds in all, never into a private network."""

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from services.notifications.domain.webhook_address import AddressRefused, Target, is_public, target
from services.notifications.domain.webhooks import Attempt

SECONDS = 5.0
MOST_READ = 64 * 1024
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9])(?: [^\r\n]*)?\r?\n")
_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*\r?\n", re.IGNORECASE)

Resolve = Callable[..., list[Any]]


class Outgoing:
    """Any number of threads may call at once. `private` is for closed networks and tests."""

    def __init__(
        self,
        *,
        private: bool = False,
        seconds: float = SECONDS,
        resolve: Resolve = socket.getaddrinfo,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._private = private
        self._seconds = seconds
        self._resolve = resolve
        self._tls = tls
        self._making = threading.Lock()

    def check(self, url: str) -> None:
        """Whether it may be called as things stand now. Raises AddressRefused."""
        self._addresses(target(url, private=self._private), time.monotonic() + self._seconds)

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> Attempt:
        """Never raises for what the other side, the network or the name service does."""
        ending = time.monotonic() + self._seconds
        try:
            where = target(url, private=self._private)
            with self._connected(where, self._addresses(where, ending), ending) as connection:
                connection.settimeout(_left(ending))
                connection.sendall(_request(where, headers, body))
                return Attempt.answered(_answer(connection, ending))
        except AddressRefused as refused:
            return Attempt(reason=refused.reason)
        except TimeoutError:
            return Attempt(reason="timeout")
        except ssl.SSLError:
            return Attempt(reason="tls")
        except _NotHttp:
            return Attempt(reason="not_http")
        except OSError:
            return Attempt(reason="unreachable")

    def _addresses(self, where: Target, ending: float) -> list[str]:
        """All that the name stands for, asked once: if one of them is private, none is called."""
        found = _within(_left(ending), lambda: self._resolve(where.host, where.port, type=socket.SOCK_STREAM))
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        if not addresses:
            raise AddressRefused("unknown_name")
        if not self._private and not all(is_public(each) for each in addresses):
            raise AddressRefused("private_address")
        return addresses

    def _connected(self, where: Target, addresses: list[str], ending: float) -> socket.socket:
        """To that very address; the certificate must be for the name."""
        failure: OSError = OSError()
        for address in addresses:
            try:
                plain = socket.create_connection((address, where.port), timeout=_left(ending))
            except OSError as error:
                failure = error
            else:
                return self._encrypted(plain, where, ending) if where.secure else plain
        raise failure

    def _encrypted(self, plain: socket.socket, where: Target, ending: float) -> socket.socket:
        try:
            plain.settimeout(_left(ending))
            return self._context().wrap_socket(plain, server_hostname=where.host)
        except BaseException:
            plain.close()
            raise

    def _context(self) -> ssl.SSLContext:
        """Made with the first call: reading the certificates of the world takes a while."""
        with self._making:
            if self._tls is None:
                self._tls = ssl.create_default_context()
            return self._tls


class _NotHttp(Exception):
    """The other side speaks something else."""


def _left(ending: float) -> float:
    left = ending - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _within(seconds: float, ask: Callable[[], list[Any]]) -> list[Any]:
    """The name service has no deadline of its own, so it is asked in a thread that is left behind if it hangs."""
    answers: SimpleQueue[list[Any]] = SimpleQueue()

    def run() -> None:
        try:
            answers.put(ask())
        except (OSError, UnicodeError):
            answers.put([])

    threading.Thread(target=run, name="resolve", daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None


def _request(where: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = {
        "Host": where.authority,
        "User-Agent": "Werktor-Webhooks/1",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Accept": "*/*",
        "Connection": "close",
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {where.path} HTTP/1.1\r\n{head}\r\n".encode("ascii") + body


def _answer(connection: socket.socket, ending: float) -> int:
    """The status. The rest is read so that the sender can finish, and thrown away."""
    received = b""
    while True:
        while not (end := _END.search(received)):
            received += _more(connection, ending, len(received))
        status = _STATUS.match(received)
        if status is None:
            raise _NotHttp
        code = int(status[1])
        if code >= 200:
            break
        received = received[end.end() :]  # 100 and 103 come before the answer
    length = _LENGTH.search(received[: end.end()])
    wanted = min(end.end() + int(length[1]) if length else MOST_READ, MOST_READ)
    with suppress(OSError, _NotHttp):
        size = len(received)
        while size < wanted:
            size += len(_more(connection, ending, size))
    return code


def _more(connection: socket.socket, ending: float, so_far: int) -> bytes:
    connection.settimeout(_left(ending))
    found = connection.recv(min(16 * 1024, MOST_READ - so_far)) if so_far < MOST_READ else b""
    if not found:
        raise _NotHttp
    return found

"""A light HTTP client: so many kept connections in one thread, requests that are bytes already, every status checked.

It shares the cores with what it measures, so it does as little as it can: no parsing beyond status and length.
"""

import contextlib
import select
import socket
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import perf_counter

CONNECTIONS = 8
_LONGEST_WAIT = 30  # seconds for an answer, after which the measurement is given up


class WrongAnswer(AssertionError):
    """Somebody was not answered as the workload wants it."""


@dataclass
class Load:
    """What was done in how many seconds; how long each answer took."""

    done: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """How many a second."""
        return self.done / self.seconds


class Connection:
    """One kept connection; opened again when the server closes it between two requests."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket = self._open()
        self._request, self._answer = b"", bytearray()
        self.sent_at = 0.0

    def fileno(self) -> int:
        """For the poller."""
        return self._socket.fileno()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def send(self, request: bytes) -> None:
        """Ask."""
        self._request = request
        self._answer.clear()
        self.sent_at = perf_counter()
        self._socket.sendall(request)

    def read(self) -> tuple[int, bytes, bytes] | None:
        """Status, head and body as soon as they are there."""
        received = self._socket.recv(262_144)
        if not received:
            raise WrongAnswer(f"hung up after {bytes(self._answer[:300])!r}")
        self._answer += received
        end = self._answer.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(self._answer[:end])
        status = int(head[9:12])
        if len(self._answer) - end - 4 < _length(head, status):
            return None
        if b"\r\nconnection: close" in head.lower():
            self._socket.close()
            self._socket = self._open()
        return status, head, bytes(self._answer[end + 4 :])

    def _open(self) -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self._port), timeout=_LONGEST_WAIT)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened


def _length(head: bytes, status: int) -> int:
    if status in {204, 304}:
        return 0
    for line in head.split(b"\r\n")[1:]:
        if line[:15].lower() == b"content-length:":
            return int(line[15:])
    raise WrongAnswer(f"an answer without a length: {head!r}")


def ask(port: int, request: bytes) -> tuple[int, bytes, bytes]:
    """One request on a connection of its own."""
    with contextlib.closing(Connection(port)) as connection:
        connection.send(request)
        while (answer := connection.read()) is None:
            pass
        return answer


def drive(port: int, requests: Iterable[bytes], *, seconds: float, wanted: int, connections: int = CONNECTIONS) -> Load:
    """Send one request after another on every connection until the time or the requests are over.

    What is under way at the end is waited for and counted. Raises WrongAnswer for any other status than the wanted.
    """
    with contextlib.ExitStack() as stack:
        opened = [stack.enter_context(contextlib.closing(Connection(port))) for _ in range(connections)]
        with _Drive(iter(requests), seconds=seconds, wanted=wanted) as drive:
            return drive.run(opened)


def pace(
    port: int, requests: Iterable[bytes], *, rate: float, seconds: float, wanted: int
) -> list[tuple[bytes, float]]:
    """Send so many a second, whether the answers keep up or not; each request with the moment of its answer."""
    answered: list[tuple[bytes, float]] = []
    supply = iter(requests)
    begun = time.monotonic()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        asked = []
        for number in range(max(1, int(rate * seconds))):
            time.sleep(max(0.0, begun + number / rate - time.monotonic()))
            asked.append(pool.submit(_answered, port, next(supply), wanted))
        answered.extend(each.result() for each in asked)
    return answered


def _answered(port: int, request: bytes, wanted: int) -> tuple[bytes, float]:
    status, head, body = ask(port, request)
    if status != wanted:
        raise WrongAnswer(f"{status} instead of {wanted}: {head!r} {body[:600]!r}")
    return request, time.monotonic()


class _Drive:
    def __init__(self, supply: Iterator[bytes], *, seconds: float, wanted: int) -> None:
        self._supply, self._seconds, self._wanted = supply, seconds, wanted
        self._busy: dict[int, Connection] = {}
        self._load, self._poller = Load(), select.epoll()
        self._begun = perf_counter()

    def __enter__(self) -> "_Drive":
        return self

    def __exit__(self, *_: object) -> None:
        self._poller.close()

    def run(self, opened: Iterable[Connection]) -> Load:
        for each in opened:
            self._ask(each)
        while self._busy:
            ready = self._poller.poll(_LONGEST_WAIT)
            if not ready:
                raise WrongAnswer(f"{len(self._busy)} requests were not answered")
            for number, _ in ready:
                self._hear(number, self._busy[number])
        self._load.seconds = perf_counter() - self._begun
        return self._load

    def _hear(self, number: int, connection: Connection) -> None:
        answer = connection.read()
        if answer is None:
            return
        now = perf_counter()
        if answer[0] != self._wanted:
            raise WrongAnswer(f"{answer[0]} instead of {self._wanted}: {answer[1]!r} {answer[2][:600]!r}")
        self._load.done += 1
        self._load.latencies.append(now - connection.sent_at)
        if connection.fileno() != number:  # it was opened again; the poller has forgotten the closed one
            del self._busy[number]
        if now - self._begun >= self._seconds or not self._ask(connection):
            self._forget(connection)

    def _ask(self, connection: Connection) -> bool:
        request = next(self._supply, None)
        if request is None:
            return False
        if connection.fileno() not in self._busy:
            self._busy[connection.fileno()] = connection
            self._poller.register(connection.fileno(), select.EPOLLIN)
        connection.send(request)
        return True

    def _forget(self, connection: Connection) -> None:
        if self._busy.pop(connection.fileno(), None):
            self._poller.unregister(connection.fileno())


def get(path: str, port: int, headers: dict[str, str] | None = None) -> bytes:
    """A GET as bytes."""
    return _head("GET", path, port, headers or {}) + b"\r\n"


def post(path: str, port: int, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    """A POST of JSON as bytes."""
    about = {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
    return _head("POST", path, port, about) + b"\r\n" + body


def _head(method: str, path: str, port: int, headers: dict[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    return "".join(f"{each}\r\n" for each in [*lines, *(f"{k}: {v}" for k, v in headers.items())]).encode()

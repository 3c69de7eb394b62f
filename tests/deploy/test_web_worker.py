"""Two workers share the connections, an answer leaves whole or not at all, and nobody waits for a thread that stays."""

import os
import signal
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from time import monotonic

import pytest

from tests.deploy.processes import answers, environment, process
from tests.deploy.small_app import MUCH
from tests.end_to_end.product import eventually, free_ports


class Client:
    """A kept connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=20)

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def send(self, *paths: str) -> None:
        requests = [f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n" for path in paths]
        self._socket.sendall("".join(requests).encode())

    def read(self) -> bytes:
        """One answer's body, or what came of it before the connection broke."""
        head = b""
        while b"\r\n\r\n" not in head:
            if not (byte := self._receive(1)):
                return head
            head += byte
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        body = b""
        while len(body) < length and (more := self._receive(length - len(body))):
            body += more
        return body

    def ask(self, path: str) -> bytes:
        self.send(path)
        return self.read()

    def _receive(self, most: int) -> bytes:
        try:
            return self._socket.recv(most)
        except ConnectionError:
            return b""


@contextmanager
def served(folder: Path, *, workers: int = 2, threads: int = 8) -> Iterator[int]:
    """gunicorn as in production; the port."""
    with free_ports(1) as port:
        env = environment(folder, WERKTOR_BIND=f"127.0.0.1:{port}")
        env |= {"WERKTOR_WEB_WORKERS": str(workers), "WERKTOR_WEB_THREADS": str(threads)}
        command = ("-m", "gunicorn", "--config", "deploy/gunicorn_settings.py", "tests.deploy.small_app:app")
        with process(*command, env=env, log=folder / "log"):
            met: set[str] = set()

            def everybody_answers() -> bool:
                found = answers(f"http://127.0.0.1:{port}/think")
                met.add(found.text if found else "")
                return len(met - {""}) == workers

            eventually(everybody_answers, what="all workers answer", seconds=60)
            yield port


def test_connections_are_shared_fairly_also_after_a_worker_was_killed(tmp_path: Path) -> None:
    with served(tmp_path) as port, ExitStack() as stack:
        for _ in range(12):  # all stay open
            shares = _shares(port, stack)
            assert len(shares) == 2
            assert min(shares.values()) >= 2
        killed, other = shares
        os.kill(int(killed), signal.SIGKILL)

        eventually(lambda: len(_shares(port, stack) - Counter([other] * 8)) == 1, what="a new worker", seconds=30)

        shares = _shares(port, stack)
        assert killed not in shares
        assert shares[other] <= 2  # it has many already


def _shares(port: int, stack: ExitStack) -> Counter[bytes]:
    """Eight connections opened at once: how many each worker took."""
    clients = [stack.enter_context(closing(Client(port))) for _ in range(8)]
    for each in clients:
        each.send("/")
    return Counter(each.read() for each in clients)


def test_a_worker_that_takes_nothing_more_keeps_nobody_waiting(tmp_path: Path) -> None:
    """One is frozen with fewer connections than the other, which then takes what comes, and soon."""
    with served(tmp_path) as port, ExitStack() as stack:
        frozen, other = _shares(port, stack)
        os.kill(int(frozen), signal.SIGSTOP)
        stack.callback(os.kill, int(frozen), signal.SIGKILL)

        began = monotonic()
        answered = _shares(port, stack)

        assert answered == {other: 8}
        assert monotonic() - began < 5


def test_an_answer_that_breaks_off_is_counted_once(tmp_path: Path) -> None:
    with served(tmp_path, workers=1) as port, ExitStack() as stack:
        for _ in range(20):
            with closing(Client(port)) as client:
                assert client.ask("/break") == b""
        kept = stack.enter_context(closing(Client(port)))
        # A client hears of the break before the loop has counted it.
        eventually(lambda: kept.ask("/count") == b"1", what="only one connection counted")


def test_of_an_answer_whose_worker_is_killed_nothing_is_sent(tmp_path: Path) -> None:
    with served(tmp_path, workers=1) as port, closing(Client(port)) as client:
        assert client.ask("/die") == b""


@pytest.mark.parametrize("threads", [8, 1])
def test_long_answers_and_requests_sent_at_once_come_whole_and_in_order(tmp_path: Path, threads: int) -> None:
    with served(tmp_path, workers=1, threads=threads) as port, closing(Client(port)) as client:
        assert client.ask("/much") == b"x" * MUCH
        client.send("/", "/much", "/", "/much")
        assert [len(client.read()) for _ in range(4)][1::2] == [MUCH, MUCH]
        assert client.ask("/").isdigit()


def test_a_busy_connection_keeps_no_other_waiting(tmp_path: Path) -> None:
    with served(tmp_path, workers=1, threads=1) as port, closing(Client(port)) as busy, closing(Client(port)) as other:
        over = threading.Event()

        def ask_on_and_on() -> None:
            while not over.is_set():
                busy.ask("/")

        asking = threading.Thread(target=ask_on_and_on)
        asking.start()
        try:
            began = monotonic()
            assert other.ask("/").isdigit()
            assert monotonic() - began < 5
        finally:
            over.set()
            asking.join(10)

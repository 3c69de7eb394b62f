"""gunicorn's worker of threads, with three habits: it shares connections fairly, stays with them, answers in one piece.

Two workers wait at one door, and whoever wakes first would take all of a few kept connections for itself. So each says
in memory that all share how many connections it has, and who has more than another lets that one go first.

A thread that has answered waits a moment for the next request of the same connection before it gives the connection
back to the loop: under load the next one is there already.

A worker that is killed in the middle of an answer has sent all of it or nothing. Of nothing, the proxy in front makes
a page that says so; of half an answer, nobody can make anything.
"""

import mmap
import select
import time
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

_SLOTS = 256  # more than there are ever workers at once
_LOOKS = 10  # so often a worker looks whether one that has fewer connections takes the next, then it does so itself
_LOOK_AGAIN = 0.001  # seconds
_STAY = 5  # milliseconds
_MOST = 262_144  # bytes of an answer that are held back; a longer one leaves in several pieces


class WebWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn is not typed
    """One process that answers."""

    _shared = memoryview(mmap.mmap(-1, _SLOTS * 4)).cast("i")  # connections + 1 of each worker; 0: there is none

    def __init__(self, age: int, *others: Any) -> None:
        self._slot, self._count, self._is_here = age % _SLOTS, 0, False
        self._behind = self._looks = 0
        super().__init__(age, *others)

    @property
    def nr_conns(self) -> int:
        """How many connections are open."""
        return self._count

    @nr_conns.setter
    def nr_conns(self, count: int) -> None:
        self._count = count
        if self._is_here:
            self._shared[self._slot] = count + 1

    def run(self) -> None:
        """Serve until told to end."""
        try:
            super().run()
        finally:
            self.leave()

    def leave(self) -> None:
        """Nobody waits for this worker any more; also called for one that was killed."""
        self._is_here = False
        self._shared[self._slot] = 0

    def set_accept_enabled(self, enabled: bool) -> None:
        """Who takes nothing more, being full or about to end, is nobody to wait for."""
        super().set_accept_enabled(enabled)
        if enabled:
            self._is_here = True
            self.nr_conns = self._count
        else:
            self.leave()

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """Count a connection once, also if it was closed already after an answer that broke off."""
        before = self._count
        super().finish_request(conn, fs)
        self.nr_conns = max(self._count, before - 1)

    def accept(self, listener: Any) -> None:
        """Take a connection, if no worker that has fewer takes it first."""
        behind = sum(others for others in self._shared if 0 < others <= self._count)  # theirs are one more
        if behind != self._behind:
            self._behind, self._looks = behind, 0
        if behind and self._looks < _LOOKS:
            self._looks += 1
            time.sleep(_LOOK_AGAIN)  # the loop comes back here as long as nobody has taken it
        else:
            self._behind = 0
            super().accept(listener)

    def handle(self, conn: TConn) -> Any:
        """Answer the requests of a connection for as long as they come one after another."""
        while (is_kept := super().handle(conn)) is True and self._has_more(conn):
            pass
        return is_kept

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Answer one request."""
        gathered = conn.sock = _Gathered(conn.sock)
        try:
            is_kept = super().handle_request(req, conn)
            gathered.flush()
        finally:
            conn.sock = gathered.socket
        return is_kept

    def _has_more(self, conn: TConn) -> bool:
        if not self.alive or self.tpool._work_queue.qsize():  # noqa: SLF001 - somebody waits for this thread
            return False
        asked = select.poll()
        asked.register(conn.sock, select.POLLIN)
        return bool(asked.poll(_STAY))


class _Gathered:
    """A socket that keeps what it is to send until it is told to, or until there is much."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self._held = bytearray()

    def sendall(self, data: bytes) -> None:
        """Send soon."""
        self._held += data
        if len(self._held) > _MOST:
            self.flush()

    def sendfile(self, *arguments: Any, **options: Any) -> Any:
        """Send a file, after what came before it."""
        self.flush()
        return self.socket.sendfile(*arguments, **options)

    def flush(self) -> None:
        """Send now."""
        if self._held:
            held, self._held = self._held, bytearray()
            self.socket.sendall(held)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.socket, name)

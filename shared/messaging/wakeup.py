"""Wake the relay as soon as somebody committed a message; its poll once a second is the safety net.

Within a process by an event, between processes by LISTEN/NOTIFY (PostgreSQL) or PRAGMA data_version (SQLite).
"""

import logging
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import psycopg
from sqlalchemy import Engine

from shared.database import is_sqlite

log = logging.getLogger(__name__)

_CHANNEL = "werktor_outbox"
_BREATH = 0.01  # seconds between two NOTIFYs of a process: a rush rings once for many commits
_sleepers: "weakref.WeakSet[threading.Event]" = weakref.WeakSet()
_bells: "weakref.WeakKeyDictionary[Engine, _Bell]" = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def nudge(bind: Any) -> None:
    """Called after a commit that wrote messages. `bind` is the session's engine."""
    _wake_all()
    engine = getattr(bind, "engine", bind)
    if not is_sqlite(engine):
        _bell_of(engine).ring()


@contextmanager
def woken(engine: Engine, stop: threading.Event, *, others: bool = True) -> Iterator[threading.Event]:
    """An event that is set whenever there may be something to send.

    `others`: look out for what other processes write; one who does so wakes all sleepers of this process.
    """
    event, over = threading.Event(), threading.Event()
    _sleepers.add(event)
    watch = _watch_file if is_sqlite(engine) else _listen
    watcher = threading.Thread(target=watch, args=(engine, over, stop), name="wakeup", daemon=True)
    if others:
        watcher.start()
    try:
        yield event
    finally:
        over.set()
        _sleepers.discard(event)
        if others:
            watcher.join(5)


def _bell_of(engine: Engine) -> "_Bell":
    with _lock:
        if engine not in _bells:
            _bells[engine] = _Bell(_address(engine))
        return _bells[engine]


def _wake_all() -> None:
    if _sleepers:
        for event in list(_sleepers):
            event.set()


def _watch_file(engine: Engine, over: threading.Event, stop: threading.Event) -> None:
    with closing(sqlite3.connect(str(engine.url.database), timeout=5)) as connection:
        seen = None
        while not over.wait(0.05) and not stop.is_set():
            (version,) = connection.execute("PRAGMA data_version").fetchone()
            if version != seen:
                seen = version
                _wake_all()


def _listen(engine: Engine, over: threading.Event, stop: threading.Event) -> None:
    while not over.is_set() and not stop.is_set():
        with suppress(psycopg.Error), psycopg.connect(_address(engine), autocommit=True) as connection:
            connection.execute(f"LISTEN {_CHANNEL}")
            while not over.is_set() and not stop.is_set():
                for _ in connection.notifies(timeout=0.5, stop_after=1):
                    _wake_all()
        over.wait(0.5)


def _address(engine: Engine) -> str:
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


class _Bell:
    """Sends NOTIFY from a thread and connection of its own, many commits in one.

    In the transaction itself it would be simpler, but PostgreSQL then lets only one transaction commit at a time.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._rung = threading.Event()
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None

    def ring(self) -> None:
        if not self._rung.is_set():  # else the NOTIFY that is about to be sent also tells of this commit
            self._rung.set()
        with self._guard:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._toll, name="bell", daemon=True)
                self._thread.start()

    def _toll(self) -> None:
        """Ends when nobody has rung for a while; the next ring starts it again."""
        with suppress(psycopg.Error), psycopg.connect(self._address, autocommit=True, connect_timeout=5) as connection:
            while self._rung.wait(2.0):
                self._rung.clear()
                connection.execute(f"NOTIFY {_CHANNEL}")
                time.sleep(_BREATH)

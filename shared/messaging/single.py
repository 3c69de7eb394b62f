"""Let one process of many do a thing: whoever holds the lock, and the next one as soon as that process is gone."""

import fcntl
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from shared.database import is_sqlite

AGAIN = 0.5  # seconds between two tries


@contextmanager
def only_one(engine: Engine, name: str, stop: threading.Event) -> Iterator[Callable[[], bool]]:
    """Wait until nobody else does `name` on this database; yields a question: is it still ours?

    If `stop` is set meanwhile, the answer is no. PostgreSQL: an advisory lock of a connection that is held open (so no
    pooler in transaction mode between). SQLite: a lock on a file beside the database.
    """
    hold = _hold_file if is_sqlite(engine) else _hold_advisory_lock
    with hold(engine, name, stop) as held:
        yield held


@contextmanager
def _hold_file(engine: Engine, name: str, stop: threading.Event) -> Iterator[Callable[[], bool]]:
    with Path(f"{engine.url.database}.{name}.lock").open("w") as lock:
        mine = False
        while not mine and not stop.is_set():
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                mine = True
            if not mine:
                stop.wait(AGAIN)
        yield lambda: mine and not stop.is_set()


@contextmanager
def _hold_advisory_lock(engine: Engine, name: str, stop: threading.Event) -> Iterator[Callable[[], bool]]:
    key = int.from_bytes(hashlib.sha256(f"werktor:{name}".encode()).digest()[:8], signed=True)
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        try:
            mine = False
            while not mine and not stop.is_set():
                mine = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}))
                if not mine:
                    stop.wait(AGAIN)
            yield lambda: mine and not stop.is_set() and _is_open(connection)
        finally:
            connection.invalidate()  # the lock goes with the connection; never back into the pool with it


def _is_open(connection: Connection) -> bool:
    try:
        connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True

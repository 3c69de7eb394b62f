"""The registration service on a PostgreSQL of its own, and bare connections to the same database beside it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from services.registration.app import MIGRATIONS
from shared.database import connect
from shared.migrations import upgrade
from tests import servers
from tests.registration.doors import House, a_house

Connection = psycopg.Connection[Any]


class Bare:
    """Connections that are open already, one for each thread."""

    def __init__(self, connections: list[Connection]) -> None:
        self._idle: SimpleQueue[Connection] = SimpleQueue()
        for each in connections:
            self._idle.put(each)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction on one of them."""
        connection = self._idle.get()
        try:
            with connection.transaction():
                yield connection
        finally:
            self._idle.put(connection)


@contextmanager
def open_office(*, threads: int = 1) -> Iterator[tuple[House, Bare]]:
    """With all migrations; gone afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        url = stack.enter_context(servers.fresh_database())
        engine = connect(url, statement_seconds=5)
        stack.callback(engine.dispose)
        upgrade(engine, MIGRATIONS)
        plain = url.replace("postgresql+psycopg://", "postgresql://")
        opened = [stack.enter_context(psycopg.connect(plain, autocommit=True)) for _ in range(threads)]
        yield a_house(folder, engine), Bare(opened)

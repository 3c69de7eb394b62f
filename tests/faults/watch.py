"""Looks at the places again and again while everything burns: some things must hold at any time."""

import threading

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from tests.faults import check_places, truth
from tests.faults.record import Record

EVERY = 0.5


class Watch:
    """A thread that reads the counters and the places behind them in one statement."""

    def __init__(self, engine: Engine, record: Record) -> None:
        self._engine, self._record = engine, record
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="watch", daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)

    def _work(self) -> None:
        while not self._stop.wait(EVERY):
            try:
                with self._engine.connect() as connection:
                    found = truth.quotas(connection)
            except SQLAlchemyError:
                continue  # the database is down: that is one of the faults
            self._record.samples += 1
            self._record.seen += check_places.counters(found)

"""How a process is told to end: SIGTERM or SIGINT, once or many times; nothing is interrupted."""

import signal
import threading
from collections.abc import Callable

_LOOK = 0.25


def until_told(work: Callable[[], None], stop: threading.Event) -> None:
    """Do the work in a thread of its own, and set `stop` when told; returns when the work has come to its end.

    The handler only writes a number down: it may run in the middle of anything, so it must not touch a lock, and
    `stop.set()` does.
    """
    told: list[int] = []
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda number, _frame: told.append(number))
    working = threading.Thread(target=work, name="work")
    working.start()
    while working.is_alive():
        working.join(_LOOK)
        if told:
            stop.set()

"""Steps the clock of a product's process while it runs. Only the fault run puts this folder on PYTHONPATH.

The process looks into FAULTS_CLOCKS for a file named after its pid, else for `all`: seconds to be ahead of the world.
Monotonic clocks are left alone, as they are when somebody sets a machine's date.
"""

import os
import threading
import time
from pathlib import Path

import time_machine

_FOLDER = Path(os.environ.get("FAULTS_CLOCKS", "/nowhere"))
_pause = threading.Event()


def _wanted() -> float:
    for name in (str(os.getpid()), "all"):
        try:
            return float((_FOLDER / name).read_text() or 0)
        except (OSError, ValueError):
            continue
    return 0.0


def _follow() -> None:
    ahead, traveller = 0.0, None
    while not _pause.wait(0.1):
        wanted = _wanted()
        if wanted == ahead:
            continue
        if traveller is not None:
            traveller.stop()
        traveller = time_machine.travel(time.time() + wanted, tick=True) if wanted else None
        if traveller is not None:
            traveller.start()
        ahead = wanted


def _begin() -> None:
    threading.Thread(target=_follow, name="clock", daemon=True).start()


if _FOLDER.is_dir():
    os.register_at_fork(after_in_child=_begin)
    _begin()

"""`python -m tests.bench.profiled_role MODULE …`: run it as a program, every thread of it under cProfile.

What it saw is written into the folder BENCH_PROFILE when the process ends.
"""

import atexit
import cProfile
import importlib
import os
import pstats
import runpy
import sys
import threading
from contextlib import suppress
from pathlib import Path

_profiles: list[cProfile.Profile] = []


def _watch(*_: object) -> None:
    """Called once in each new thread, and then replaced by the profile."""
    profile = cProfile.Profile()
    with suppress(ValueError):  # from Python 3.12 on there is one at a time in a process
        profile.enable()
        _profiles.append(profile)


@atexit.register
def _write() -> None:
    together = pstats.Stats()
    for each in _profiles:
        each.disable()
        together.add(each)
    name = "-".join(each.replace("services.", "") for each in sys.argv[:2] if "/" not in each)
    together.dump_stats(Path(os.environ["BENCH_PROFILE"]) / f"{name}-{os.getpid()}.prof")


if __name__ == "__main__":
    sys.argv = sys.argv[1:]
    importlib.import_module(sys.argv[0] + (".__main__" if sys.argv[0].startswith("services.") else ""))
    threading.setprofile(_watch)  # from here on: what was imported is not the work
    _watch()
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=False)

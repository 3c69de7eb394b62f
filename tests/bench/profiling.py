"""`python -m tests.bench --profile NAME`: where the time of a workload goes.

Every process of ours runs under cProfile (a web role with one worker and one thread), which slows Python code more
than waiting: read shares, not seconds.
"""

import cProfile
import io
import os
import pstats
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.timing import Pair

FOLDER = "BENCH_PROFILE"
_LINES = 45


@contextmanager
def into(folder: Path) -> Iterator[None]:
    """Processes that the rig starts meanwhile are watched."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.*"):
        old.unlink()
    os.environ[FOLDER] = str(folder.resolve())
    try:
        yield
    finally:
        del os.environ[FOLDER]


def watch(pairs: list[Pair], *, seconds: float, folder: Path) -> None:
    """Let our sides work, this process watched too: some workloads are done in it."""
    profile = cProfile.Profile()
    for pair in pairs:
        pair.prepare(seconds)
        profile.runcall(pair.ours, seconds)
    profile.dump_stats(folder / "bench itself.prof")


def report(folder: Path) -> str:
    """The functions in which most time is spent, by own time and with what they call; statements a request."""
    return "\n".join([*map(_statements, sorted(folder.glob("*.statements"))), *map(_profile, _by_weight(folder))])


def _by_weight(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.prof"), key=lambda each: each.stat().st_size, reverse=True)[:4]


def _statements(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join([f"--- statements a request ({path.stem})", *(each[:180] for each in lines[:40])])


def _profile(path: Path) -> str:
    said = io.StringIO()
    stats = pstats.Stats(str(path), stream=said).strip_dirs()
    stats.sort_stats("tottime").print_stats(_LINES)
    stats.sort_stats("cumulative").print_stats(_LINES * 2)
    return f"--- profile of {path}\n{said.getvalue()}"

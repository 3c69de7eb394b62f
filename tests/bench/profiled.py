"""gunicorn tests.bench.profiled:app: the application BENCH_APP under cProfile, with its statements counted.

One worker, one thread, so that the profile is of requests and not of waiting for each other. What it saw is written
into the folder BENCH_PROFILE when the process ends.
"""

import atexit
import cProfile
import importlib
import os
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

_profile = cProfile.Profile()
_statements: Counter[str] = Counter()
_requests = 0


def _load(name: str) -> Any:
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


_inner = _load(os.environ["BENCH_APP"])


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The same application, watched."""
    global _requests
    _requests += 1
    if _requests <= 20:  # the first ones fill caches
        _statements.clear()
        return _whole(environ, start_response)
    return list(_profile.runcall(_whole, environ, start_response))


def _whole(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    answer = _inner(environ, start_response)
    try:
        return list(answer)
    finally:
        getattr(answer, "close", lambda: None)()


@event.listens_for(Engine, "before_cursor_execute")
def _count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    _statements[" ".join(statement.split())] += 1


@event.listens_for(Engine, "begin")
def _count_begin(_connection: Any) -> None:
    _statements["BEGIN"] += 1


@event.listens_for(Engine, "commit")
def _count_commit(_connection: Any) -> None:
    _statements["COMMIT"] += 1


@event.listens_for(Engine, "rollback")
def _count_rollback(_connection: Any) -> None:
    _statements["ROLLBACK"] += 1


@atexit.register
def _write() -> None:
    if _requests <= 20:
        return
    folder = Path(os.environ["BENCH_PROFILE"])
    _profile.dump_stats(folder / f"{os.getpid()}.prof")
    lines = [f"{number / (_requests - 20):6.2f}  {each}" for each, number in _statements.most_common()]
    (folder / f"{os.getpid()}.statements").write_text("\n".join(lines), encoding="utf-8")

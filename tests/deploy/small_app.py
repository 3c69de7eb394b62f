"""gunicorn tests.deploy.small_app:app: an application that does what a test of the worker wants, by its path."""

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from deploy.web_worker import WebWorker

MUCH = 1_000_000  # bytes


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """/: whose answer this is; /much: a long one; /think: one that takes half a second; /count: how many connections
    are open; /die and /break: half of one, then the process is killed, or the application fails.
    """
    path = environ["PATH_INFO"]
    if path in {"/die", "/break"}:
        start_response("200 OK", [("Content-Length", str(MUCH))])
        return _half(path)
    if path == "/think":
        time.sleep(0.5)  # a request that takes its time is the point here
    body = b"x" * MUCH if path == "/much" else str(_connections() if path == "/count" else os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def _half(path: str) -> Iterator[bytes]:
    yield b"x" * 1000
    if path == "/die":
        os.kill(os.getpid(), signal.SIGKILL)
    raise RuntimeError("the application fails in the middle of an answer")


def _connections() -> int:
    """Of the only worker, as it tells the others."""
    return max(WebWorker._shared) - 1

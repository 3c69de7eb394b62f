"""gunicorn tests.deploy.small_app:app: an application that does what a test of the worker wants, by its path."""

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

MUCH = 1_000_000  # bytes


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """/: whose answer this is; /much: a long one; /die: half of one; /think: one that takes half a second."""
    path = environ["PATH_INFO"]
    if path == "/die":
        start_response("200 OK", [("Content-Length", str(MUCH))])
        return _half()
    if path == "/think":
        time.sleep(0.5)
    body = b"x" * MUCH if path == "/much" else str(os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def _half() -> Iterator[bytes]:
    yield b"x" * 1000
    os.kill(os.getpid(), signal.SIGKILL)
    yield b"never"

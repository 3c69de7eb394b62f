"""Start one process of the product and end it, whatever happens."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from prometheus_client.parser import text_string_to_metric_families

SERVICES = ("events", "registration", "notifications")


def environment(folder: Path, **more: str) -> dict[str, str]:
    """SQLite under a folder of one's own."""
    usual = {"VAR": str(folder), "WERKTOR_SECRET_KEY": "k" * 48, "PYTHONUNBUFFERED": "1", "WERKTOR_DEMO": "0"}
    return os.environ | usual | more


def run(service: str, *arguments: str, env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """A command as somebody types it."""
    command = [sys.executable, "-m", f"services.{service}", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)


@contextmanager
def process(*command: str, env: dict[str, str], log: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """Python with these arguments."""
    with log.open("ab") as out:
        child = subprocess.Popen([sys.executable, *command], env=env, stdout=out, stderr=out, start_new_session=True)
    try:
        yield child
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        child.wait(10)


@contextmanager
def gunicorn(service: str, port: int, *, env: dict[str, str], log: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """The web role as in production."""
    settings = ("-m", "gunicorn", "--config", "deploy/gunicorn_settings.py", f"services.{service}.wsgi:app")
    bound = {"WERKTOR_BIND": f"127.0.0.1:{port}", "WERKTOR_PUBLIC_BASE_URL": f"http://127.0.0.1:{port}"}
    with process(*settings, env=env | bound, log=log) as child:
        yield child


_LABELS = ("service", "role", "method", "route", "status", "part")


def figures(port: int) -> dict[str, dict[tuple[str, ...], float]]:
    """What /metrics says: {sample: {label values: value}}, the values in the order of _LABELS, then the rest."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text):
        found.setdefault(family.name, {})
        for each in family.samples:
            labels = sorted(each.labels.items(), key=lambda pair: _LABELS.index(pair[0]) if pair[0] in _LABELS else 9)
            found.setdefault(each.name, {})[tuple(value for _name, value in labels)] = each.value
    return found


def answers(url: str) -> Any:
    """The response, or None while nobody is there."""
    try:
        return requests.get(url, timeout=5)
    except requests.RequestException:
        return None

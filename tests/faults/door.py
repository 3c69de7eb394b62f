"""Asking the product over HTTP as a real client does: every answer is written down, a lost one is asked for again."""

import random
import threading
import time
from collections.abc import Callable
from typing import Any

import requests

from tests.faults.record import Answer, Record

PATIENCE = 45.0  # seconds; longer than nginx waits for a service
LANGUAGES = ("de", "en", "ar")


class Door:
    """One client's connection. `chance` decides about languages only."""

    def __init__(self, base: str, record: Record, chance: random.Random, over: threading.Event) -> None:
        self._base = base
        self._record = record
        self._chance = chance
        self._over = over
        self._local = requests.Session()

    def ask(self, method: str, path: str, *, browser: requests.Session | None = None, **options: Any) -> Any:
        """The answer, or None if none came."""
        token, key = options.pop("token", ""), options.pop("key", "")
        headers = {"Accept-Language": self._chance.choice(LANGUAGES)}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        note = Answer(method, path, 0, language=headers["Accept-Language"])
        try:
            found = (browser or self._local).request(
                method, self._base + path, headers=headers, allow_redirects=False, timeout=PATIENCE, **options
            )
        except requests.RequestException as error:
            note.body = f"{type(error).__name__}: {error}"[:300]
            found = None
        else:
            note.status, note.body = found.status_code, found.text[:1500] if found.status_code >= 500 else ""
            note.content_type = found.headers.get("Content-Type", "")
            note.retry_after = found.headers.get("Retry-After", "")
        note.seconds = time.monotonic() - note.at
        self._record.answers.append(note)
        return found

    def insist(self, act: Callable[[], Any], seconds: float = 60.0) -> Any:
        """Do it until there is a real answer; None if there was none in that time."""
        deadline = time.monotonic() + seconds
        while True:
            found = act()
            if found is not None and found.status_code < 500:
                return found
            if time.monotonic() > deadline or self._over.is_set():
                return None
            retry = found.headers.get("Retry-After", "1") if found is not None else "1"
            self._over.wait(min(float(retry) if retry.isdigit() else 1.0, 2.0) * (0.5 + self._chance.random() / 2))

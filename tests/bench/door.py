"""A web application called in this process, without a socket: werkzeug's client, no cookies.

The client's own work is part of every figure of ours, so that a ratio against a yardstick without HTTP is too low
rather than too high.
"""

import json
from collections.abc import Mapping
from typing import Any

from flask import Flask
from werkzeug.test import Client, TestResponse

BASE = "http://127.0.0.1:8000"


class Door:
    """Asks one application, always with the same headers; any other answer than the one that is wanted is raised."""

    def __init__(self, app: Flask, headers: Mapping[str, str] | None = None) -> None:
        self._client = Client(app, use_cookies=False)
        self._headers = dict(headers or {})

    def post(self, path: str, body: Mapping[str, Any], *, wanted: int = 201) -> None:
        """Send JSON."""
        content = json.dumps(body)
        answer = self._client.post(
            path, base_url=BASE, headers=self._headers, data=content, content_type="application/json"
        )
        _read(answer, wanted)

    def get(self, path: str, *, wanted: int = 200) -> bytes:
        """Read a page."""
        return _read(self._client.get(path, base_url=BASE, headers=self._headers), wanted)


def _read(answer: TestResponse, wanted: int) -> bytes:
    content = answer.get_data()
    if answer.status_code != wanted:
        raise AssertionError(f"{answer.status} instead of {wanted}: {content[:600]!r}")
    return content

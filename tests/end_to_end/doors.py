"""Every address of the product, taken from the applications themselves, so that no test forgets one."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from flask import Flask

from services.events import app as events
from services.events.settings import read_settings as read_events
from services.notifications import app as notifications
from services.notifications.settings import read_settings as read_notifications
from services.registration import app as registration
from services.registration.settings import read_settings as read_registration

EXAMPLES = {"uuid": "00000000-0000-4000-8000-000000000000", "int": "1", "": "abc", "string": "abc", "default": "abc"}
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Door:
    """One method of one address."""

    service: str
    method: str
    rule: str

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.method not in _READS

    @property
    def is_api(self) -> bool:
        """Whether it speaks JSON."""
        return self.rule.startswith(f"/{self.service}/api/")

    @property
    def example(self) -> str:
        """The address with something in the place of its variables."""
        return re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda hit: EXAMPLES.get(hit[1] or "", "abc"), self.rule)

    @property
    def described_as(self) -> str:
        """The address as OpenAPI writes it."""
        return re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", r"{\1}", self.rule)


@cache
def doors() -> tuple[Door, ...]:
    """All of them, of all three services."""
    with _somewhere():
        apps = {
            "events": events.create_app(read_events()),
            "registration": registration.create_app(read_registration()),
            "notifications": notifications.create_app(read_notifications()),
        }
    return tuple(door for service, app in apps.items() for door in _of(service, app))


def _of(service: str, app: Flask) -> Iterator[Door]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Door(service, method, rule.rule)


@contextmanager
def _somewhere() -> Iterator[None]:
    """Settings of an embedded run in a folder of its own."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        try:
            for name in [
                each for each in os.environ if each.startswith(("EVENTS_", "REGISTRATION_", "NOTIFICATIONS_"))
            ]:
                del os.environ[name]
            os.environ["VAR"] = folder
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)

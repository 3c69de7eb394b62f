"""The figures of a service's web role: what gunicorn's workers counted together, and what their /readyz says."""

import http.client
import json
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from shared import metrics
from shared.readiness import BUDGET, Readiness

PARTS = ("database", "identity", "migrations")


def serve(bind: str, *, service: str, web: Any) -> None:
    """In gunicorn's master process: `web` is where its workers listen."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    labels = {"service": service, "role": "web"}
    registry.register(metrics.Build(**labels))
    registry.register(metrics.Parts(Asked(service, web), **labels))
    metrics.serve(bind, registry)


def forget(pid: int) -> None:
    """A worker has ended."""
    mark_process_dead(pid)  # type: ignore[no-untyped-call]


class Asked(Readiness):
    """What a worker answers; if none answers, everything is missing."""

    def __init__(self, service: str, web: tuple[str, int]) -> None:
        super().__init__({name: lambda: None for name in PARTS})
        self._path = f"/{service}/readyz"
        self._web = web

    def missing(self) -> list[str]:
        """What a worker says just now."""
        connection = http.client.HTTPConnection(self._web[0], self._web[1], timeout=BUDGET + 1)
        try:
            connection.request("GET", self._path)
            found: list[str] = json.loads(connection.getresponse().read())["missing"]
        except (OSError, ValueError, http.client.HTTPException):
            return list(PARTS)
        finally:
            connection.close()
        return found

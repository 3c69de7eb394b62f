"""What is counted and measured, and the internal port it is read from (Prometheus text format).

Labels never hold an id, a name, an address or anything else that somebody entered. Without WERKTOR_METRICS_BIND
nothing listens. gunicorn's workers write into one folder and its master answers for all of them
(deploy/gunicorn_settings.py); every other process answers for itself.
"""

import json
import platform
import threading
from collections.abc import Iterable, Iterator
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, make_wsgi_app
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from shared import __version__
from shared.readiness import Readiness

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REQUESTS = Histogram(
    "werktor_request_seconds",
    "Time from a request's arrival to its answer, by route template and class of status.",
    ("service", "method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
SIGN_UPS = Counter(
    "werktor_sign_ups",
    "Sign-ups by result: pending, confirmed, waiting; repeated (known address); refused, invalid, failed.",
    ("result",),
)
WEBHOOK_CALLS = Counter(
    "werktor_webhook_calls", "Calls to other systems by result: delivered, failed (tried again), given_up.", ("result",)
)
MAILS = Counter("werktor_mails", "Attempts to hand a mail in, by what the mail server said.", ("answer",))


class _Quiet(Collector):
    """Asked when somebody reads, and not before."""

    def describe(self) -> Iterable[Metric]:
        """Nothing is known in advance."""
        return []


class Build(_Quiet):
    """Which release a process runs."""

    def __init__(self, **labels: str) -> None:
        self._labels = labels

    def collect(self) -> Iterable[Metric]:
        """werktor_build_info 1."""
        facts = {"version": __version__, "python": platform.python_version()}
        yield InfoMetricFamily("werktor_build", "The release that runs.", facts | self._labels)


class Parts(_Quiet):
    """Whether each part that a process needs is there, asked when the figures are read."""

    def __init__(self, readiness: Readiness, **labels: str) -> None:
        self._readiness = readiness
        self._labels = labels

    def collect(self) -> Iterable[Metric]:
        """werktor_part_up 1 or 0."""
        family = GaugeMetricFamily("werktor_part_up", "1 if the part is there.", labels=[*self._labels, "part"])
        missing = self._readiness.missing()
        for name in self._readiness.names:
            family.add_metric([*self._labels.values(), name], float(name not in missing))
        yield family


class Guarded(_Quiet):
    """Figures that are asked of a database: while it is away they are left out, and the other figures come."""

    def __init__(self, figures: Collector, trouble: tuple[type[Exception], ...]) -> None:
        self._figures = figures
        self._trouble = trouble

    def collect(self) -> Iterator[Metric]:
        """What can be had."""
        try:
            yield from list(self._figures.collect())
        except self._trouble:
            return


def add(collectors: Iterable[Collector]) -> CollectorRegistry:
    """This process's own figures and these."""
    for each in collectors:
        REGISTRY.register(each)
    return REGISTRY


def serve(bind: str, registry: CollectorRegistry, readiness: Readiness | None = None) -> WSGIServer:
    """Answer /metrics, /healthz and /readyz on an internal address like 127.0.0.1:9100, in a thread of its own."""
    host, _, port = bind.rpartition(":")
    server = make_server(host, int(port), _application(registry, readiness), _Server, _Silent)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nobody needs a line for each reading."""


def _application(registry: CollectorRegistry, readiness: Readiness | None) -> "WSGIApplication":
    figures = make_wsgi_app(registry)

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            return figures(environ, start_response)  # type: ignore[no-any-return]
        if path in {"/healthz", "/readyz"}:
            missing = readiness.missing() if readiness and path == "/readyz" else []
            return _say(start_response, "503 Service Unavailable" if missing else "200 OK", missing)
        start_response("404 Not Found", [("Content-Length", "0")])
        return [b""]

    return answer


def _say(start_response: "StartResponse", status: str, missing: list[str]) -> list[bytes]:
    body = json.dumps({"status": "missing" if missing else "ready", "missing": missing}).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]

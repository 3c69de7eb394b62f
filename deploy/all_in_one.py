"""The whole product in one process on this machine: no server, no broker, SQLite under var/, mails in a mailbox page.

PORT (8000) and VAR (var) move it. Ctrl-C or SIGTERM ends it after the current transactions; starting it again goes on
where it was. The first start fills it with the demo story (WERKTOR_DEMO=0 leaves it empty).
"""

import fcntl
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import waitress
from prometheus_client.registry import Collector

from deploy import demo
from deploy.front_door import FrontDoor
from deploy.web_metrics import Asked
from services.events import app as events
from services.events.settings import EventsSettings
from services.events.settings import read_settings as read_events
from services.notifications import app as notifications
from services.notifications.settings import NotificationsSettings
from services.notifications.settings import read_settings as read_notifications
from services.notifications.storage.figures import all_figures
from services.registration import app as registration
from services.registration.settings import RegistrationSettings
from services.registration.settings import read_settings as read_registration
from shared import metrics, telemetry
from shared.messaging import figures
from shared.messaging.workers import Running, start_all
from shared.settings import SettingsFault
from shared.stopping import until_told

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = 16
GRACE_SECONDS = 20


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What each service reads from the environment."""

    events: EventsSettings
    registration: RegistrationSettings
    notifications: NotificationsSettings


class OccupiedError(Exception):
    """Another Werktor, or something else, has what we need."""


def main() -> int:
    """Serve until told to stop."""
    telemetry.configure("werktor", level=os.environ.get("WERKTOR_LOG_LEVEL", "WARNING"))
    try:
        settings = Settings(events=read_events(), registration=read_registration(), notifications=read_notifications())
        with _alone(settings.events.common.var), _listening(int(os.environ.get("PORT", "8000"))) as listener:
            _serve(settings, listener)
    except (SettingsFault, OccupiedError) as fault:
        print(fault, file=sys.stderr)
        return 2
    print("Werktor has stopped; `make run` goes on where it was.", flush=True)
    return 0


def migrate(settings: Settings) -> None:
    """Bring the three databases up to date."""
    events.migrate(settings.events)
    registration.migrate(settings.registration)
    notifications.migrate(settings.notifications)


def application(settings: Settings) -> "WSGIApplication":
    """The three applications behind one origin."""
    registration_app = registration.create_app(settings.registration)
    return FrontDoor(
        {
            "events": events.create_app(settings.events),
            "registration": registration_app,
            "t": registration_app,
            "notifications": notifications.create_app(settings.notifications),
        },
        fallback="events",
        start="/events/",
    )


def start_workers(settings: Settings) -> list[Running]:
    """Every role of every service as threads."""
    return [
        start_all(events.create_workers(settings.events)),
        start_all(registration.create_workers(settings.registration)),
        notifications.start_workers(settings.notifications),
    ]


def _serve(settings: Settings, listener: socket.socket) -> None:
    migrate(settings)
    server = waitress.create_server(
        application(settings),
        sockets=[listener],
        threads=THREADS,
        backlog=1024,
        channel_timeout=30,
        connection_limit=2000,  # idle browsers keep theirs open: a hundred of them must not shut the others out
        asyncore_use_poll=True,  # select() ends at 1024
        ident=None,
        clear_untrusted_proxy_headers=True,
    )
    running = start_workers(settings)
    _be_seen(settings, running, listener.getsockname())
    stop = threading.Event()
    threading.Thread(target=demo.tell, args=(settings.events, stop), name="demo", daemon=True).start()
    until_told(lambda: _answer(server, stop), stop)
    for each in (workers for one in running for workers in one.workers):
        each.stop.set()
    for one in running:
        one.stop()


def _answer(server: Any, stop: threading.Event) -> None:
    """Until told to stop; then nobody is let in any more, and the answers that are underway are given."""
    loop = threading.Thread(target=server.run, name="web", daemon=True)
    loop.start()
    while loop.is_alive() and not stop.wait(0.25):
        pass
    server.accepting = False
    deadline = time.monotonic() + GRACE_SECONDS
    while _is_busy(server) and loop.is_alive() and time.monotonic() < deadline:
        time.sleep(0.05)


def _is_busy(server: Any) -> bool:
    return any(each.requests or each.total_outbufs_len for each in list(server.active_channels.values()))


def _be_seen(settings: Settings, running: list[Running], web: tuple[str, int]) -> None:
    """The figures of all three services on one internal address, if WERKTOR_METRICS_BIND names one."""
    found: list[Collector] = [metrics.Build(service="all", role="all_in_one")]
    for each in (workers for one in running for workers in one.workers):
        more = all_figures(each.engine) if each.service == "notifications" else []
        found += figures.collectors(each.service, each.engine, more)
        found.append(metrics.Parts(Asked(each.service, web), service=each.service, role="web"))
    if bind := settings.events.common.metrics_bind:
        metrics.serve(bind, metrics.add(found))


@contextmanager
def _alone(var: Path) -> Iterator[None]:
    """Hold the data folder: two processes over one in-memory broker each would not hear one another."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OccupiedError(f"Another Werktor is running on {var}/ (VAR= chooses another folder).") from None
        yield


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    """Take the port before anything else is done, so that a taken one is said at once."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            raise OccupiedError(f"Port {port} is taken (PORT= chooses another).") from None
        yield listener


if __name__ == "__main__":
    sys.exit(main())

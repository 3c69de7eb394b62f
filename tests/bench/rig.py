"""What a workload stands on: a PostgreSQL that keeps its word, RabbitMQ, and the services' own processes.

Web processes run under gunicorn with deploy/gunicorn_settings.py as in production (two workers of eight threads);
only the restart of a worker after so many requests is left out, on both sides, so that none falls into a round.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from uuid import uuid4

import psycopg
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from shared.database import connect, sessions_for
from shared.migrations import upgrade
from tests import servers
from tests.bench import client, profiling
from tests.end_to_end.product import free_ports

T = TypeVar("T")
BARE = "tests.bench.bare:app"
_NEVER_WATCHED = (BARE, "tests.bench.same_imports:app")
SECRET_KEY = "the bench's key " * 3
ROOT = Path(__file__).parents[2]
_ROLES = ("services.registration", "services.events", "services.notifications", "tests.bench.two_rows")
_PATIENCE = 120  # seconds until a process answers


@dataclass(frozen=True, kw_only=True)
class Store:
    """A service's own database."""

    url: str  # SQLAlchemy's
    engine: Engine

    @property
    def plain_url(self) -> str:
        """psycopg's and pgbench's."""
        return self.url.replace("postgresql+psycopg://", "postgresql://")

    @property
    def sessions(self) -> sessionmaker[Session]:
        """For arranging and looking."""
        return sessions_for(self.engine)

    @contextmanager
    def bare(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection that commits each statement."""
        with psycopg.connect(self.plain_url, autocommit=True) as connection:
            yield connection

    def settle(self) -> None:
        """Tidy up what was written so far, so that PostgreSQL does not do so in somebody else's turn."""
        with self.bare() as connection:
            connection.execute("VACUUM (ANALYZE)")
            connection.execute("CHECKPOINT")


@dataclass(frozen=True, kw_only=True)
class Web:
    """A web application under gunicorn."""

    port: int
    process: "subprocess.Popen[bytes]"
    log: Path

    def workers(self) -> list[int]:
        """The process ids of gunicorn's workers."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(each) for each in path.read_text().split()]


@dataclass
class Rig:
    """Opened for one workload; everything it started ends with it."""

    folder: Path
    stack: ExitStack
    processes: "list[subprocess.Popen[bytes]]" = field(default_factory=list)
    made: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def once(self, make: Callable[..., T], *what: object) -> T:
        """make(rig, *what), or what it made before: workloads that are tried on one rig share their parts."""
        key = (make, *what)
        if key not in self.made:
            self.made[key] = make(self, *what)
        found: T = self.made[key]
        return found

    def store(self, service: str) -> Store:
        """A new database with all migrations of the service."""
        url = self.stack.enter_context(servers.fresh_database(servers.durable_postgres()))
        engine = connect(url)
        self.stack.callback(engine.dispose)
        upgrade(engine, f"services.{service}.storage.migrations")
        return Store(url=url, engine=engine)

    def web(self, application: str, environment: Mapping[str, str] | None = None, *, ready: str = "") -> Web:
        """Serve module:name, and wait until it answers at the path `ready`."""
        port = self.stack.enter_context(free_ports(1))
        settings = str(ROOT / "deploy" / "gunicorn_settings.py")
        more = {"WERKTOR_BIND": f"127.0.0.1:{port}", "WERKTOR_PUBLIC_BASE_URL": f"http://127.0.0.1:{port}"}
        service = application.split(".")[1]
        if profiling.FOLDER in os.environ and application not in _NEVER_WATCHED:
            more |= {"BENCH_APP": application, "WERKTOR_WEB_WORKERS": "1", "WERKTOR_WEB_THREADS": "1"}
            application = "tests.bench.profiled:app"
        command = ["gunicorn", "--config", settings, "--max-requests", "0", application]
        process, log = self.start(command, {**more, **(environment or {})})
        web = Web(port=port, process=process, log=log)
        _wait_for(web, ready or f"/{service}/healthz")
        return web

    def service(self, name: str, store: Store, **environment: str) -> Web:
        """The web role of a service on its database."""
        return self.web(f"services.{name}.wsgi:app", {**self.settings(name, store), **environment})

    def role(self, name: str, role: str, store: Store, **environment: str) -> "subprocess.Popen[bytes]":
        """Another role of a service: relay, consume, deliver …"""
        process, _ = self.start([f"services.{name}", role], {**self.settings(name, store), **environment})
        return process

    def settings(self, service: str, store: Store) -> dict[str, str]:
        """What all roles of a service are told."""
        return {
            f"{service.upper()}_DATABASE_URL": store.url,
            "VAR": str(self.folder),
            "WERKTOR_SECRET_KEY": SECRET_KEY,
        }

    def start(
        self, module: list[str], environment: Mapping[str, str] | None = None
    ) -> "tuple[subprocess.Popen[bytes], Path]":
        """Run a Python module of ours; its process and its log."""
        watched = ["tests.bench.profiled_role"] if profiling.FOLDER in os.environ and module[0] in _ROLES else []
        path = self.folder / f"{uuid4().hex[:8]}.log"
        with path.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *watched, *module],
                cwd=ROOT,
                env={**os.environ, **_bytecode(), "PYTHONUNBUFFERED": "1", **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        servers.note(process)
        self.stack.callback(end, process)
        self.processes.append(process)
        return process, path

    def wait_for_port(self, port: int) -> None:
        """Until somebody listens there."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError(f"nobody listens on port {port}")


@contextmanager
def open_rig() -> Iterator[Rig]:
    """Nothing is started before it is asked for."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="werktor-bench-")))
        rig = Rig(folder=folder, stack=stack)
        yield rig
        for each in rig.processes:  # all at once; the stack waits for them
            each.send_signal(signal.SIGTERM)


def end(process: "subprocess.Popen[bytes]") -> None:
    """In order if it can, with all its children."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def _bytecode() -> dict[str, str]:
    """Compiled once a run and kept, as an installation does; without it every process would compile everything."""
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(servers.run_folder() / "pycache")}


def _wait_for(web: Web, path: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            status, _, body = client.ask(web.port, client.get(path, web.port))
        except (OSError, client.WrongAnswer):
            status, body = 0, b""
        if status and status < 400:
            return
        if web.process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"it does not answer ({status} {body[:300]!r}): {web.log.read_text()[-3000:]}")
        time.sleep(0.05)

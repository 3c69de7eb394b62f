"""Throw-away PostgreSQL and RabbitMQ for tests: found, installed if root may, started once per run, always stopped.

A run is one pytest session with all its workers; its servers live in a directory named after the first process, and
the next run ends what a killed one left behind. TEST_POSTGRES_URL and TEST_BROKER_URL name servers to use instead.
"""

import base64
import contextlib
import fcntl
import hashlib
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import psycopg

BASE = Path(tempfile.gettempdir()) / f"werktor-tests-{os.getuid()}"
VHOSTS = 48
HASTY: "dict[str, object]" = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": 300,
}
DURABLE: "dict[str, object]" = {
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "max_connections": 200,
}
_started: list["subprocess.Popen[bytes]"] = []  # kept, so that nobody warns about running children


class ServerMissing(Exception):
    """One clear line for the person who runs the tests."""


def begin_run() -> None:
    """Called by the first process of a run; its workers inherit the name."""
    BASE.mkdir(mode=0o755, exist_ok=True)
    for left in BASE.iterdir():
        if not _alive(left.name):
            _end(left)
    os.environ["WERKTOR_TEST_RUN"] = f"{os.getpid()}-{_birth(os.getpid())}"


def end_run() -> None:
    """Called by the first process when everything is over."""
    _end(_folder())
    for each in _started:
        with contextlib.suppress(subprocess.TimeoutExpired):
            each.wait(5)
    _started.clear()


def run_folder() -> Path:
    """The directory of this run; it goes with the run."""
    return _folder()


def note(process: "subprocess.Popen[bytes]") -> None:
    """A child of somebody else's, with a process group of its own: the end of the run, or the next run, is its end."""
    folder = _folder() / "others"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{process.pid}.pid").write_text(f"{process.pid} {_birth(process.pid)}")


def postgres() -> str:
    """URL of the server, database `postgres`."""
    return os.environ.get("TEST_POSTGRES_URL") or _once("postgres", _start_postgres)


def durable_postgres() -> str:
    """URL of one that keeps its word as in production: fsync and synchronous commit are on. For what is measured."""
    return _once("postgres-durable", partial(_start_postgres, settings=DURABLE))


def rabbitmq() -> str:
    """URL of the server without a virtual host, to which one is added."""
    return _once("rabbitmq", _start_rabbitmq)


@contextlib.contextmanager
def fresh_database(server: str = "") -> Iterator[str]:
    """A database of one's own, dropped afterwards; psycopg's URL for SQLAlchemy. `server`: the tests' own otherwise."""
    server = (server or postgres()).replace("postgresql+psycopg://", "postgresql://")
    name = f"test_{os.getpid()}_{next(_numbers)}"
    _admin(server, f'CREATE DATABASE "{name}"')
    try:
        yield f"{server.rpartition('/')[0]}/{name}".replace("postgresql://", "postgresql+psycopg://")
    finally:
        _admin(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def fresh_vhost() -> str:
    """Broker URL with a virtual host that no test of this run has used; or the one that was set, emptied."""
    given = os.environ.get("TEST_BROKER_URL")
    if given:
        return given
    server = rabbitmq()
    with _locked("vhosts"):
        counter = _folder() / "vhosts.next"
        number = int(counter.read_text()) if counter.exists() else 0
        counter.write_text(str(number + 1))
    if number >= VHOSTS:
        _rabbitmqctl("add_vhost", f"t{number}")
        _rabbitmqctl("set_permissions", "-p", f"t{number}", "werktor", ".*", ".*", ".*")
    return f"{server}/t{number}"


class OwnRabbitMQ:
    """A broker of one test's own, which it may kill. The default virtual host is t0."""

    def __init__(self) -> None:
        self._folder = _folder() / f"rabbitmq-{os.getpid()}-{next(_numbers)}"
        self._folder.mkdir(parents=True)
        self.url = f"{_start_rabbitmq(self._folder, vhosts=1)}/t0"

    def kill(self) -> None:
        """As a power cut would; nothing of it answers any more."""
        _kill(self._folder / "server.pid", signal.SIGKILL)
        port, deadline = json.loads((self._folder / "ports").read_text())["amqp"], time.monotonic() + 30
        while _listens(port):  # who follows a dead shell is slower
            if time.monotonic() > deadline:
                raise AssertionError("the killed broker still answers")
            time.sleep(0.02)  # looked at again, until the deadline

    def start(self) -> None:
        """Again, on the same ports, with what is on its disk."""
        _launch_rabbitmq(self._folder, json.loads((self._folder / "ports").read_text()))

    def wipe(self) -> None:
        """Everything on its disk is lost; to be called while it is down."""
        shutil.rmtree(self._folder / "mnesia", ignore_errors=True)

    def end(self) -> None:
        """Nothing of it stays."""
        _end_servers(self._folder)


class OwnPostgres:
    """A server of one test's own, which it may restart and crash. It keeps what was committed."""

    def __init__(self) -> None:
        self._folder = _folder() / f"postgres-{os.getpid()}-{next(_numbers)}"
        self._folder.mkdir(mode=0o755, parents=True)
        self.url = _start_postgres(self._folder, settings=HASTY | {"synchronous_commit": "on"})

    def create(self, name: str) -> str:
        """A new database; its URL for SQLAlchemy."""
        _admin(self.url, f'CREATE DATABASE "{name}"')
        return f"{self.url.rpartition('/')[0]}/{name}".replace("postgresql://", "postgresql+psycopg://")

    def kill(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """SIGINT: every connection is ended in order; SIGQUIT: at once, and it recovers at the start."""
        _kill(self._folder / "server.pid", how)

    def start(self) -> None:
        """Again, on the same port."""
        _launch_postgres(self._folder)

    def end(self) -> None:
        """Nothing of it stays."""
        _end_servers(self._folder)


_numbers = itertools.count()


def _admin(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type, call-overload, unused-ignore]


def _folder() -> Path:
    return BASE / os.environ["WERKTOR_TEST_RUN"]


def _once(name: str, start: Callable[[Path], str]) -> str:
    with _locked(name):
        folder = _folder() / name
        if (folder / "failed").exists():
            raise ServerMissing((folder / "failed").read_text())
        if not (folder / "url").exists():
            folder.mkdir()
            try:
                url = start(folder)
            except ServerMissing as missing:
                (folder / "failed").write_text(str(missing))
                raise
            (folder / "url").write_text(url)
        return (folder / "url").read_text()


@contextlib.contextmanager
def _locked(name: str) -> Iterator[None]:
    _folder().mkdir(mode=0o755, parents=True, exist_ok=True)
    with (_folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def postgres_program(name: str) -> Path:
    """Where a program of the PostgreSQL that is installed lies."""
    return _find(
        "PostgreSQL", "postgresql", lambda: sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    ).with_name(name)


def _start_postgres(folder: Path, settings: Mapping[str, object] = HASTY) -> str:
    user = _as_user("postgres", folder)
    (port,) = _free_ports(1)
    options = ["-A", "trust", "-U", "werktor", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]
    _run([*user, str(postgres_program("initdb")), "-D", str(folder / "data"), *options], folder)
    where = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": str(folder)}
    (folder / "settings").write_text(json.dumps({**where, **settings}))
    return _launch_postgres(folder)


def _launch_postgres(folder: Path) -> str:
    settings = json.loads((folder / "settings").read_text())
    flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = [*_as_user("postgres", folder), str(postgres_program("postgres")), "-D", str(folder / "data"), *flags]
    process = _spawn(command, folder, "server", {})
    url = f"postgresql://werktor@127.0.0.1:{settings['port']}/postgres"
    _wait_for(lambda: _answers(url), process, folder, "PostgreSQL")
    return url


def _start_rabbitmq(folder: Path, vhosts: int = VHOSTS) -> str:
    _find("RabbitMQ", "rabbitmq-server", lambda: sorted(Path("/usr/lib/rabbitmq/bin").glob("rabbitmq-server")))
    ports = dict(zip(("amqp", "dist", "epmd"), _free_ports(3), strict=True))
    (folder / "ports").write_text(json.dumps(ports))
    (folder / "plugins").write_text("[].")
    (folder / "definitions.json").write_text(json.dumps(_definitions(vhosts)))
    (folder / "rabbitmq.conf").write_text(
        f"load_definitions = {folder}/definitions.json\ndisk_free_limit.absolute = 50MB\n"
    )
    epmd = [*_as_user("rabbitmq", folder), "epmd", "-address", "127.0.0.1", "-port", str(ports["epmd"])]
    _spawn(epmd, folder, "epmd", {})
    _launch_rabbitmq(folder, ports)
    return f"amqp://werktor:werktor@127.0.0.1:{ports['amqp']}"


def _launch_rabbitmq(folder: Path, ports: dict[str, int]) -> None:
    command = [*_as_user("rabbitmq", folder), "/usr/lib/rabbitmq/bin/rabbitmq-server"]
    process = _spawn(command, folder, "server", _rabbit_environment(folder, ports))
    _wait_for(lambda: _listens(ports["amqp"]), process, folder, "RabbitMQ")


def _rabbit_environment(folder: Path, ports: dict[str, int]) -> dict[str, str]:
    return {
        "HOME": str(folder),
        "RABBITMQ_NODENAME": f"werktor{ports['amqp']}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(ports["amqp"]),
        "RABBITMQ_DIST_PORT": str(ports["dist"]),
        "ERL_EPMD_PORT": str(ports["epmd"]),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "RABBITMQ_MNESIA_BASE": f"{folder}/mnesia",
        "RABBITMQ_LOG_BASE": f"{folder}/log",
        "RABBITMQ_PID_FILE": f"{folder}/rabbit.pid",
        "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
        "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
    }


def _rabbitmqctl(*arguments: str) -> None:
    folder = _folder() / "rabbitmq"
    environment = _rabbit_environment(folder, json.loads((folder / "ports").read_text()))
    command = [*_as_user("rabbitmq", folder), "/usr/lib/rabbitmq/bin/rabbitmqctl"]
    node = environment["RABBITMQ_NODENAME"]
    subprocess.run([*command, "-n", node, *arguments], env=os.environ | environment, check=True, capture_output=True)


def _definitions(count: int) -> dict[str, object]:
    salt = os.urandom(4)
    password = base64.b64encode(salt + hashlib.sha256(salt + b"werktor").digest()).decode()
    vhosts = [f"t{number}" for number in range(count)]
    everything = {"user": "werktor", "configure": ".*", "write": ".*", "read": ".*"}
    return {
        "users": [{"name": "werktor", "password_hash": password, "tags": "administrator"}],
        "vhosts": [{"name": name} for name in vhosts],
        "permissions": [{"vhost": name, **everything} for name in vhosts],
    }


def _find(name: str, package: str, look: Callable[[], list[Path]]) -> Path:
    if not look() and os.getuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "--no-install-recommends", package]):
            subprocess.run(["apt-get", "-q", *command], env=environment, check=False, capture_output=True)
    if not look():
        raise ServerMissing(
            f"{name} is missing: apt-get install {package}, or run the part without: make test-embedded"
        )
    return look()[-1]


def _as_user(name: str, folder: Path) -> list[str]:
    """Root must not run servers; setpriv, unlike su, keeps the limit of open files."""
    if os.getuid() != 0:
        return []
    shutil.chown(folder, name, name)
    return ["setpriv", f"--reuid={name}", f"--regid={name}", "--clear-groups"]


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    if done.returncode:
        raise ServerMissing(f"{command[-1]} failed: {done.stderr.decode(errors='replace').strip()}")


def _spawn(command: list[str], folder: Path, name: str, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    with (folder / f"{name}.out").open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    (folder / f"{name}.pid").write_text(f"{process.pid} {_birth(process.pid)}")
    _started.append(process)
    return process


def _wait_for(ready: Callable[[], bool], process: "subprocess.Popen[bytes]", folder: Path, name: str) -> None:
    deadline = time.monotonic() + 180  # a broker takes a minute to come back where ten others want its processor
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise ServerMissing(f"{name} did not start: {(folder / 'server.out').read_text(errors='replace')[-600:]}")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _end(run: Path) -> None:
    for folder in run.glob("*/"):
        _end_servers(folder)
    shutil.rmtree(run, ignore_errors=True)


def _end_servers(folder: Path) -> None:
    for pid_file in folder.glob("*.pid"):
        if pid_file.name != "rabbit.pid":
            _kill(pid_file, signal.SIGINT if "postgres" in folder.name else signal.SIGKILL)


def _kill(pid_file: Path, how: signal.Signals) -> None:
    """The process group that we started, unless its number belongs to somebody else by now."""
    pid, birth = pid_file.read_text().split()
    if _birth(int(pid)) != birth:
        return
    os.killpg(int(pid), how)
    deadline = time.monotonic() + 10
    while _birth(int(pid)) == birth and not _is_zombie(int(pid)):
        if time.monotonic() > deadline:
            os.killpg(int(pid), signal.SIGKILL)
        time.sleep(0.02)


def _alive(run: str) -> bool:
    pid, _, birth = run.partition("-")
    return pid.isdigit() and _birth(int(pid)) == birth


def _birth(pid: int) -> str:
    """When a process started, so that a reused number is not mistaken for it; empty if there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True

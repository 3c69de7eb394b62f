"""The product as the fault run sees it: its processes by role, its databases to read, its clocks to step."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from sqlalchemy import Engine

from services.events.__main__ import main as commands
from services.registration.domain.links import Links
from shared.database import connect
from tests import servers
from tests.end_to_end.product import Product, free_ports
from tests.end_to_end.setting import EMBEDDED, SERVERS, settle, token
from tests.faults.disk import SmallDisk
from tests.faults.post_office import PostOffice
from tests.faults.record import Record
from tests.faults.wire import Wire

SERVICES = ("events", "registration", "notifications")
CLOCK = Path(__file__).parent / "clock"


class Quick(Product):
    """Commands are run in this process, which has read all the code already."""

    def _is_ready(self, service: str) -> bool:
        """Asked a few times a second: who asks more often keeps it from starting."""
        time.sleep(0.3)
        return super()._is_ready(service)

    def run(self, *arguments: str) -> str:
        """A command of the events service; its output."""
        before = dict(os.environ)
        os.environ.update(self.environment)
        try:
            with redirect_stdout(StringIO()) as said:
                commands.main(list(arguments), standalone_mode=False)
        finally:
            os.environ.clear()
            os.environ.update(before)
        return said.getvalue().strip()


@dataclass
class Process:
    """One of the product's processes. Role: events.web (a worker), events.web master, events.relay …"""

    pid: int
    role: str


@dataclass
class Site:
    """All that faults and checks need to reach."""

    way: str
    folder: Path
    product: Product
    office: PostOffice
    record: Record
    engines: dict[str, Engine] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    postgres: servers.OwnPostgres | None = None
    broker: servers.OwnRabbitMQ | None = None
    wire: Wire | None = None
    disk: SmallDisk | None = None

    @property
    def clocks(self) -> Path:
        """Where processes look for what their clock should show."""
        return self.folder / "clocks"

    def processes(self, role: str = "") -> list[Process]:
        """Those that run now, of all roles or of one."""
        root = self.product.process
        if root is None:
            return []
        if self.way == "embedded":
            found = [Process(root.pid, "all")]
        else:
            found = [each for each in _family(root.pid) if each.pid != root.pid]
        return [each for each in found if role in {"", each.role}]

    @property
    def links(self) -> Links:
        """What stands on a person's own page."""
        secret = (
            self.product.environment.get("WERKTOR_SECRET_KEY")
            or (Path(self.product.environment["VAR"]) / "secret.key").read_text()
        )
        return Links(base_url=self.product.base, key=secret.strip().encode())

    def step_clock(self, pid: int | None, seconds: float) -> None:
        """One process is ahead of the world by so much; None: all that have no time of their own."""
        target = self.clocks / (str(pid) if pid else "all")
        draft = target.with_suffix(".draft")
        draft.write_text(str(seconds))
        draft.rename(target)

    def kill(self, pid: int) -> None:
        """As the kernel would when memory is short."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@contextmanager
def embedded(folder: Path, record: Record) -> Iterator[Site]:
    """`make run` as it comes, but with a mail server and on a small disk."""
    with ExitStack() as stack:
        port = stack.enter_context(free_ports(1))
        office = stack.enter_context(PostOffice(record))
        disk = stack.enter_context(SmallDisk(folder / "disk"))
        environment = {"VAR": str(disk.folder), "WERKTOR_DEMO": "0"}
        product = Quick(EMBEDDED, environment | _common(folder, port, office), folder)
        site = Site("embedded", folder, product, office, record, disk=disk)
        urls = {name: f"sqlite:///{disk.folder}/{name}.db" for name in SERVICES}
        yield from _running(site, urls, stack)


@contextmanager
def on_servers(folder: Path, record: Record, *, copies: int = 2) -> Iterator[Site]:
    """Every role as a process, `copies` of those that may be many, on servers of our own; the broker behind a wire."""
    with ExitStack() as stack:
        port = stack.enter_context(free_ports(4))
        office = stack.enter_context(PostOffice(record))
        postgres, broker = servers.OwnPostgres(), servers.OwnRabbitMQ()
        stack.callback(postgres.end)
        stack.callback(broker.end)
        address = broker.url.partition("@")[2].partition("/")[0]
        host, _, amqp = address.partition(":")
        wire = stack.enter_context(Wire(host, int(amqp)))
        urls = {name: postgres.create(name) for name in SERVICES}
        environment = {
            "VAR": str(folder / "var"),
            **{f"{name.upper()}_DATABASE_URL": url for name, url in urls.items()},
            "WERKTOR_BROKER_URL": broker.url.replace(address, f"127.0.0.1:{wire.port}"),
            "WERKTOR_SECRET_KEY": "only-for-this-test-run-0123456789abcdef",
            "WERKTOR_REPLICAS": str(copies),
            "WERKTOR_WEB_WORKERS": str(copies),
            "WERKTOR_WEB_THREADS": "4",
        }
        (folder / "var").mkdir()
        product = Quick(SERVERS, environment | _common(folder, port, office), folder, patience=600)
        site = Site("servers", folder, product, office, record, postgres=postgres, broker=broker, wire=wire)
        yield from _running(site, urls, stack)


def _common(folder: Path, port: int, office: PostOffice) -> dict[str, str]:
    (folder / "clocks").mkdir()
    return {
        "PORT": str(port),
        "WERKTOR_PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        "NOTIFICATIONS_SMTP_URL": office.url,
        "REGISTRATION_FORM_MINIMUM_SECONDS": "0",
        "PYTHONPATH": str(CLOCK),
        "FAULTS_CLOCKS": str(folder / "clocks"),
    }


def _running(site: Site, urls: dict[str, str], stack: ExitStack) -> Iterator[Site]:
    stack.callback(_end, site)
    site.product.start()
    settle(site.product)
    site.tokens = {role: token(site.product, role) for role in ("organiser", "helper")}
    for name, url in urls.items():
        site.engines[name] = connect(url, pool_size=2)
        stack.callback(site.engines[name].dispose)
    yield site


def _end(site: Site) -> None:
    """In order if it can; what a failed start left behind goes too."""
    try:
        site.product.stop()
    finally:
        left = site.processes()
        with suppress(ProcessLookupError):
            site.product.kill()
        for each in left:
            site.kill(each.pid)
        with suppress(OSError):
            shutil.copy(site.product.log, site.folder / "product.log")


def _family(root: int) -> Iterator[Process]:
    parents, lines = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                lines[int(folder.name)] = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
    for pid, line in lines.items():
        if root in _ancestors(pid, parents):
            yield Process(pid, _role(line, is_child_of_root=parents[pid] == root))


def _ancestors(pid: int, parents: dict[int, int]) -> Iterator[int]:
    while pid in parents:
        pid = parents[pid]
        yield pid


def _role(line: list[str], *, is_child_of_root: bool) -> str:
    if any("gunicorn" in part for part in line):
        (service,) = [part.split(".")[1] for part in line if part.startswith("services.")]
        return f"{service}.web master" if is_child_of_root else f"{service}.web"
    named = [place for place, part in enumerate(line) if part.startswith("services.")]
    if named:
        return f"{line[named[0]].split('.')[1]}.{line[named[0] + 1]}"
    return Path(line[0].partition(":")[0]).name

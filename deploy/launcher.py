"""All roles of the three services as separate processes, with nginx in front; restarts what dies.

Needs EVENTS_DATABASE_URL, REGISTRATION_DATABASE_URL, NOTIFICATIONS_DATABASE_URL and WERKTOR_BROKER_URL. PORT is the
public port on 127.0.0.1; the services listen on the three ports after it. WERKTOR_REPLICAS (1) is the number of
consume processes of each service. With WERKTOR_METRICS_BIND (127.0.0.1:9100) each process shows its figures on a port
of its own, counted from there; VAR/metrics.json lists them for Prometheus. Ctrl-C or SIGTERM ends everything in order.
"""

import getpass
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

SERVICES = ("events", "registration", "notifications")
NEEDED = (*(f"{name.upper()}_DATABASE_URL" for name in SERVICES), "WERKTOR_BROKER_URL")
HERE = Path(__file__).parent
GRACE_SECONDS = 25


@dataclass
class Role:
    """One process: what it is called, how it is started, and when it may be started again."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    child: subprocess.Popen[str] | None = None
    failures: int = 0
    not_before: float = field(default=0.0)

    def start(self) -> None:
        """Start it and pass its lines on with its name before them."""
        self.child = subprocess.Popen(
            self.command, env=dict(self.environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        threading.Thread(target=_pass_on, args=(self.name, self.child), daemon=True).start()

    def revive(self, now: float) -> None:
        """Start it again if it died, later each time it dies soon after."""
        if self.child is None or self.child.poll() is None or now < self.not_before:
            return
        self.failures += 1
        self.not_before = now + min(10.0, 0.2 * 2**self.failures)
        print(f"{self.name} ended with {self.child.returncode}; starting it again", flush=True)
        self.start()


def main() -> int:
    """Migrate, start every role, watch them until told to stop."""
    missing = [name for name in NEEDED if not os.environ.get(name)]
    if missing:
        print("Please set " + ", ".join(missing) + ".", file=sys.stderr)
        return 2
    environment = _environment()
    _migrate(environment)
    roles = _watched(list(_roles(environment)), environment)
    told: list[int] = []  # a list, because a handler must not wait for a lock that it may have interrupted
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda number, _frame: told.append(number))
    for role in roles:
        role.start()
    print(f"Werktor is at {environment['WERKTOR_PUBLIC_BASE_URL']}/", flush=True)
    while not told:
        time.sleep(0.2)
        for role in roles:
            role.revive(time.monotonic())
    _stop_all(roles)
    return 0


def _migrate(environment: Mapping[str, str]) -> None:
    """All databases at once; none of the roles starts if one of them cannot be brought up to date."""
    commands = [[sys.executable, "-m", f"services.{service}", "migrate"] for service in SERVICES]
    running = [subprocess.Popen(command, env=environment) for command in commands]
    for code, command in [(each.wait(), each.args) for each in running]:
        if code:
            raise subprocess.CalledProcessError(code, command)


def _environment() -> dict[str, str]:
    port = os.environ.get("PORT", "8000")
    defaults = {
        "PORT": port,
        "VAR": str(Path("var").resolve()),
        "WERKTOR_PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        "WERKTOR_TRUSTED_PROXIES": "1",
        "PYTHONUNBUFFERED": "1",
    }
    return {**defaults, **os.environ}


def _roles(environment: dict[str, str]) -> Iterator[Role]:
    port = int(environment["PORT"])
    for offset, service in enumerate(SERVICES, start=1):
        bind = {"WERKTOR_BIND": f"127.0.0.1:{port + offset}"}
        gunicorn = [sys.executable, "-m", "gunicorn", "--config", str(HERE / "gunicorn_settings.py")]
        yield Role(f"{service}.web", [*gunicorn, f"services.{service}.wsgi:app"], environment | bind)
        for role in ("relay", "schedule", *["consume"] * int(environment.get("WERKTOR_REPLICAS", "1"))):
            yield Role(f"{service}.{role}", [sys.executable, "-m", f"services.{service}", role], environment)
    yield Role("notifications.deliver", [sys.executable, "-m", "services.notifications", "deliver"], environment)
    yield from _front_door(environment)


def _watched(roles: list[Role], environment: Mapping[str, str]) -> list[Role]:
    """Give every process of ours an internal port, and write down which (Prometheus' file_sd_configs)."""
    host, _, first = environment.get("WERKTOR_METRICS_BIND", "").rpartition(":")
    if not host:
        return roles
    targets = []
    for port, role in enumerate((each for each in roles if each.name != "nginx"), start=int(first)):
        role.environment = {**role.environment, "WERKTOR_METRICS_BIND": f"{host}:{port}"}
        targets.append({"targets": [f"{host}:{port}"], "labels": {"job": "werktor", "process": role.name}})
    Path(environment["VAR"]).mkdir(parents=True, exist_ok=True)
    (Path(environment["VAR"]) / "metrics.json").write_text(json.dumps(targets, indent=1))
    return roles


def _front_door(environment: dict[str, str]) -> Iterator[Role]:
    nginx = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if nginx is None:
        print("nginx is not installed: put a proxy of your own in front (deploy/nginx.conf.template).", flush=True)
        return
    folder = Path(environment["VAR"]).resolve() / "nginx"
    folder.mkdir(parents=True, exist_ok=True)
    text = (HERE / "nginx.conf.template").read_text()
    port = int(environment["PORT"])
    values = {"VAR": str(folder.parent), "PORT": str(port), "USER": _worker_user(), "AGAIN": str(HERE / "again")}
    values |= {f"{name.upper()}_PORT": str(port + offset) for offset, name in enumerate(SERVICES, start=1)}
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    configuration = folder / "nginx.conf"
    configuration.write_text(text)
    yield Role("nginx", [nginx, "-e", "stderr", "-p", str(folder), "-c", str(configuration)], environment)


def _worker_user() -> str:
    """Started by root, nginx would work as nobody, who cannot put large bodies into our folder."""
    return f"user {getpass.getuser()};" if os.geteuid() == 0 else ""


def _pass_on(name: str, child: subprocess.Popen[str]) -> None:
    if child.stdout is None:
        return
    for line in child.stdout:
        print(f"{name:22} {line}", end="", flush=True)


def _stop_all(roles: list[Role]) -> None:
    """The front door first: it takes nobody in any more and waits for the answers that are underway."""
    doors = [role for role in roles if role.name == "nginx"]
    _stop(doors, signal.SIGQUIT)
    _stop([role for role in roles if role not in doors], signal.SIGTERM)


def _stop(roles: list[Role], how: signal.Signals) -> None:
    """Each ends what it has begun; whoever needs longer than the grace is killed, and loses nothing either."""
    children = [role.child for role in roles if role.child is not None]
    for child in children:
        if child.poll() is None:
            child.send_signal(how)
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()


if __name__ == "__main__":
    sys.exit(main())

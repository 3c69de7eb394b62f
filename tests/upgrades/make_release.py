"""Make the fixture of one release: `python -m tests.upgrades.make_release COMMIT NAME` (README.md says when).

The product of that commit is really started, on SQLite and on PostgreSQL, with its demo; people sign up, are let in,
sign in and out; it is ended while messages are still underway; then its databases are written down as SQL.
"""

import hashlib
import json
import lzma
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
import yaml

from tests import servers
from tests.end_to_end.product import Product, eventually, free_ports

HERE = Path(__file__).parent
SERVICES = ("events", "registration", "notifications")
PEOPLE = 30
TICKET = r"(?:[0-9A-Z]{2,6}[ -]){4,}[0-9A-Z]{2,6}"
SPOKEN = ("SELECT", "INSERT", "UPDATE", "DELETE")
RECORDER = """
import json, os
from sqlalchemy import Engine, event

SAID = {}

@event.listens_for(Engine, "before_cursor_execute")
def note(_connection, _cursor, statement, parameters, context, _many):
    if context is not None and context.compiled is not None and context.dialect.name == "sqlite":
        SAID.setdefault(statement, None)

def pytest_unconfigure(config):
    with open(os.environ["SAID"], "w") as out:
        json.dump(list(SAID), out)
"""


def main(commit: str, name: str) -> None:
    """Start, live, end, write down."""
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    servers.begin_run()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            code = _check_out(commit, Path(scratch) / "code")
            with ExitStack() as stack:
                urls = {service: stack.enter_context(servers.fresh_database()) for service in SERVICES}
                _live(code, Path(scratch) / "postgres", urls)
                for service, url in urls.items():
                    _write(folder / f"{service}.postgres.sql.xz", _postgres_dump(url))
            files = {service: f"sqlite:///{scratch}/sqlite/{service}.db" for service in SERVICES}
            _live(code, Path(scratch) / "sqlite", files)
            for service in SERVICES:
                _write(folder / f"{service}.sqlite.sql.xz", _sqlite_dump(Path(scratch) / "sqlite" / f"{service}.db"))
            (folder / "migrations.json").write_text(json.dumps(_migrations(code), indent=1) + "\n")
            _write(folder / "statements.json.xz", _statements(code, Path(scratch)))
    finally:
        servers.end_run()


@contextmanager
def started(environment: dict[str, str]) -> Iterator[Product]:
    """The whole product in one process; it ends with the block, however that ends."""
    product = Product([sys.executable, "-m", "deploy.all_in_one"], environment, Path(environment["VAR"]) / "mail")
    product.start()
    try:
        yield product
    finally:
        with suppress(ProcessLookupError):  # it has ended, as it should
            product.kill()


def _check_out(commit: str, code: Path) -> Path:
    code.mkdir()
    archive = subprocess.run(["git", "archive", commit], check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(code)], input=archive, check=True)
    return code


def _live(code: Path, var: Path, urls: dict[str, str]) -> None:
    var.mkdir()
    with free_ports(1) as port:
        environment = {
            "VAR": str(var),
            "PORT": str(port),
            "PYTHONPATH": str(code),
            "WERKTOR_PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
            "WERKTOR_SECRET_KEY": "k" * 48,
            **{f"{service.upper()}_DATABASE_URL": url for service, url in urls.items()},
        }
        with _in(code), started(environment) as product:
            _days_work(product)
            eventually(lambda: len(product.mails()) > PEOPLE * 2, what="tickets were sent", seconds=180)
            product.stop()


def _days_work(product: Product) -> None:
    token = product.run("create-token", "--organisation", "torweg", "--role", "admin")
    api = requests.Session()
    api.headers["Authorization"] = f"Bearer {token}"
    event = eventually(lambda: _open_event(api, product.base), what="an event is open")
    signed_up = {"name": "Олена Шевченко", "email": "olena@example.org", "consents": {"privacy": True}}
    registrations = f"{product.base}/registration/api/v1/events/{event['id']}/registrations"
    wish = signed_up | {"locale": "de", "quota_ids": [_free(event)["id"]]}
    eventually(
        lambda: api.post(registrations, json=wish, headers={"Idempotency-Key": "once"}).status_code == 201,
        what="somebody is registered",
    )
    ticket = product.link("olena@example.org", TICKET)
    scan = {"ticket": ticket, "scan_id": str(uuid4()), "session_id": event["sessions"][0]["id"]}
    _expect(api.post(f"{product.base}/registration/api/v1/check-ins", json=scan), 201)
    tokens = f"{product.base}/events/api/v1/organisations/torweg/tokens"
    given = _expect(api.post(tokens, json={"role": "helper", "name": "gate"}), 201).json()
    _expect(api.delete(f"{tokens}/{given['id']}"), 204)
    draft = {"title": {"de": "Probe"}, "format": "career_workshop"}
    api.post(f"{product.base}/events/api/v1/events", json=draft, headers={"Idempotency-Key": "draft"})
    _pair_a_phone_and_leave(product, event["slug"])


def _pair_a_phone_and_leave(product: Product, slug: str) -> None:
    browser = requests.Session()
    browser.headers["Origin"] = product.base
    story = yaml.safe_load(Path("deploy/demo/story.yaml").read_text())
    email = story["people"][0]["email"]
    _press(browser, product.run("sign-in-link", "--email", email))
    _press(browser, f"{product.base}/registration/manage/{slug}/devices")
    page = browser.get(f"{product.base}/events/account/").text
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    _expect(browser.post(f"{product.base}/events/account/sign-out", data={"csrf_token": token[0]}), 200)


def _press(browser: requests.Session, address: str) -> None:
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get(address).text)
    _expect(browser.post(address, data={"csrf_token": token[0]}), 200)


def _expect(response: requests.Response, status: int) -> requests.Response:
    if response.status_code != status:
        raise SystemExit(f"{response.request.url} said {response.status_code}: {response.text[:400]}")
    return response


def _open_event(api: requests.Session, base: str) -> Any:
    found = api.get(f"{base}/events/api/v1/events").json()["items"]
    return next((each for each in found if each["sessions"] and _free(each)), None)


def _free(event: Any) -> Any:
    """The quota with the most free places: the demo's people must not take them first."""
    quotas = [each for each in event["quotas"] if each["free"]]
    return max(quotas, key=lambda each: each["free"], default=None)


def _postgres_dump(url: str) -> str:
    address = url.replace("postgresql+psycopg://", "postgresql://")
    command = ["pg_dump", "--column-inserts", "--no-owner", "--no-privileges", address]
    dump = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return "\n".join(line for line in dump.splitlines() if not line.startswith(("--", "\\")))


def _sqlite_dump(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return "\n".join(connection.iterdump())


def _migrations(code: Path) -> dict[str, str]:
    """What is released is never edited: the SHA-256 of every migration."""
    found = sorted(code.glob("services/*/storage/migrations/versions/*.py"))
    return {str(each.relative_to(code)): hashlib.sha256(each.read_bytes()).hexdigest() for each in found}


def _statements(code: Path, scratch: Path) -> str:
    """Everything that the release's own tests make it say to a database, each statement once."""
    (scratch / "sql_recorder.py").write_text(RECORDER)
    environment = {"SAID": str(scratch / "said.json"), "PYTHONPATH": f"{scratch}:{code}"}
    rooms = [f"tests/{service}" for service in SERVICES]
    options = ["-p", "sql_recorder", "-p", "no:randomly", "-n", "0", "-q", "-m", "not servers and not browser"]
    subprocess.run(
        [sys.executable, "-m", "pytest", *options, *rooms], cwd=code, env=os.environ | environment, check=False
    )
    said: list[str] = json.loads((scratch / "said.json").read_text())
    return json.dumps(sorted({_usual(each) for each in said if each.startswith(SPOKEN)}), indent=0)


def _usual(statement: str) -> str:
    """However many values a list or an INSERT had that time."""
    statement = re.sub(r"IN \(\?(, \?)*\)", "IN (?, ?)", statement)
    return re.sub(r"(\(\?(?:, \?)*\))(, \1)+", r"\1", statement)


def _write(path: Path, text: str) -> None:
    path.write_bytes(lzma.compress(text.encode(), preset=9))
    print(f"{path.relative_to(HERE)}: {path.stat().st_size // 1024} KiB")  # noqa: T201


@contextmanager
def _in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = time.monotonic()
    main(*sys.argv[1:3])
    print(f"done in {time.monotonic() - began:.0f} s")  # noqa: T201

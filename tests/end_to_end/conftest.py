"""The product, started both ways, with an organisation in it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests import servers
from tests.end_to_end.post_office import PostOffice
from tests.end_to_end.product import Product, free_ports
from tests.end_to_end.setting import EMBEDDED, SERVERS, settle
from tests.end_to_end.town import Town

WAYS = ["embedded", pytest.param("servers", marks=pytest.mark.servers)]


@pytest.fixture(scope="session", params=WAYS)
def product(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Running, with the organisation Torweg in it. One for all: whoever uses it makes what she needs."""
    with running(request.param, tmp_path_factory) as made:
        yield made


@pytest.fixture(scope="session")
def town(product: Product) -> Town:
    """The people and organisations around it."""
    return Town(product)


@contextmanager
def running(way: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product of its own, with the organisation Torweg in it."""
    folder = tmp_path_factory.mktemp(way)
    with ExitStack() as stack:
        port = stack.enter_context(free_ports(4))
        made = _embedded(folder, port) if way == "embedded" else _on_servers(folder, port, stack)
        stack.callback(made.stop)
        made.start()
        settle(made)
        yield made


def _embedded(folder: Path, port: int) -> Product:
    environment = {"VAR": str(folder), "PORT": str(port), "WERKTOR_DEMO": "0", "REGISTRATION_FORM_MINIMUM_SECONDS": "0"}
    environment["WERKTOR_PUBLIC_BASE_URL"] = f"http://127.0.0.1:{port}"
    return Product(EMBEDDED, environment, folder / "mail")


def _on_servers(folder: Path, port: int, stack: ExitStack) -> Product:
    try:
        urls = [stack.enter_context(servers.fresh_database()) for _ in range(3)]
        broker = servers.fresh_vhost()
    except servers.ServerMissing as missing:
        pytest.fail(str(missing), pytrace=False)
    office = stack.enter_context(PostOffice(folder / "mail"))
    environment = {
        "VAR": str(folder),
        "PORT": str(port),
        "EVENTS_DATABASE_URL": urls[0],
        "REGISTRATION_DATABASE_URL": urls[1],
        "NOTIFICATIONS_DATABASE_URL": urls[2],
        "WERKTOR_BROKER_URL": broker,
        "WERKTOR_SECRET_KEY": "only-for-this-test-run-0123456789abcdef",
        "WERKTOR_PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        "NOTIFICATIONS_SMTP_URL": office.url,
        "WERKTOR_WEB_WORKERS": "1",
        "REGISTRATION_FORM_MINIMUM_SECONDS": "0",
    }
    return Product(SERVERS, environment, folder / "mail")

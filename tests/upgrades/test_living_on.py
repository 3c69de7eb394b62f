"""The present product is started on the databases of the previous release, which ended with messages underway."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from sqlalchemy import create_engine, text

from shared.clock import now
from tests import servers
from tests.end_to_end.product import Product, eventually, free_ports
from tests.upgrades.make_release import SERVICES, TICKET, started
from tests.upgrades.releases import fill


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.servers)])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The three databases as the previous release left them."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            found = {service: f"sqlite:///{tmp_path}/{service}.db" for service in SERVICES}
        else:
            found = {service: stack.enter_context(servers.fresh_database()) for service in SERVICES}
        for service, url in found.items():
            fill(url, service)
        yield found


def test_the_product_goes_on_where_the_previous_release_ended(urls: dict[str, str], tmp_path: Path) -> None:
    before = _count(urls["registration"], "SELECT count(*) FROM registration")
    with _product(tmp_path, urls) as product:
        api = requests.Session()
        token = product.run("create-token", "--organisation", "torweg", "--role", "organiser")
        api.headers["Authorization"] = f"Bearer {token}"
        event = _publish(api, product.base)

        _sign_up(api, product.base, event)
        ticket = product.link("amina@example.org", TICKET)
        scan = {"ticket": ticket, "scan_id": str(uuid4()), "session_id": event["sessions"][0]["id"]}
        let_in = api.post(f"{product.base}/registration/api/v1/check-ins", json=scan)

        assert let_in.status_code == 201, let_in.text
        eventually(lambda: all(_is_quiet(url) for url in urls.values()), what="nothing is underway any more")
    assert _count(urls["registration"], "SELECT count(*) FROM registration") == before + 1


def _publish(api: requests.Session, base: str) -> Any:
    day = (now() + timedelta(days=3)).date()
    wish = {
        "format": "career_workshop",
        "title": {"de": "Werkbank"},
        "summary": {"de": "Feilen und löten."},
        "sessions": [{"starts_at": f"{day}T14:00", "place": {"name": "Werk", "city": "Berlin"}}],
        "quotas": [{"capacity": 5}],
    }
    created = api.post(f"{base}/events/api/v1/events", json=wish)
    assert created.status_code == 201, created.text
    published = api.post(f"{base}/events/api/v1/events/{created.json()['id']}/publish")
    assert published.status_code == 200, published.text
    return published.json()


def _sign_up(api: requests.Session, base: str, event: Any) -> None:
    wish = {"name": "Amina", "email": "amina@example.org", "locale": "de", "consents": {"privacy": True}}
    wish |= {"quota_ids": [event["quotas"][0]["id"]]}
    address = f"{base}/registration/api/v1/events/{event['id']}/registrations"
    eventually(lambda: api.post(address, json=wish).status_code == 201, what="sign-up is open")


def _is_quiet(url: str) -> bool:
    unsent = _count(url, "SELECT count(*) FROM outbox WHERE sent_at IS NULL")
    return unsent + _count(url, "SELECT count(*) FROM inbox WHERE state <> 'done'") == 0


def _count(url: str, query: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.scalar(text(query))
    engine.dispose()
    return int(found or 0)


@contextmanager
def _product(folder: Path, urls: dict[str, str]) -> Iterator[Product]:
    with free_ports(1) as port:
        environment = {
            "VAR": str(folder / "var"),
            "PORT": str(port),
            "WERKTOR_PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
            "WERKTOR_SECRET_KEY": "k" * 48,
            "WERKTOR_DEMO": "0",
            **{f"{service.upper()}_DATABASE_URL": url for service, url in urls.items()},
        }
        (folder / "var").mkdir()
        with started(environment) as product:
            yield product
            product.stop()

"""Fixtures for everybody: databases and brokers that are really there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers
from tests.groups import pytest_xdist_make_scheduler

__all__ = ["pytest_xdist_make_scheduler"]  # hooks of this file too
NEED_SERVERS = {"postgres_url", "broker_url"}


def pytest_configure(config: pytest.Config) -> None:
    """The first process names the run; xdist's workers inherit it."""
    if not hasattr(config, "workerinput"):
        servers.begin_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Nothing that we started stays."""
    if not hasattr(config, "workerinput"):
        servers.end_run()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for a server is marked so, and left out by -m "not servers"."""
    for item in items:
        if NEED_SERVERS & set(getattr(item, "fixturenames", ())):
            item.add_marker("servers")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A new SQLite file."""
    return f"sqlite:///{tmp_path}/test.db"


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A new database on a real PostgreSQL. For a module-wide one use servers.fresh_database() in a fixture of yours."""
    try:
        servers.postgres()
    except servers.ServerMissing as missing:
        pytest.fail(str(missing), pytrace=False)
    with servers.fresh_database() as url:
        yield url


@pytest.fixture
def broker_url() -> str:
    """A new virtual host on a real RabbitMQ."""
    try:
        return servers.fresh_vhost()
    except servers.ServerMissing as missing:
        pytest.fail(str(missing), pytrace=False)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.servers)])
def database_url(request: pytest.FixtureRequest) -> str:
    """Both databases, one after the other."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url

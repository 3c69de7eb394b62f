"""A speaker (the events service) and a hearer (notifications), each with a database of its own."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests import servers
from tests.shared.messaging import world


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.servers)])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Two databases of the same kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/speaker.db", f"sqlite:///{tmp_path}/hearer.db"
        return
    with ExitStack() as stack:
        yield request.getfixturevalue("postgres_url"), stack.enter_context(servers.fresh_database())


@pytest.fixture
def pair(urls: tuple[str, str]) -> Iterator[tuple[Engine, Engine]]:
    """The engines, tables made."""
    with world.two_databases(*urls) as engines:
        yield engines


@pytest.fixture
def speaker(pair: tuple[Engine, Engine]) -> Engine:
    """The events service's database."""
    return pair[0]


@pytest.fixture
def hearer(pair: tuple[Engine, Engine]) -> Engine:
    """The notifications service's database."""
    return pair[1]

"""The events service's own database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.events.storage.tables import Row
from shared.database import connect, sessions_for
from tests.events.doors import House, a_house


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    """An empty database with all tables."""
    engine = connect(sqlite_url)
    Row.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """One transaction."""
    with sessions_for(engine).begin() as session:
        yield session


@pytest.fixture
def house(tmp_path: Path, engine: Engine) -> House:
    """The application over SQLite."""
    return a_house(tmp_path, engine)

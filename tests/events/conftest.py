"""The events service's own database."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.events.storage.tables import Row
from shared.database import connect, sessions_for


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

"""Two empty databases of one kind: one for then, one for now."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine

from shared.database import connect
from tests import servers


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.servers)])
def then_and_now(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Engine, Engine]]:
    """On SQLite and on PostgreSQL, one after the other."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            urls = [f"sqlite:///{tmp_path}/{name}.db" for name in ("then", "now")]
        else:
            urls = [stack.enter_context(servers.fresh_database()) for _ in range(2)]
        then, now = (connect(url) for url in urls)
        yield then, now
        then.dispose()
        now.dispose()

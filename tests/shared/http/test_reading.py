"""A page that only reads leaves its connection as it wants to find it."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.database import connect
from shared.http.app import reading
from tests.shared.http.conftest import Demo

THING = text("SELECT name FROM things WHERE name = :name")
PREPARED = text("SELECT count(*) FROM pg_prepared_statements")


@pytest.fixture
def demo(make_demo: Callable[..., Demo], postgres_url: str) -> Iterator[Demo]:
    engine = connect(postgres_url, pool_size=1)
    yield make_demo(engine=engine)
    engine.dispose()


def test_what_is_asked_often_stays_prepared(demo: Demo) -> None:
    with demo.app.test_request_context():
        for _ in range(10):
            with reading() as session:
                session.execute(THING, {"name": "crane"})

        with reading() as session:
            assert session.scalar(PREPARED) == 1


def test_it_cannot_write(demo: Demo) -> None:
    with demo.app.test_request_context(), pytest.raises(DBAPIError), reading() as session:
        session.execute(text("INSERT INTO things VALUES ('crane')"))

    with demo.app.test_request_context(), reading() as session:
        assert session.scalar(text("SELECT count(*) FROM things")) == 0

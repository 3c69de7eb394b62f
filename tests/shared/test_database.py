"""Both databases behave alike."""

import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared.database import (
    connect,
    insert_if_new,
    new_base,
    reading_sessions_for,
    sessions_for,
    single_sessions_for,
)
from tests import servers

Row: Any = new_base()


class Thing(Row):  # type: ignore[misc]
    """Something of every column type."""

    __tablename__ = "thing"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    facts: Mapped[dict[str, Any]]
    taken: Mapped[int] = mapped_column(default=0)


@pytest.fixture
def engine(database_url: str):  # type: ignore[no-untyped-def]
    """A database with one table."""
    engine = connect(database_url)
    Row.metadata.create_all(engine)
    yield engine
    engine.dispose()


def thing(at: datetime = datetime(2026, 12, 3, 13, tzinfo=UTC)) -> Thing:
    return Thing(id=uuid4(), at=at, facts={"name": "Łucja", "n": [1, None]})


def test_instants_come_back_as_the_same_instant_in_utc(engine) -> None:  # type: ignore[no-untyped-def]
    there = datetime(2026, 12, 3, 14, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    with sessions_for(engine).begin() as session:
        session.add(thing(there))

    with reading_sessions_for(engine).begin() as session:
        found = session.scalars(select(Thing)).one()
        assert found.at == there
        assert found.at.tzinfo is UTC
        assert found.facts == {"name": "Łucja", "n": [1, None]}
        assert session.scalars(select(Thing).where(Thing.at < there)).all() == []


def test_a_naive_datetime_is_refused(engine) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(StatementError, match="naive"), sessions_for(engine).begin() as session:
        session.add(thing(datetime(2026, 12, 3, 13)))  # noqa: DTZ001

    with reading_sessions_for(engine).begin() as session:
        assert session.scalars(select(Thing)).all() == []


def test_a_reading_session_cannot_write(engine) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DBAPIError), reading_sessions_for(engine).begin() as session:
        session.add(thing())

    with sessions_for(engine).begin() as session:
        assert session.scalars(select(Thing)).all() == []
        session.add(thing())


def test_many_writers_at_once_lose_no_update(engine) -> None:  # type: ignore[no-untyped-def]
    one = thing()
    with sessions_for(engine).begin() as session:
        session.add(one)

    def take(_number: int) -> None:
        with sessions_for(engine).begin() as session:
            row = session.get_one(Thing, one.id, with_for_update=True)
            row.taken += 1

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(take, range(100)))

    with reading_sessions_for(engine).begin() as session:
        assert session.get_one(Thing, one.id).taken == 100


def test_a_reader_does_not_wait_for_a_writer(engine) -> None:  # type: ignore[no-untyped-def]
    writing, read = threading.Event(), threading.Event()

    def write() -> None:
        with sessions_for(engine).begin() as session:
            session.add(thing())
            session.flush()
            writing.set()
            assert read.wait(20)

    writer = threading.Thread(target=write)
    writer.start()
    assert writing.wait(20)
    with reading_sessions_for(engine).begin() as session:
        assert session.scalars(select(Thing)).all() == []
    read.set()
    writer.join()


def test_the_second_of_two_equal_rows_is_not_new(engine) -> None:  # type: ignore[no-untyped-def]
    values = {"id": uuid4(), "at": datetime(2026, 12, 3, tzinfo=UTC), "facts": {}}
    table = Row.metadata.tables["thing"]

    def insert(session: Session) -> bool:
        return insert_if_new(session, table, **values)

    with sessions_for(engine).begin() as session:
        assert [insert(session), insert(session)] == [True, False]
    with sessions_for(engine).begin() as session:
        assert not insert(session)
        session.execute(update(table).values(taken=7))


def test_a_failed_statement_does_not_tell_what_it_was_about(engine) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DBAPIError) as failure, sessions_for(engine).begin() as session:
        session.execute(text("SELECT * FROM nothing WHERE name = :name"), {"name": "amal@example.org"})

    assert "amal" not in str(failure.value)


def test_a_statement_that_takes_too_long_is_ended(postgres_url: str) -> None:
    engine = connect(postgres_url, statement_seconds=0.1)
    with pytest.raises(DBAPIError, match="statement timeout"), sessions_for(engine).begin() as session:
        session.execute(text("SELECT pg_sleep(20)"))
    engine.dispose()


def test_connections_that_the_server_ended_are_replaced_before_anybody_notices(postgres_url: str) -> None:
    engine = connect(postgres_url)
    with engine.connect() as one, engine.connect() as other:  # two of them in the pool
        ended = {each.scalar(text("SELECT pg_backend_pid()")) for each in (one, other)}
    with psycopg.connect(engine.url.set(drivername="postgresql").render_as_string(False), autocommit=True) as killer:
        for pid in ended:
            killer.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))

    with engine.connect() as one, engine.connect() as other:
        fresh = {each.scalar(text("SELECT pg_backend_pid()")) for each in (one, other)}

    assert not fresh & ended
    engine.dispose()


def test_a_server_that_restarts_costs_nobody_more_than_the_time_it_is_away() -> None:
    server = servers.OwnPostgres()
    engine = connect(server.url)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        for how in (signal.SIGINT, signal.SIGQUIT):
            server.kill(how)
            server.start()
            with engine.connect() as connection:
                assert connection.scalar(text("SELECT 1")) == 1
    finally:
        engine.dispose()
        server.end()


def test_a_session_of_single_statements_needs_no_commit_on_postgresql(postgres_url: str) -> None:
    engine = connect(postgres_url)
    Row.metadata.create_all(engine)
    with suppress(ZeroDivisionError), single_sessions_for(engine).begin() as session:
        session.execute(
            Row.metadata.tables["thing"].insert(), {"id": uuid4(), "at": datetime(2026, 12, 3, tzinfo=UTC), "facts": {}}
        )
        raise ZeroDivisionError

    with sessions_for(engine).begin() as session:
        assert len(session.scalars(select(Thing)).all()) == 1
    engine.dispose()

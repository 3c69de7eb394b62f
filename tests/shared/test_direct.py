"""A statement sent straight to the driver is true at once and fails as a session's would; its connection stays well."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from shared.database import connect, sessions_for
from shared.direct import Direct, Statement
from tests.end_to_end.product import eventually

ADD = Statement("INSERT INTO thing (id, at, name) VALUES (:id, :at, :name) RETURNING id, at, name")
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid \
FROM pg_database WHERE datname = current_database())"
MOMENT = datetime(2026, 12, 3, 14, tzinfo=UTC)


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    """With one table, and one connection for everybody."""
    engine = connect(postgres_url, pool_size=1)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE thing (id uuid PRIMARY KEY, at timestamptz, name text)"))
    yield engine
    engine.dispose()


def plain(engine: Engine) -> str:
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def count(engine: Engine) -> int:
    with psycopg.connect(plain(engine)) as other:
        row = other.execute("SELECT count(*) FROM thing").fetchone()
    assert row
    return int(row[0])


def a_thing(**differences: object) -> dict[str, object]:
    return {"id": uuid4(), "at": MOMENT, "name": "100 % Ґудзь: O'Brien"} | differences


def test_what_it_did_others_see_at_once_and_get_back_as_it_was(engine: Engine) -> None:
    facts = a_thing()

    assert Direct(engine).row(ADD, facts) == (facts["id"], MOMENT, facts["name"])
    assert count(engine) == 1


def test_no_row_is_none(engine: Engine) -> None:
    assert Direct(engine).row(Statement("SELECT 1 FROM thing WHERE id = :id"), {"id": UUID(int=1)}) is None


def test_an_error_is_what_a_session_would_raise_and_tells_no_values(engine: Engine) -> None:
    facts = a_thing()
    Direct(engine).row(ADD, facts)

    with pytest.raises(IntegrityError) as raised:
        Direct(engine).row(ADD, facts)
    assert "Ґудзь" not in str(raised.value).partition("DETAIL")[0]
    with pytest.raises(DataError):
        Direct(engine).row(Statement("SELECT 1 / CAST(:zero AS int)"), {"zero": 0})
    assert count(engine) == 1


def test_its_connection_goes_back_and_knows_transactions_again(engine: Engine) -> None:
    direct = Direct(engine)
    for _ in range(3):  # there is one connection: who kept it would make the next wait
        direct.row(ADD, a_thing())

    with sessions_for(engine)() as session:
        session.execute(text("DELETE FROM thing"))
        session.rollback()

    assert count(engine) == 3


def test_what_a_rollback_made_its_connection_forget_is_prepared_again(engine: Engine) -> None:
    direct = Direct(engine)
    direct.row(ADD, a_thing())
    with sessions_for(engine)() as session:
        for _ in range(10):  # psycopg prepares what it sees so often, and gives everything up when this is taken back
            session.execute(text("SELECT 1 FROM thing WHERE name = :name"), {"name": "crane"})
        session.rollback()
        assert session.scalar(text("SELECT count(*) FROM pg_prepared_statements")) == 0

    assert direct.row(ADD, a_thing())
    assert count(engine) == 2


def test_what_was_prepared_after_it_was_made_to_forget_is_in_nobodys_way(engine: Engine) -> None:
    """The connection finds out only when it asks for one of those that are gone; others were prepared meanwhile."""
    direct = Direct(engine)
    old, new, newest = (Statement(f"SELECT {number} + CAST(:more AS int)") for number in (10, 20, 30))
    assert direct.row(old, {"more": 1}) == (11,)
    with sessions_for(engine)() as session:
        session.execute(text("DEALLOCATE ALL"))

    for _ in range(2):
        assert direct.row(new, {"more": 1}) == (21,)
        assert direct.row(old, {"more": 2}) == (12,)
        assert direct.row(newest, {"more": 1}) == (31,)


@pytest.mark.parametrize("number", [1, 40_000, 3_000_000_000, None, "many"])
def test_values_of_another_type_are_another_statement(engine: Engine, number: object) -> None:
    echo = Statement("SELECT CAST(:number AS text), CAST(:same AS text)")
    for each in (7, number):
        said = None if each is None else str(each)
        assert Direct(engine).row(echo, {"number": each, "same": "a"}) == (said, "a")


def test_two_statements_run_at_the_same_time(postgres_url: str) -> None:
    engine = connect(postgres_url, pool_size=2, statement_seconds=20)
    meet = Statement("SELECT 1 FROM pg_advisory_lock_shared(1)")
    done: list[object] = []

    def ask() -> None:
        done.append(Direct(engine).row(meet, {}))

    with psycopg.connect(plain(engine), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(1)")
        threads = [threading.Thread(target=ask) for _ in range(2)]
        for each in threads:
            each.start()
        eventually(lambda: other.execute(WAITING).fetchone() == (2,), what="both wait in PostgreSQL")
        other.execute("SELECT pg_advisory_unlock(1)")
        for each in threads:
            each.join(10)
    engine.dispose()
    assert done == [(1,), (1,)]


def test_a_connection_that_the_server_ends_is_lost_once(engine: Engine) -> None:
    direct = Direct(engine)
    with pytest.raises(OperationalError):
        direct.row(Statement("SELECT pg_terminate_backend(pg_backend_pid())"), {})

    assert direct.row(ADD, a_thing())


def test_a_server_that_is_away_is_an_operational_error() -> None:
    engine = connect("postgresql://nobody@127.0.0.1:1/nothing")

    with pytest.raises(OperationalError):
        Direct(engine).row(ADD, a_thing())
    engine.dispose()

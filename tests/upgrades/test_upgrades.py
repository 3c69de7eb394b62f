"""An upgrade keeps every row, and the previous release goes on working until the last of its processes is replaced."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, text, update

from shared import migrations
from shared.database import connect
from tests.upgrades.releases import PACKAGES, RELEASES, TABLES, fill, known_to, rows, statements

Engines = tuple[Engine, Engine]


@pytest.mark.parametrize("service", PACKAGES)
@pytest.mark.parametrize("release", RELEASES)
def test_an_upgrade_leads_to_the_tables_in_the_code_and_keeps_every_row(
    database_url: str, release: str, service: str
) -> None:
    fill(database_url, service, release)
    engine = connect(database_url)
    known = known_to(engine)
    with engine.connect() as connection:
        before = rows(connection, known)

    migrations.upgrade(engine, PACKAGES[service])

    assert migrations.is_current(engine, PACKAGES[service])
    assert migrations.check(engine, PACKAGES[service], TABLES[service]) == []
    with engine.connect() as connection:
        assert rows(connection, known) == before
    assert sum(len(each) for each in before.values()) > 100
    engine.dispose()


@pytest.mark.parametrize("service", PACKAGES)
def test_what_the_previous_release_writes_is_taken_by_the_present_schema(then_and_now: Engines, service: str) -> None:
    """Every row that it ever wrote, naming only the columns that it knew, into a database of the present release."""
    then, now = then_and_now
    fill(then.url.render_as_string(hide_password=False), service)
    known = known_to(then)
    migrations.upgrade(now, PACKAGES[service])

    with then.connect() as past, now.begin() as present:
        for table in known.sorted_tables:
            if written := [dict(row._mapping) for row in past.execute(select(table))]:
                present.execute(insert(table), written)
            present.execute(update(table).values({column.name: column for column in table.columns}))
        assert rows(present, known) == rows(past, known)


def test_all_that_the_previous_release_says_is_understood_by_the_present_schema(tmp_path: Path) -> None:
    """A statement belongs to the services whose released schema understands it; SQLite plans it without running it."""
    said, understood = statements(), set()
    for service, package in PACKAGES.items():
        fill(f"sqlite:///{tmp_path}/{service}.then.db", service)
        engine = connect(f"sqlite:///{tmp_path}/{service}.now.db")
        migrations.upgrade(engine, package)
        engine.dispose()
        before = _understood(tmp_path / f"{service}.then.db", said)

        assert before - _understood(tmp_path / f"{service}.now.db", said) == set()
        understood |= before

    assert len(understood) > 0.95 * len(said)


def test_the_present_code_is_content_with_a_schema_that_is_newer(database_url: str) -> None:
    """The next release migrates first; our processes then go on, start anew and run commands beside it."""
    engine = connect(database_url)
    for package in PACKAGES.values():
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            connection.execute(text("INSERT INTO alembic_version VALUES ('9999')"))

        migrations.upgrade(engine, package)

        assert migrations.is_current(engine, package)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"
    engine.dispose()


@pytest.mark.parametrize("service", PACKAGES)
def test_a_schema_that_is_older_than_the_code_is_said_to_lack_something(database_url: str, service: str) -> None:
    engine = connect(database_url)

    assert not migrations.is_current(engine, PACKAGES[service])

    fill(database_url, service)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert migrations.is_current(engine, PACKAGES[service]) == (len(migrations.scripts(PACKAGES[service])) == 1)
    engine.dispose()


def _understood(path: Path, said: list[str]) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {each for each in said if _is_understood(connection, each)}


def _is_understood(connection: sqlite3.Connection, statement: str) -> bool:
    values = [None] * len(re.findall(r"\?", statement))
    try:
        connection.execute(f"EXPLAIN {statement}", values).fetchall()
    except sqlite3.Error:
        return False
    return True

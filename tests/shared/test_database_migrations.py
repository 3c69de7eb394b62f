"""Migrations bring a database to what the code says, once, whoever asks."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from shared import migrations
from shared.database import connect
from tests.shared.messaging.world import Row

PACKAGE = "migrations_of_a_test"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A service's package for migrations, still empty."""
    (tmp_path / PACKAGE / "versions").mkdir(parents=True)
    (tmp_path / PACKAGE / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, PACKAGE, raising=False)
    return PACKAGE


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty database."""
    engine = connect(database_url)
    yield engine
    engine.dispose()


def test_what_is_generated_makes_what_the_code_says(engine: Engine, package: str) -> None:
    migrations.revision(engine, package, metadata=Row.metadata, number="0001", about="first tables")
    assert not migrations.is_current(engine, package)
    assert migrations.check(engine, package, Row.metadata) == ["Target database is not up to date."]

    migrations.upgrade(engine, package)

    assert migrations.is_current(engine, package)
    assert migrations.check(engine, package, Row.metadata) == []


def test_a_table_that_differs_from_the_code_is_found(engine: Engine, package: str) -> None:
    migrations.revision(engine, package, metadata=Row.metadata, number="0001", about="first tables")
    migrations.upgrade(engine, package)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE effect"))

    assert len(migrations.check(engine, package, Row.metadata)) == 1


def test_several_processes_may_migrate_at_once(engine: Engine, package: str) -> None:
    migrations.revision(engine, package, metadata=Row.metadata, number="0001", about="first tables")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: migrations.upgrade(engine, package), range(4)))

    assert migrations.is_current(engine, package)


def test_a_migration_that_fails_leaves_nothing_behind(engine: Engine, package: str, tmp_path: Path) -> None:
    (tmp_path / PACKAGE / "versions" / "0001_half.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        "revision, down_revision, branch_labels, depends_on = '0001', None, None, None\n"
        "def upgrade():\n"
        "    op.create_table('half', sa.Column('id', sa.Integer()))\n    raise RuntimeError('half way')\n"
    )

    with pytest.raises(RuntimeError, match="half way"):
        migrations.upgrade(engine, package)

    assert "half" not in inspect(engine).get_table_names()
    assert not migrations.is_current(engine, package)

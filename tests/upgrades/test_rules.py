"""Migrations only let a schema grow, in one line of history; what is released is never edited (record 11)."""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import Script
from sqlalchemy import MetaData

from shared import migrations
from shared.database import connect
from tests.upgrades import growth
from tests.upgrades.releases import PACKAGES, RELEASES
from tests.upgrades.releases import migrations as released

ROOT = Path(__file__).parents[2]
HEAD = """
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = {number!r}, {previous!r}, None, None
"""
FIRST = """
def upgrade():
    op.create_table(
        "town",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("river", sa.String(), nullable=True),
    )
"""
GROWS = {
    "an empty column": 'op.add_column("town", sa.Column("mayor", sa.String()))',
    "a column with a default": 'op.add_column("town", '
    'sa.Column("size", sa.Integer(), nullable=False, server_default="0"))',
    "a table": 'op.create_table("street", sa.Column("id", sa.Integer(), primary_key=True))',
    "an index": 'op.create_index("ix_town_name", "town", ["name"])',
    "rows": "op.execute(\"UPDATE town SET river = 'Enz' WHERE river IS NULL\")",
    "a unique new column": 'op.add_column("town", sa.Column("key", sa.String()))\n'
    '    op.create_index("uq_town_key", "town", ["key"], unique=True)',
}
SHRINKS = {
    "town.river is gone or has another name": 'op.drop_column("town", "river")',
    "town.name is gone or has another name": 'op.alter_column("town", "name", new_column_name="called")',
    "town is gone": 'op.rename_table("town", "city")',
    "must be given": 'op.execute("DROP TABLE town")\n'
    '    op.create_table("town", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.String(),'
    ' nullable=False), sa.Column("river", sa.String(), nullable=False))',
    "becomes": 'with op.batch_alter_table("town") as town:\n        town.alter_column("name", type_=sa.Integer())',
    "new unique index on name": 'op.create_index("uq_town_name", "town", ["name"], unique=True)',
    "new check": 'with op.batch_alter_table("town") as town:\n'
    '        town.create_check_constraint("named", "name != \'\'")',
}


@pytest.mark.parametrize("service", PACKAGES)
def test_the_migrations_of_a_service_are_one_line(service: str) -> None:
    numbers = [each.revision for each in migrations.scripts(PACKAGES[service])]

    assert numbers == [f"{place:04d}" for place in range(1, len(numbers) + 1)]


@pytest.mark.parametrize("release", RELEASES)
def test_what_is_released_is_never_edited(release: str) -> None:
    for path, digest in released(release).items():
        assert hashlib.sha256((ROOT / path).read_bytes()).hexdigest() == digest, f"{path} was released as it was"


@pytest.mark.parametrize("service", PACKAGES)
def test_no_migration_takes_anything_from_the_previous_release(service: str, tmp_path: Path) -> None:
    assert _faults(PACKAGES[service], tmp_path) == []


@pytest.mark.parametrize("step", GROWS.values(), ids=GROWS)
def test_growing_is_allowed(step: str, package: str, tmp_path: Path) -> None:
    _write(tmp_path, step)

    assert _faults(package, tmp_path) == []


@pytest.mark.parametrize(("said", "step"), SHRINKS.items(), ids=SHRINKS)
def test_what_the_previous_release_would_stumble_over_is_named(
    said: str, step: str, package: str, tmp_path: Path
) -> None:
    _write(tmp_path, step)

    assert said in " and ".join(_faults(package, tmp_path))


def test_a_contract_step_says_why_nobody_needs_it_any_more(package: str, tmp_path: Path) -> None:
    _write(tmp_path, 'op.drop_column("town", "river")', 'contracts = "0.4.0 was the last to read town.river"')

    assert _faults(package, tmp_path) == []


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package of migrations with a released first one."""
    name = "migrations_that_grow"
    (tmp_path / name / "versions").mkdir(parents=True)
    (tmp_path / name / "__init__.py").touch()
    (tmp_path / name / "versions" / "0001_begin.py").write_text(HEAD.format(number="0001", previous=None) + FIRST)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, name, raising=False)
    yield name
    sys.modules.pop(name, None)


def _write(folder: Path, step: str, mark: str = "") -> None:
    second = HEAD.format(number="0002", previous="0001") + mark + f"\n\ndef upgrade():\n    {step}\n"
    (folder / "migrations_that_grow" / "versions" / "0002_step.py").write_text(second)


def _faults(package: str, folder: Path) -> list[str]:
    """Of each migration after the first, unless it says which release no longer needs what it takes."""
    engine = connect(f"sqlite:///{folder}/growing.db")
    found, before = [], MetaData()
    for script in migrations.scripts(package):
        migrations.upgrade(engine, package, script.revision)
        after = MetaData()
        after.reflect(engine)
        if script.down_revision is not None and not _contracts(script):
            found += [f"{script.revision}: {each}" for each in growth.faults(before, after)]
        before = after
    engine.dispose()
    return found


def _contracts(script: Script) -> str:
    return str(getattr(script.module, "contracts", ""))

"""What a migration must not do while the previous release still runs, read off the schema before and after it."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, MetaData, Table, UniqueConstraint


def faults(before: MetaData, after: MetaData) -> list[str]:
    """One sentence for each thing that the previous release would stumble over."""
    found = [f"{name} is gone" for name in before.tables if name not in after.tables]
    for name, table in before.tables.items():
        if name in after.tables:
            found += _lost(table, after.tables[name])
            found += _demanded(table, after.tables[name])
            found += _refused(table, after.tables[name])
    return sorted(found)


def _lost(before: Table, after: Table) -> list[str]:
    return [f"{column} is gone or has another name" for column in before.columns if column.name not in after.columns]


def _demanded(before: Table, after: Table) -> list[str]:
    found = []
    for column in after.columns:
        old: Column[Any] | None = before.columns.get(column.name)
        if not column.nullable and (old is None or old.nullable) and column.server_default is None:
            found.append(f"{column} must be given, and the previous release does not give it")
        if old is not None and repr(old.type) != repr(column.type):
            found.append(f"{column} was {old.type!r} and becomes {column.type!r}")
        if old is not None and old.server_default is not None and column.server_default is None:
            found.append(f"{column} loses its default")
    return found


def _refused(before: Table, after: Table) -> list[str]:
    """A new rule about old columns: the previous release does not know that it must keep it."""
    free = {each.name for each in after.columns if each.name not in before.columns and each.nullable}
    fresh = sorted(_rules(after) - _rules(before), key=str)
    return [
        f"{after.name}: new {kind} on {', '.join(sorted(columns))}" for kind, columns in fresh if not columns & free
    ]


def _rules(table: Table) -> set[tuple[str, frozenset[str]]]:
    """A check names no columns, so its text counts as one."""
    rules = {("unique index", _names(index.columns)) for index in table.indexes if index.unique}
    for each in table.constraints:
        if isinstance(each, CheckConstraint):
            names = frozenset(column.name for column in table.columns if column.name in str(each.sqltext))
            rules.add((f"check {each.sqltext}", names))
        elif isinstance(each, UniqueConstraint | ForeignKeyConstraint):
            rules.add(
                ("unique constraint" if isinstance(each, UniqueConstraint) else "foreign key", _names(each.columns))
            )
    return rules


def _names(columns: Iterable[Column[Any]]) -> frozenset[str]:
    return frozenset(each.name for each in columns)

"""In which state the catalogue is: two equal answers mean that nothing changed in between that a public page shows.

The version is counted by triggers, so that no way of writing can forget it. On PostgreSQL they run when a transaction
commits and once per transaction: organisers wait for each other no longer than a commit takes, and a version that can
be read stands for changes that can be read. Free places change at the rate of sign-ups and are not counted there:
every quota has its own version, and a page asks for those of the events it shows.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, Table, event, func, select
from sqlalchemy.orm import Session

from services.events.storage.tables import Availability, CatalogueState, EventSession, Row

SHOWN = ("event", "event_session", "quota", "company", "organisation")
_FIRST = "INSERT INTO catalogue_state (id, version, noted_by) VALUES (1, 1, 0)"
_COUNT = "UPDATE catalogue_state SET version = version + 1"
_NOTE = """CREATE FUNCTION note_catalogue_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE catalogue_state SET version = version + 1, noted_by = pg_current_xact_id()::text::bigint
    WHERE noted_by <> pg_current_xact_id()::text::bigint;
    RETURN NULL;
END $$"""


@dataclass(frozen=True, kw_only=True)
class State:
    """What the catalogue is like at a moment; `until` the next session ends, time alone changes nothing."""

    version: int | None  # None: nobody counts, so nothing may be concluded
    until: datetime | None


def state_at(session: Session, now: datetime) -> State:
    """Read before anything else: what is read later is at least as new."""
    next_end = select(func.min(EventSession.ends_at)).where(EventSession.ends_at > now).scalar_subquery()
    version = select(CatalogueState.version).scalar_subquery()
    row = session.execute(select(version, next_end)).one()
    return State(version=row[0], until=row[1])


def stamp(session: Session, event_ids: Collection[UUID] | None) -> tuple[int | None, int]:
    """The catalogue's version and that of the free places of these events (None: of all)."""
    version = select(CatalogueState.version).scalar_subquery()
    row = session.execute(select(version, _places(event_ids).scalar_subquery())).one()
    return row[0], int(row[1])


def _places(event_ids: Collection[UUID] | None) -> Select[Any]:
    """Versions only grow and rows are never removed: an equal sum means equal rows."""
    total = select(func.coalesce(func.sum(Availability.version), 0))
    return total if event_ids is None else total.where(Availability.event_id.in_(event_ids))


def triggers(dialect: str) -> list[str]:
    """The statements that make a database count."""
    if dialect == "sqlite":
        return [_sqlite(table, act) for table in SHOWN for act in ("INSERT", "UPDATE", "DELETE")]
    return [_NOTE, *(_postgresql(table) for table in SHOWN)]


def _postgresql(table: str) -> str:
    return (
        f"CREATE CONSTRAINT TRIGGER note_catalogue_change AFTER INSERT OR UPDATE OR DELETE ON {table} "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_catalogue_change()"
    )


def _sqlite(table: str, act: str) -> str:
    return f"CREATE TRIGGER note_{table}_{act.lower()} AFTER {act} ON {table} BEGIN {_COUNT}; END"


def _begin_counting(_metadata: Any, connection: Any, *, tables: Collection[Table], **_options: Any) -> None:
    """Tables that are made from the code (not by migrations) count as well."""
    if cast("Table", CatalogueState.__table__) in tables:
        for statement in (_FIRST, *triggers(connection.dialect.name)):
            connection.exec_driver_sql(statement)


event.listen(Row.metadata, "after_create", _begin_counting)

"""Engines, sessions and column types that behave alike on SQLite and PostgreSQL."""

from collections.abc import Collection
from datetime import UTC, datetime
from select import POLLIN, poll
from time import monotonic
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Table,
    Uuid,
    any_,
    create_engine,
    delete,
    event,
    literal,
    make_url,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
_READING = "werktor_reading"
_USED_AT = "werktor_used_at"
_LONG_IDLE = 30  # seconds


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: only aware datetimes go in, aware UTC comes out, on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values: they would silently mean something else on the other database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive datetime is not an instant: {value!r}")
        instant = value.astimezone(UTC)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite has no time zones: what it holds is UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON().with_variant(postgresql.JSONB(), "postgresql")
COLUMN_TYPES: dict[Any, Any] = {
    datetime: UTCDateTime(),
    UUID: Uuid(),
    dict: Json,
    dict[str, Any]: Json,
    dict[str, str]: Json,
    list: Json,
    list[Any]: Json,
    list[str]: Json,
}


def new_metadata() -> MetaData:
    """Metadata with our naming convention: every constraint has a name that code and migrations can rely on."""
    return MetaData(naming_convention=NAMES)


def new_base() -> type[DeclarativeBase]:
    """A declarative base with our names and types, for code that is not type-checked (tests).

    mypy cannot follow a base class made by a call, so a service's storage/tables.py writes the same thing out:

        class Row(DeclarativeBase):
            metadata = new_metadata()
            type_annotation_map = COLUMN_TYPES

        shared.messaging.tables.attach(Row)
    """
    return type("Row", (DeclarativeBase,), {"metadata": new_metadata(), "type_annotation_map": COLUMN_TYPES})


def connect(url: str, *, statement_seconds: float | None = None, pool_size: int = 10) -> Engine:
    """An engine for sqlite:///path or postgresql://…; nothing is opened before the first use.

    `statement_seconds` ends longer statements (PostgreSQL only): web processes give 5, workers and migrations none.
    Every transaction on SQLite begins with BEGIN IMMEDIATE, so that two writers queue up instead of failing in the
    middle; use reading_sessions_for() for what only reads.
    """
    target = _with_driver(make_url(url))
    if target.get_backend_name() == "sqlite":
        engine = create_engine(target, pool_size=pool_size, max_overflow=30, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    limits = "" if statement_seconds is None else f"-c statement_timeout={int(statement_seconds * 1000)}"
    engine = create_engine(
        target,
        pool_size=pool_size,
        hide_parameters=True,  # an error message must not carry names and addresses
        skip_autocommit_rollback=True,  # nothing to take back where each statement commits by itself
        connect_args={"options": limits, "connect_timeout": 5},
    )
    event.listen(engine, "checkout", _ensure_alive)
    return engine


def sessions_for(engine: Engine) -> sessionmaker[Session]:
    """Sessions that write. Open them with `with sessions.begin() as session:`, one transaction per use case."""
    return sessionmaker(engine, expire_on_commit=False)


def reading_sessions_for(engine: Engine) -> sessionmaker[Session]:
    """Sessions that never wait for a writer and cannot write: the database refuses it."""
    return sessionmaker(
        engine.execution_options(postgresql_readonly=True, **{_READING: True}), expire_on_commit=False, autoflush=False
    )


def single_sessions_for(engine: Engine) -> sessionmaker[Session]:
    """Sessions whose every statement is a transaction of its own. SQLite keeps its BEGIN IMMEDIATE and COMMIT."""
    return sessionmaker(single_statements(engine), expire_on_commit=False)


def single_statements(engine: Engine) -> Engine:
    """The same engine and pool; on PostgreSQL each statement commits by itself."""
    return engine if is_sqlite(engine) else engine.execution_options(isolation_level="AUTOCOMMIT")


def is_sqlite(engine: Engine | Connection) -> bool:
    """Whether this is the embedded database."""
    return engine.dialect.name == "sqlite"


def insert_if_new(session: Session, table: Table, /, **values: Any) -> bool:
    """INSERT … ON CONFLICT DO NOTHING; False if some unique constraint says the row is there already."""
    insert: Any = sqlite.insert if is_sqlite(session.connection()) else postgresql.insert
    statement = insert(table).values(**values).on_conflict_do_nothing().returning(*table.primary_key)
    return session.execute(statement).first() is not None  # rowcount does not tell on PostgreSQL


def one_of(session: Session, column: Column[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """`column IN (…)` for many values: on PostgreSQL one array, so that the statement is the same for any number."""
    if is_sqlite(session.connection()):
        return column.in_(values)
    return column == any_(literal(list(values), postgresql.ARRAY(column.type)))


def delete_some(session: Session, table: Table, /, *which: ColumnElement[bool], limit: int = 500) -> bool:
    """Delete a batch, so that no lock is ever long; whether there may be more to delete."""
    (key,) = table.primary_key
    result: Any = session.execute(
        delete(table).where(key.in_(select(key).where(*which).limit(limit))),
        execution_options={"synchronize_session": False},
    )
    return bool(result.rowcount == limit)


def _with_driver(url: URL) -> URL:
    return url if url.get_backend_name() == "sqlite" else url.set(drivername="postgresql+psycopg")


def _ensure_alive(connection: Any, record: Any, _fairy: Any) -> None:
    """Replace a connection that died in the pool: the server was restarted, or a firewall forgot it.

    A ping before each transaction would cost a round trip. A server that ends a connection says so or closes it, and
    either can be seen on our side at once; only one that was idle for long may be dead without a sign.
    """
    now = monotonic()
    idle = now - record.info.get(_USED_AT, now)
    record.info[_USED_AT] = now
    if (idle > _LONG_IDLE or _has_unread(connection.pgconn.socket)) and not _answers(connection):
        raise InvalidatePoolError("the server has ended this connection")


def _has_unread(socket: int) -> bool:
    asked = poll()
    asked.register(socket, POLLIN)
    return bool(asked.poll(0))


def _answers(connection: Any) -> bool:
    try:
        connection.execute("")
        connection.rollback()
    except psycopg.Error:
        return False
    return True


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # sqlite3 must not begin transactions by itself: _begin_sqlite does
    for pragma in ("busy_timeout = 30000", "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get(_READING, False)
    connection.exec_driver_sql(f"PRAGMA query_only = {int(reading)}")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

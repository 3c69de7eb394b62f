"""Statements that commit by themselves and go straight to the driver: for the few that a rush waits for.

SQLAlchemy keeps the pool and everything else. What a session does around one statement costs twice what the driver
takes for it (docs/decisions/0021-one-statement.md).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any, cast

import psycopg
from psycopg import Connection
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import InvalidSqlStatementName, error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult
from sqlalchemy import Engine, PoolProxiedConnection, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.database import is_sqlite, single_sessions_for

_DIALECT = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # its dialects are untyped
_PREPARED = "werktor_prepared"
_numbers = count(1)


class Statement:
    """SQL of PostgreSQL with :names for what is filled in: text, numbers, UUIDs, aware datetimes, lists of these.

    Each connection prepares it once for each combination of types. psycopg's own cursors do so too, but take twice as
    long to come to the point.
    """

    def __init__(self, sql: str) -> None:
        compiled = text(sql).compile(dialect=_DIALECT)
        self.sql = str(compiled)
        self._names = compiled.positiontup or []
        self._formats = [PyFormat.AUTO] * len(self._names)
        self._number = next(_numbers)

    def row(self, connection: Connection[Any], known: dict[Any, Any], facts: Mapping[str, Any]) -> Any:
        """The first row as a tuple, or None; `known` is what the connection remembers. Raises psycopg.Error."""
        try:
            return self._row(connection, known, facts)
        except InvalidSqlStatementName:  # a ROLLBACK of somebody else's: psycopg then gives up whatever is prepared
            known[_PREPARED][1].clear()
            return self._row(connection, known, facts)

    def _row(self, connection: Connection[Any], known: dict[Any, Any], facts: Mapping[str, Any]) -> Any:
        transformer, names = known.setdefault(_PREPARED, (Transformer(connection), {}))
        values = transformer.dump_sequence([facts[each] for each in self._names], self._formats)
        key = (self._number, transformer.types)
        if key not in names:
            name = b"direct_%d" % next(_numbers)  # never twice: some may outlive what this connection remembers
            _ensure(connection, connection.pgconn.prepare(name, self.sql.encode(), transformer.types))
            names[key] = name
        result = connection.pgconn.exec_prepared(names[key], values, transformer.formats)
        _ensure(connection, result)
        if not result.ntuples:
            return None
        transformer.set_pgresult(result)
        return transformer.load_row(0, tuple)


def _ensure(connection: Connection[Any], result: PGresult) -> None:
    if result.status not in {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}:
        error = error_from_result(result, connection.info.encoding)
        raise psycopg.OperationalError(str(error)) if connection.closed else error


class Direct:
    """A service's database, asked one statement at a time."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sessions = single_sessions_for(engine)
        self.is_possible = not is_sqlite(engine)
        """Whether there is anything to gain: SQLite has no round trips, and no INSERT within WITH."""

    def row(self, statement: Statement, facts: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Run a statement, which is then true; its first row. Raises sqlalchemy.exc.DBAPIError as sessions do."""
        connection = None
        try:
            connection = self.engine.raw_connection()
            found: tuple[Any, ...] | None = statement.row(_driver_of(connection), connection.info, facts)
        except psycopg.Error as error:
            is_lost = connection is not None and connection.is_valid and _driver_of(connection).closed
            if connection is not None and is_lost:
                connection.invalidate(error)
            raise DBAPIError.instance(
                statement.sql,
                None,
                error,
                psycopg.Error,
                hide_parameters=True,
                connection_invalidated=is_lost,
                dialect=_DIALECT,
            ) from error
        finally:
            if connection is not None:
                connection.close()
        return found

    @contextmanager
    def session(self) -> Iterator[Session]:
        """For questions that are rarely asked on the way; here, too, each statement commits by itself."""
        with self._sessions.begin() as session:
            yield session


def _driver_of(connection: PoolProxiedConnection) -> Connection[Any]:
    return cast("Connection[Any]", connection.driver_connection)

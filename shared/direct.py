"""Statements that commit by themselves and go straight to the driver: for the few that a rush waits for.

SQLAlchemy keeps the pool and everything else. What a session does around one statement costs twice what the driver
takes for it (docs/decisions/0021-one-statement.md).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Engine, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.database import is_sqlite, single_sessions_for

_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # its dialects are untyped


class Statement:
    """SQL of PostgreSQL with :names for what is filled in: text, numbers, UUIDs, aware datetimes, lists of these."""

    def __init__(self, sql: str) -> None:
        self.sql = str(text(sql).compile(dialect=_DIALECT))


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
            driver: Any = connection.driver_connection
            driver.autocommit = True
            try:
                found: tuple[Any, ...] | None = driver.execute(statement.sql, facts, prepare=True).fetchone()
            finally:
                if not driver.closed:
                    driver.autocommit = False
        except psycopg.Error as error:
            is_lost = connection is not None and connection.is_valid and bool(driver.closed)
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

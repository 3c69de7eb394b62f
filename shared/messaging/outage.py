"""Tell "the database is away" from "the handler is wrong": only the second may use up attempts."""

from collections.abc import Callable, Iterator

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

PASSING = ("40001", "40P01", "55P03", "57P01", "57P02", "57P03", "53100", "53200", "53300", "57014", "58030")
"""PostgreSQL: serialisation, deadlock, lock timeout, shutdown, disk full, memory, connections, cancelled, I/O error."""
PASSING_WORDS = ("database is locked", "disk is full", "disk I/O error", "unable to open database file")
"""SQLite says it in words."""


class DatabaseGone(Exception):
    """Nothing was done; wait for the database, call `afterwards`, then try the same again."""

    def __init__(self, afterwards: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.afterwards = afterwards


def is_outage(error: BaseException, engine: Engine) -> bool:
    """Whether the database, not the code, is the reason."""
    return any(_is_outage(each, engine) for each in _chain(error))


def is_alive(engine: Engine) -> bool:
    """Whether the database answers."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def _is_outage(error: BaseException, engine: Engine) -> bool:
    if isinstance(error, PoolTimeout | DatabaseGone):
        return True
    if not isinstance(error, DBAPIError):
        return False
    said = str(error.orig)
    passing = getattr(error.orig, "sqlstate", None) in PASSING or any(words in said for words in PASSING_WORDS)
    return error.connection_invalidated or passing or not is_alive(engine)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__

"""Tell "the database is away" from "the handler is wrong": only the second may use up attempts."""

from collections.abc import Callable, Iterator

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

PASSING = ("40001", "40P01", "55P03", "57P01", "57P02", "57P03", "53300", "57014")
"""PostgreSQL: serialisation, deadlock, lock timeout, shutdown, too many connections, cancelled."""


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
    passing = getattr(error.orig, "sqlstate", None) in PASSING or "database is locked" in str(error.orig)
    return error.connection_invalidated or passing or not is_alive(engine)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__

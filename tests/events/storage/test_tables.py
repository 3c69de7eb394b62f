"""The migrations build what the code expects, on both databases."""

from services.events.app import MIGRATIONS
from services.events.storage.tables import Row
from shared.database import connect
from shared.migrations import check, is_current, upgrade


def test_migrations_and_tables_agree(database_url: str) -> None:
    engine = connect(database_url)

    upgrade(engine, MIGRATIONS)

    assert is_current(engine, MIGRATIONS)
    assert check(engine, MIGRATIONS, Row.metadata) == []
    engine.dispose()

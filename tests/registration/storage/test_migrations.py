"""A migrated database is what the code expects, on both databases."""

from services.registration.app import MIGRATIONS
from services.registration.storage.tables import Row
from shared.database import connect
from shared.migrations import check, is_current, upgrade


def test_migrations_lead_to_the_tables_in_the_code(database_url: str) -> None:
    engine = connect(database_url)

    upgrade(engine, MIGRATIONS)

    assert is_current(engine, MIGRATIONS)
    assert check(engine, MIGRATIONS, Row.metadata) == []
    engine.dispose()

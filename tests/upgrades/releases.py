"""What earlier releases left behind: their databases, what they say to them, and their migrations."""

import json
import lzma
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, MetaData, make_url, select

from services.events.app import MIGRATIONS as EVENTS
from services.events.storage.tables import Row as EventsRow
from services.notifications.app import MIGRATIONS as NOTIFICATIONS
from services.notifications.storage.tables import Row as NotificationsRow
from services.registration.app import MIGRATIONS as REGISTRATION
from services.registration.storage.tables import Row as RegistrationRow

HERE = Path(__file__).parent
RELEASES = sorted((each.parent.name for each in HERE.glob("*/migrations.json")), key=lambda name: name.split("."))
PREVIOUS = RELEASES[-1]
PACKAGES = {"events": EVENTS, "registration": REGISTRATION, "notifications": NOTIFICATIONS}
TABLES: dict[str, MetaData] = {
    "events": EventsRow.metadata,
    "registration": RegistrationRow.metadata,
    "notifications": NotificationsRow.metadata,
}


def fill(url: str, service: str, release: str = PREVIOUS) -> None:
    """Bring an empty database to where that release left its own."""
    target = make_url(url)
    if target.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(target.database))) as connection:
            connection.executescript(_read(f"{release}/{service}.sqlite.sql.xz"))
        return
    address = target.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(_read(f"{release}/{service}.postgres.sql.xz").encode())


def statements(release: str = PREVIOUS) -> list[str]:
    """Every statement that the release's own tests made it say to SQLite."""
    said: list[str] = json.loads(_read(f"{release}/statements.json.xz"))
    return said


def migrations(release: str) -> dict[str, str]:
    """Path and SHA-256 of every migration that was part of the release."""
    found: dict[str, str] = json.loads((HERE / release / "migrations.json").read_text())
    return found


def known_to(engine: Engine) -> MetaData:
    """The tables as they stand in a database: taken before an upgrade, what the older code knows of."""
    known = MetaData()
    known.reflect(engine)
    known.remove(known.tables["alembic_version"])
    return known


def rows(connection: Connection, known: MetaData) -> dict[str, Counter[str]]:
    """All that is written in these columns of these tables, in no order."""
    return {
        table.name: Counter(repr(tuple(row)) for row in connection.execute(select(table)))
        for table in known.sorted_tables
    }


def _read(path: str) -> Any:
    return lzma.decompress((HERE / path).read_bytes()).decode()

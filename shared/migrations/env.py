"""Alembic's environment: the connection comes from shared.migrations, never from an .ini file."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON

from shared.database import UTCDateTime


def _our_types(kind: str, column_type: Any, _context: Any) -> str | Literal[False]:
    """Write our column types into migrations by their own names."""
    if kind == "type" and isinstance(column_type, UTCDateTime):
        return "shared.database.UTCDateTime()"
    if kind == "type" and isinstance(column_type, JSON):
        return "shared.database.Json"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["metadata"],
    render_as_batch=True,
    transactional_ddl=True,
    render_item=_our_types,
)
with context.begin_transaction():
    context.run_migrations()

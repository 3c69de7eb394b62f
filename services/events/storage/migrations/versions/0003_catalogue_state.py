"""Count the changes of what the catalogue shows.

Old code goes on working: the counting is done by triggers and needs nothing of it.
A later migration that makes SQLite copy one of these tables must make its triggers anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SHOWN = ("event", "event_session", "quota", "company", "organisation")
_COUNT = "UPDATE catalogue_state SET version = version + 1"
_NOTE = """CREATE FUNCTION note_catalogue_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE catalogue_state SET version = version + 1, noted_by = pg_current_xact_id()::text::bigint
    WHERE noted_by <> pg_current_xact_id()::text::bigint;
    RETURN NULL;
END $$"""


def upgrade() -> None:
    op.create_table(
        "catalogue_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("noted_by", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_state")),
    )
    op.execute("INSERT INTO catalogue_state (id, version, noted_by) VALUES (1, 1, 0)")
    if op.get_bind().dialect.name == "sqlite":
        _count_on_sqlite()
    else:
        _count_on_postgresql()


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table, act in _writes():
            op.execute(f"DROP TRIGGER note_{table}_{act.lower()}")
    else:
        op.execute("DROP FUNCTION note_catalogue_change() CASCADE")
    op.drop_table("catalogue_state")


def _count_on_postgresql() -> None:
    """Deferred: the one row is locked while a transaction commits, and no longer."""
    op.execute(_NOTE)
    for table in _SHOWN:
        op.execute(
            f"CREATE CONSTRAINT TRIGGER note_catalogue_change AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_catalogue_change()"
        )


def _count_on_sqlite() -> None:
    for table, act in _writes():
        op.execute(f"CREATE TRIGGER note_{table}_{act.lower()} AFTER {act} ON {table} BEGIN {_COUNT}; END")


def _writes() -> list[tuple[str, str]]:
    return [(table, act) for table in _SHOWN for act in ("INSERT", "UPDATE", "DELETE")]

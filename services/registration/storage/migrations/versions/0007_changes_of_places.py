"""Somebody keeps a place until the one that she wants instead is hers."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_REPLACED = sa.text("replaced_by IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replaced_by", sa.Uuid(), nullable=True))
        batch_op.create_index(
            "exchanges", ["quota_id"], unique=False, sqlite_where=_REPLACED, postgresql_where=_REPLACED
        )

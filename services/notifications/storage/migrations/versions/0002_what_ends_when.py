"""When revoked tokens and events end."""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("revoked_token", schema=None) as batch_op:
        batch_op.add_column(sa.Column("expires_at", shared.database.UTCDateTime(), nullable=True))
        batch_op.create_index(batch_op.f("ix_revoked_token_expires_at"), ["expires_at"], unique=False)
    with op.batch_alter_table("event_copy", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ends_at", shared.database.UTCDateTime(), nullable=True))
        batch_op.create_index(batch_op.f("ix_event_copy_ends_at"), ["ends_at"], unique=False)

"""How an event gives its places."""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rules = sa.Column("sign_up_rules", shared.database.Json, nullable=False, server_default=sa.text("'{}'"))
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.add_column(rules)

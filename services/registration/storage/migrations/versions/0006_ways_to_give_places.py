"""Lotteries, priorities, approvals, and places that are offered for a time."""

import sqlalchemy as sa
from alembic import op

from shared.database import Json, UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_OFFERED, _UNTOLD = sa.text("state = 'offered'"), sa.text("untold")


def upgrade() -> None:
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("drawn_at", UTCDateTime(), nullable=True))
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.add_column(sa.Column("untold", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_index("untold", ["event_id"], unique=False, sqlite_where=_UNTOLD, postgresql_where=_UNTOLD)
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.add_column(sa.Column("together", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("offered_until", UTCDateTime(), nullable=True))
        batch_op.create_index(
            "open_offers", ["offered_until"], unique=False, sqlite_where=_OFFERED, postgresql_where=_OFFERED
        )
    op.create_table(
        "draw",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("drawn_at", UTCDateTime(), nullable=True),
        sa.Column("lots", Json, nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_draw_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_draw")),
    )
    op.create_index(op.f("ix_draw_due_at"), "draw", ["due_at"], unique=False)
    op.create_table(
        "claim",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("field_of_study", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_claim_registration_id")),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_claim")),
    )

"""Hosts hear who comes, and contacts are exchanged after the visit."""

import sqlalchemy as sa
from alembic import op

from shared.database import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("host_told_at", UTCDateTime(), nullable=True))
    op.create_table(
        "company_contact",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("agreed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_company_contact_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_company_contact")),
    )
    op.create_table(
        "contact_wish",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("agreed_at", UTCDateTime(), nullable=False),
        sa.Column("exchanged_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_contact_wish_event_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_contact_wish_registration_id")),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_contact_wish")),
    )
    op.create_index(op.f("ix_contact_wish_event_id"), "contact_wish", ["event_id"], unique=False)

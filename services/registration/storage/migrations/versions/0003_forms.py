"""Forms, answers and files."""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "form_draft",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("questions", shared.database.Json, nullable=False),
        sa.Column("changed_at", shared.database.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_form_draft_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_form_draft")),
    )
    op.create_table(
        "form_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("questions", shared.database.Json, nullable=False),
        sa.Column("published_at", shared.database.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_form_version_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_version")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_form_version_event_id_number")),
    )
    op.create_table(
        "answer",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("form_id", sa.Uuid(), nullable=False),
        sa.Column("value", shared.database.Json, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("retention_days", sa.Integer(), nullable=False),
        sa.Column("consent", sa.String(), nullable=False),
        sa.Column("answered_at", shared.database.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["form_id"], ["form_version.id"], name=op.f("fk_answer_form_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_answer_registration_id")),
        sa.PrimaryKeyConstraint("registration_id", "question_id", name=op.f("pk_answer")),
    )
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.create_index("answers_by_period", ["retention_days", "registration_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_answer_form_id"), ["form_id"], unique=False)

    op.create_table(
        "answer_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("sent_at", shared.database.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_answer_file_event_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_answer_file_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_file")),
    )
    with op.batch_alter_table("answer_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_file_registration_id"), ["registration_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_answer_file_sent_at"), ["sent_at"], unique=False)

    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("form_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_column("form_id")

    op.drop_table("answer_file")
    op.drop_table("answer")
    op.drop_table("form_version")
    op.drop_table("form_draft")

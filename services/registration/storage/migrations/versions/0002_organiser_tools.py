"""Tools for organisers: notes, batches, invitations, lists of people taken over, a log by event."""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_EVENT_OF_ENTRY = """
UPDATE audit_entry SET event_id = coalesce(
    (SELECT registration.event_id FROM registration WHERE registration.id = audit_entry.object_id),
    (SELECT device.event_id FROM device WHERE device.id = audit_entry.object_id),
    (SELECT event.id FROM event WHERE event.id = audit_entry.object_id)
) WHERE event_id IS NULL
"""


def upgrade() -> None:
    op.create_table(
        "colleague",
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("seen_at", shared.database.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("actor_id", name=op.f("pk_colleague")),
    )
    with op.batch_alter_table("colleague", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_colleague_seen_at"), ["seen_at"], unique=False)

    op.create_table(
        "batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("facts", shared.database.Json, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.UTCDateTime(), nullable=False),
        sa.Column("due_at", shared.database.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_batch_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.create_index("due_batches", ["state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_batch_event_id"), ["event_id"], unique=False)

    op.create_table(
        "import_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_import_run_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_run_event_id"), ["event_id"], unique=False)

    op.create_table(
        "batch_item",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("done_at", shared.database.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_item_batch_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_batch_item_registration_id")),
        sa.PrimaryKeyConstraint("batch_id", "registration_id", name=op.f("pk_batch_item")),
    )
    with op.batch_alter_table("batch_item", schema=None) as batch_op:
        batch_op.create_index("open_items", ["batch_id", "state", "position"], unique=False)

    op.create_table(
        "history_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("at", shared.database.UTCDateTime(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("facts", shared.database.Json, nullable=False),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_history_line_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_line")),
    )
    with op.batch_alter_table("history_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_history_line_registration_id"), ["registration_id"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("quota_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("holds_place", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("ascii_email", sa.String(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("deadline", shared.database.UTCDateTime(), nullable=True),
        sa.Column("registration_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", shared.database.UTCDateTime(), nullable=False),
        sa.Column("changed_at", shared.database.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_invitation_event_id")),
        sa.ForeignKeyConstraint(["quota_id"], ["quota.id"], name=op.f("fk_invitation_quota_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_invitation_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index("invitations_of_an_event", ["event_id", "created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitation_quota_id"), ["quota_id"], unique=False)
        batch_op.create_index("lapsing_invitations", ["state", "deadline"], unique=False)
        batch_op.create_index(
            "one_open_invitation_per_person",
            ["event_id", "email_key"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("written_at", shared.database.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_note_event_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_note_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_note_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_note_registration_id"), ["registration_id"], unique=False)

    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("event_id", sa.Uuid(), nullable=True))
        batch_op.create_index("log_of_an_event", ["event_id", "at", "id"], unique=False)

    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_registration_email_key"), ["email_key"], unique=False)
        batch_op.create_index("registrations_by_arrival", ["event_id", "created_at", "id"], unique=False)
        batch_op.create_index("registrations_by_name", ["event_id", "search_text", "id"], unique=False)
        batch_op.create_index("registrations_by_status", ["event_id", "status", "created_at", "id"], unique=False)

    op.execute(_EVENT_OF_ENTRY)


def downgrade() -> None:
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_index("registrations_by_status")
        batch_op.drop_index("registrations_by_name")
        batch_op.drop_index("registrations_by_arrival")
        batch_op.drop_index(batch_op.f("ix_registration_email_key"))

    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("log_of_an_event")
        batch_op.drop_column("event_id")

    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_note_registration_id"))
        batch_op.drop_index(batch_op.f("ix_note_event_id"))

    op.drop_table("note")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(
            "one_open_invitation_per_person",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index("lapsing_invitations")
        batch_op.drop_index(batch_op.f("ix_invitation_quota_id"))
        batch_op.drop_index("invitations_of_an_event")

    op.drop_table("invitation")
    with op.batch_alter_table("history_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_history_line_registration_id"))

    op.drop_table("history_line")
    with op.batch_alter_table("batch_item", schema=None) as batch_op:
        batch_op.drop_index("open_items")

    op.drop_table("batch_item")
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_run_event_id"))

    op.drop_table("import_run")
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_batch_event_id"))
        batch_op.drop_index("due_batches")

    op.drop_table("batch")
    with op.batch_alter_table("colleague", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_colleague_seen_at"))

    op.drop_table("colleague")

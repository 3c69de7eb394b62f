"""The tables that every service carries for its messages.

They are the same in each service's own database, so queries use the table objects of this module directly.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import DeclarativeBase

from shared.database import Json, UTCDateTime, new_metadata

_metadata = new_metadata()
_Serial = BigInteger().with_variant(Integer, "sqlite")

outbox_stream = Table(
    "outbox_stream",
    _metadata,
    Column("name", String(40), primary_key=True),
    Column("epoch", String(36), nullable=False),  # sorts by time: a producer that lost its past begins a later one
    Column("last_seq", BigInteger, nullable=False),  # numbers given
    Column("sent_seq", BigInteger, nullable=False),  # numbers that the broker has confirmed
)

outbox = Table(
    "outbox",
    _metadata,
    Column("id", _Serial, primary_key=True, autoincrement=True),
    Column("seq", BigInteger, unique=True),  # given by the relay: gapless, in commit order
    Column("message_id", Uuid, nullable=False, unique=True),
    Column("type", String(120), nullable=False),
    Column("aggregate", String(120), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("data", Json, nullable=False),
    Column("traceparent", String(60)),
    Column("created_at", UTCDateTime, nullable=False),
    Column("sent_at", UTCDateTime),
    UniqueConstraint("aggregate", "version"),
)
Index(
    "ix_outbox_unnumbered",
    outbox.c.id,
    sqlite_where=outbox.c.seq.is_(None),
    postgresql_where=outbox.c.seq.is_(None),
)

outbox_reader = Table(
    "outbox_reader",
    _metadata,
    Column("name", String(40), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("seen_at", UTCDateTime, nullable=False),
)

inbox_cursor = Table(
    "inbox_cursor",
    _metadata,
    Column("producer", String(40), primary_key=True),
    Column("epoch", String(36), nullable=False),
    Column("position", BigInteger, nullable=False),  # everything up to here is stored or done
)

inbox = Table(
    "inbox",
    _metadata,
    Column("producer", String(40), primary_key=True),
    Column("epoch", String(36), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("message_id", Uuid, nullable=False, index=True),
    Column("type", String(120), nullable=False),
    Column("aggregate", String(120), nullable=False),
    Column("body", Json, nullable=False),  # the whole envelope
    Column("state", String(10), nullable=False),  # pending | parked | done
    Column("attempts", Integer, nullable=False),
    Column("next_at", UTCDateTime, nullable=False),
    Column("error", Text),
    Column("received_at", UTCDateTime, nullable=False),
)
_open = inbox.c.state != "done"
Index(
    "ix_inbox_open",
    inbox.c.producer,
    inbox.c.aggregate,
    inbox.c.epoch,
    inbox.c.seq,
    sqlite_where=_open,
    postgresql_where=_open,
)


def attach(row: type[DeclarativeBase] | MetaData) -> MetaData:
    """Make the message tables part of a service's own metadata (and so of its migrations).

    storage/tables.py calls `attach(Row)` once, after Row is defined.
    """
    metadata = row if isinstance(row, MetaData) else row.metadata
    for table in _metadata.sorted_tables:
        table.to_metadata(metadata)
    return metadata

"""Two services that do nothing but talk: what is said here has its effect there, and everything is written down."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import Engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from shared.contracts.envelope import Envelope
from shared.contracts.message import Message
from shared.database import COLUMN_TYPES, connect, insert_if_new, new_metadata, reading_sessions_for, sessions_for
from shared.messaging import inbox, outbox, relay
from shared.messaging.handling import Handlers
from shared.messaging.tables import attach
from shared.messaging.tables import inbox as inbox_table

NOW = datetime(2026, 12, 3, 13, 0, tzinfo=UTC)


class Row(DeclarativeBase):
    """The tables of every service in these tests."""

    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


class Aggregate(Row):
    """Something with a version."""

    __tablename__ = "aggregate"
    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]


class Effect(Row):
    """What a handler did, in the order in which it did it."""

    __tablename__ = "effect"
    id: Mapped[int] = mapped_column(primary_key=True)
    aggregate: Mapped[str]
    version: Mapped[int]


attach(Row)


@dataclass(frozen=True, kw_only=True)
class Said(Message):
    """A message whose handler may be told to fail."""

    producer: ClassVar[str] = "events"
    aggregate: str
    version: int
    deed: str = ""


@dataclass(frozen=True, kw_only=True)
class Murmured(Message):
    """A message that nobody listens to."""

    producer: ClassVar[str] = "events"


def database(url: str) -> Engine:
    """With all tables."""
    engine = connect(url)
    Row.metadata.create_all(engine)
    return engine


def say(engine: Engine, aggregate: str = "a", deed: str = "") -> int:
    """A use case: change something and tell it; the new version."""
    with sessions_for(engine).begin() as session:
        return say_in(session, aggregate, deed)


def say_in(session: Session, aggregate: str, deed: str = "") -> int:
    """The same within a transaction."""
    insert_if_new(session, Aggregate.metadata.tables["aggregate"], name=aggregate, version=0)
    row = session.get_one(Aggregate, aggregate, with_for_update=True)
    row.version += 1
    outbox.add(
        session,
        Said(aggregate=aggregate, version=row.version, deed=deed),
        aggregate=f"thing:{aggregate}",
        version=row.version,
    )
    return row.version


def murmur(engine: Engine, version: int) -> None:
    """Tell something that nobody handles."""
    with sessions_for(engine).begin() as session:
        outbox.add(session, Murmured(), aggregate="murmur", version=version)


class Unwell(Exception):
    """A handler's bad day."""


def hear(message: Said, *, session: Session, now: datetime) -> None:
    """The handler."""
    session.add(Effect(aggregate=message.aggregate, version=message.version))
    session.flush()
    deed, _, argument = message.deed.partition(":")
    if deed == "fail":
        raise Unwell(message.aggregate)
    if deed == "fail-while" and Path(argument).exists():
        raise Unwell(message.aggregate)
    if deed == "die-while" and Path(argument).exists():
        with Path(argument).open("a") as file:
            file.write("x")
        os.kill(os.getpid(), signal.SIGKILL)


HANDLERS: Handlers = {Said: hear}


def envelopes(engine: Engine, service: str = "events") -> list[Envelope]:
    """Everything written so far, numbered."""
    while True:
        before = relay.number(engine, service, now=NOW)
        if relay.number(engine, service, now=NOW) == before:
            break
    with reading_sessions_for(engine).begin() as session:
        return relay.written(session, before, after=0, limit=100_000)


def receive(engine: Engine, envelope: Envelope, now: datetime = NOW, **options: Any) -> bool:
    """As the consumer does it."""
    return inbox.receive(engine, HANDLERS, envelope, now=now, **options)


def effects(engine: Engine) -> list[tuple[str, int]]:
    """What the handlers did."""
    with reading_sessions_for(engine).begin() as session:
        return [(each.aggregate, each.version) for each in session.scalars(select(Effect).order_by(Effect.id))]


def states(engine: Engine) -> dict[int, str]:
    """The inbox by number."""
    with reading_sessions_for(engine).begin() as session:
        query = select(inbox_table.c.seq, inbox_table.c.state).order_by(inbox_table.c.seq)
        return dict(session.execute(query).all())


def in_order(found: list[tuple[str, int]]) -> bool:
    """Each aggregate's versions come as 1, 2, 3 …, each once."""
    counts: dict[str, int] = {}
    for aggregate, version in found:
        if version != counts.get(aggregate, 0) + 1:
            return False
        counts[aggregate] = version
    return True


def eventually(true: Callable[[], Any], what: str = "", seconds: float = 60.0) -> None:
    """Wait for a condition, not for a time."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what or true}"
        time.sleep(0.02)


class Wire:
    """A broker that keeps what it was given."""

    def __init__(self) -> None:
        self.sent: list[Envelope] = []
        self.to: list[str | None] = []

    def publish(self, envelopes: Any, *, reader: str | None = None) -> None:
        self.sent += envelopes
        self.to += [reader] * len(envelopes)


@contextmanager
def two_databases(first: str, second: str) -> Iterator[tuple[Engine, Engine]]:
    """The speaker's and the hearer's."""
    speaker, hearer = database(first), database(second)
    try:
        yield speaker, hearer
    finally:
        speaker.dispose()
        hearer.dispose()

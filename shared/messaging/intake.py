"""What one transaction takes in: few statements for many messages, and for each what it would have met alone."""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from shared.contracts.envelope import Envelope
from shared.contracts.message import Message
from shared.database import insert_if_new, is_sqlite, one_of
from shared.messaging import attempts
from shared.messaging.handling import Handlers
from shared.messaging.tables import inbox, inbox_cursor

AT_ONCE = 50
WALK = 500


@dataclass(frozen=True)
class Arrival:
    """A message that came. A `suspect` may have ended a process before; `failure` is what its handler just said."""

    envelope: Envelope
    suspect: bool = False
    failure: str = ""


@dataclass(frozen=True)
class Taken:
    """How many of the first were taken in, and whether one of them waits for its turn or its next attempt."""

    count: int
    waiting: bool


class HandlerFailed(Exception):
    """The handler of the message at `place` raised what is the cause of this; the transaction is of no more use."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


@dataclass(frozen=True)
class Cursor:
    """Everything of this epoch up to `position` is stored or done."""

    epoch: str
    position: int


def take_in(
    session: Session, handlers: Handlers, arrivals: Sequence[Arrival], *, now: datetime, seconds: float = math.inf
) -> Taken:
    """The first ones, as long as they are of one producer and epoch and no more than `seconds` have passed."""
    ending = time.monotonic() + seconds
    run = list(_alike(arrivals))
    intake = Intake(session, handlers, [each.envelope for each in run], now)
    count = 0
    for arrival in run:
        if count and time.monotonic() > ending:
            break
        try:
            intake.take(arrival)
        except Exception as error:
            raise HandlerFailed(count) from error
        count += 1
    intake.write_down()
    return Taken(count, intake.waiting)


def run_handler(session: Session, handlers: Handlers, envelope: Envelope, *, now: datetime) -> None:
    """Call the handler of this message's type, if there is one. The next one finds the session as if it were new."""
    kind = by_name(handlers).get(envelope.type)
    if kind is None:
        return
    session.info["traceparent"] = envelope.traceparent
    session.info["message_id"] = envelope.id
    handlers[kind](kind.load(envelope.data), session=session, now=now)
    session.flush()
    session.expunge_all()


def by_name(handlers: Handlers) -> Mapping[str, type[Message]]:
    """The message types that this service cares about."""
    return {kind.type_name(): kind for kind in handlers}


def lock_cursor(session: Session, producer: str) -> Cursor:
    """One consumer at a time per producer, whatever the broker does."""
    columns = (inbox_cursor.c.epoch, inbox_cursor.c.position)
    query = select(*columns).where(inbox_cursor.c.producer == producer).with_for_update()
    row = session.execute(query).one_or_none()
    if row is None:
        insert_if_new(session, inbox_cursor, producer=producer, epoch="", position=0)
        row = session.execute(query).one()
    return Cursor(*row)


def _alike(arrivals: Sequence[Arrival]) -> Iterator[Arrival]:
    first = arrivals[0].envelope
    for each in arrivals[:AT_ONCE]:
        if (each.envelope.producer, each.envelope.epoch) != (first.producer, first.epoch):
            return
        yield each


class Intake:
    """Decides for one message after the other, and remembers what the database is told at the end."""

    def __init__(self, session: Session, handlers: Handlers, envelopes: Sequence[Envelope], now: datetime) -> None:
        self._session, self._handlers, self._now = session, handlers, now
        self._types = by_name(handlers)
        self._producer = envelopes[0].producer
        self._before = lock_cursor(session, self._producer)
        self._cursor = self._in_epoch(self._before, envelopes[0].epoch)
        fresh = [each for each in envelopes if not self._is_echo(each)]
        self._known = self._known_ids(fresh)
        self._open = self._first_open(fresh)
        self._beyond = self._stored_beyond()
        self._rows: dict[int, dict[str, Any]] = {}
        self.waiting = False

    def take(self, arrival: Arrival) -> None:
        """Handle it if it is its turn, else keep it."""
        self._hear_of_hole(arrival.envelope)
        if not self._is_echo(arrival.envelope):  # stored already, or of a past that the producer gave up
            self._handle_or_store(arrival)
        self._advance(arrival.envelope)

    def write_down(self) -> None:
        """The rows and the new position."""
        if self._rows:
            dialect = sqlite if is_sqlite(self._session.connection()) else postgresql
            statement = dialect.insert(inbox).on_conflict_do_nothing()
            self._session.execute(statement, list(self._rows.values()))
        if self._cursor != self._before:
            values = {"epoch": self._cursor.epoch, "position": self._cursor.position}
            mine = inbox_cursor.c.producer == self._producer
            self._session.execute(update(inbox_cursor).where(mine).values(**values))

    def _handle_or_store(self, arrival: Arrival) -> None:
        envelope = arrival.envelope
        overtook = envelope.seq > self._cursor.position + 1
        if envelope.type not in self._types or envelope.id in self._known:
            if overtook:
                self._store(arrival, state="done")
        elif arrival.suspect or overtook or self._is_blocked(envelope):
            self._store(arrival, state="pending")
        else:
            run_handler(self._session, self._handlers, envelope, now=self._now)
            self._store(arrival, state="done")

    def _in_epoch(self, cursor: Cursor, epoch: str) -> Cursor:
        """In a later epoch, what we hold beyond a gap comes again under new numbers, in its right order."""
        if epoch <= cursor.epoch:
            return cursor
        beyond = and_(inbox.c.epoch == cursor.epoch, inbox.c.seq > cursor.position)
        self._session.execute(delete(inbox).where(inbox.c.producer == self._producer, beyond))
        return Cursor(epoch, 0)

    def _hear_of_hole(self, envelope: Envelope) -> None:
        """What is sent again says from where on the producer has nothing before it."""
        after, cursor = envelope.after, self._cursor
        if envelope.epoch == cursor.epoch and after is not None and after <= cursor.position:
            self._cursor = replace(cursor, position=max(cursor.position, envelope.seq - 1))

    def _is_echo(self, envelope: Envelope) -> bool:
        return envelope.epoch < self._cursor.epoch or envelope.seq <= self._cursor.position

    def _is_blocked(self, envelope: Envelope) -> bool:
        """Whether an earlier message about the same aggregate still waits."""
        epoch, seq = self._open.get(envelope.subject, (envelope.epoch, envelope.seq))
        return epoch < envelope.epoch or seq < envelope.seq

    def _store(self, arrival: Arrival, *, state: str) -> None:
        envelope, tried = arrival.envelope, int(bool(arrival.failure))
        if envelope.seq in self._rows:
            return
        self._rows[envelope.seq] = {
            "producer": self._producer,
            "epoch": envelope.epoch,
            "seq": envelope.seq,
            "message_id": envelope.id,
            "type": envelope.type,
            "aggregate": envelope.subject,
            "body": envelope.dump(),
            "state": state,
            "attempts": tried,
            "next_at": attempts.next_attempt(tried, self._now) if tried else self._now,
            "error": arrival.failure or None,
            "received_at": self._now,
        }
        self._known.add(envelope.id)
        self._beyond.add(envelope.seq)
        if state == "pending":
            self.waiting = True
            epoch, seq = self._open.get(envelope.subject, (envelope.epoch, envelope.seq))
            self._open[envelope.subject] = (min(epoch, envelope.epoch), min(seq, envelope.seq))

    def _advance(self, envelope: Envelope) -> None:
        """Over this message, and over what was stored beyond a gap that it closed."""
        position = self._cursor.position
        if (envelope.epoch, envelope.seq) == (self._cursor.epoch, position + 1):
            position += 1
        while position + 1 in self._beyond:
            position += 1
        self._cursor = replace(self._cursor, position=position)

    def _known_ids(self, envelopes: Sequence[Envelope]) -> set[Any]:
        """Those that wait already, or came before under a number of an earlier epoch."""
        if not envelopes:
            return set()
        ids = [each.id for each in envelopes]
        query = select(inbox.c.message_id).where(one_of(self._session, inbox.c.message_id, ids))
        return set(self._session.scalars(query))

    def _first_open(self, envelopes: Sequence[Envelope]) -> dict[str, tuple[str, int]]:
        """Per aggregate, the earliest epoch and the smallest number of what is not done."""
        if not envelopes:
            return {}
        query = (
            select(inbox.c.aggregate, func.min(inbox.c.epoch), func.min(inbox.c.seq))
            .where(inbox.c.producer == self._producer, inbox.c.state != literal_column("'done'"))
            .where(one_of(self._session, inbox.c.aggregate, {each.subject for each in envelopes}))
            .group_by(inbox.c.aggregate)
        )
        return {aggregate: (epoch, seq) for aggregate, epoch, seq in self._session.execute(query)}

    def _stored_beyond(self) -> set[int]:
        here = (inbox.c.producer == self._producer, inbox.c.epoch == self._cursor.epoch)
        beyond = select(inbox.c.seq).where(*here, inbox.c.seq > self._cursor.position)
        return set(self._session.scalars(beyond.order_by(inbox.c.seq).limit(WALK)))

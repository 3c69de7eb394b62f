"""Try again what failed or had to wait its turn: in order per aggregate, with growing pauses, and not for ever."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from shared.clock import now as clock
from shared.contracts.envelope import Envelope
from shared.database import reading_sessions_for, sessions_for
from shared.messaging import attempts
from shared.messaging.handling import Handlers
from shared.messaging.inbox import SECONDS
from shared.messaging.intake import run_handler
from shared.messaging.outage import DatabaseGone, is_alive, is_outage
from shared.messaging.tables import inbox, inbox_cursor

log = logging.getLogger(__name__)

KEPT = timedelta(days=14)  # longer than an outbox keeps its messages: an old one is recognised by its id
TOGETHER = 25
INTERRUPTED = "It did not come back: the process ended while it was handled."


@dataclass(frozen=True)
class _Attempt:
    producer: str
    epoch: str
    seq: int
    count: int

    @property
    def row(self) -> ColumnElement[bool]:
        return and_(inbox.c.producer == self.producer, inbox.c.epoch == self.epoch, inbox.c.seq == self.seq)


def drain(engine: Engine, handlers: Handlers, *, now: datetime | None = None, seconds: float = 0.2) -> int:
    """Run what is due; how many attempts were made.

    Bounded in time: the caller has heartbeats to send. With `now` given, time stands still (tests).
    """
    deadline, made = time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        count = attempt_next(engine, handlers, now=now or clock())
        if not count:
            break
        made += count
    return made


def attempt_next(engine: Engine, handlers: Handlers, *, now: datetime) -> int:
    """Take the next due messages and try them; how many, 0 if none is due.

    An attempt is counted before it is made, so that a message that ends the process is counted too. Those that were
    never tried go together; whatever goes wrong then, each is tried alone from its second attempt on.
    """
    with reading_sessions_for(engine).begin() as session:
        if session.execute(_due(now).limit(1)).first() is None:
            return 0
    with sessions_for(engine).begin() as session:
        counted = _count(session, now)
    if len(counted) == 1:
        _try(engine, handlers, counted[0], now)
        return 1
    return _try_together(engine, handlers, counted, now) if counted else 0


def prune(session: Session, *, now: datetime, limit: int = 1000) -> bool:
    """Forget messages that were done long ago; whether there may be more."""
    key = (inbox.c.producer, inbox.c.epoch, inbox.c.seq)
    old = select(*key).where(inbox.c.state == "done", inbox.c.received_at < now - KEPT).limit(limit)
    rows = session.execute(old).all()
    for producer, epoch, seq in rows:
        session.execute(delete(inbox).where(_Attempt(producer, epoch, seq, 0).row))
    return len(rows) == limit


def _count(session: Session, now: datetime) -> list[_Attempt]:
    due = session.execute(_due(now).limit(TOGETHER).with_for_update(skip_locked=True, of=inbox)).all()
    chosen = list(takewhile(lambda row: row.attempts == 0, due)) or due[:1]
    counted = [_Attempt(row.producer, row.epoch, row.seq, row.attempts + 1) for row in chosen]
    for attempt, row in zip(counted, chosen, strict=True):
        if attempt.count > attempts.LIMIT:
            _park(session, attempt, row.error or INTERRUPTED)
            return []
        later = attempts.next_attempt(attempt.count, now)
        session.execute(update(inbox).where(attempt.row).values(attempts=attempt.count, next_at=later))
    return counted


def _try_together(engine: Engine, handlers: Handlers, counted: Sequence[_Attempt], now: datetime) -> int:
    """In one transaction, as many as fit into its time. If one fails, it alone has had its attempt."""
    ending, made, place = time.monotonic() + SECONDS, 0, 0
    try:
        with sessions_for(engine).begin() as session:
            for place, attempt in enumerate(counted):  # noqa: B007 - tells below which one it was
                if made and time.monotonic() > ending:
                    _uncount(session, attempt, now)
                else:
                    _run(session, handlers, attempt, now)
                    made += 1
    except Exception as error:  # whatever a handler raises must not stop the messages of others
        if is_outage(error, engine) and not is_alive(engine):
            raise DatabaseGone(lambda: _take_back(engine, counted, now)) from error
        _take_back(engine, [*counted[:place], *counted[place + 1 :]], now)
        _try(engine, handlers, counted[place], now)
        return 1
    return made


def _try(engine: Engine, handlers: Handlers, attempt: _Attempt, now: datetime) -> None:
    try:
        with sessions_for(engine).begin() as session:
            _run(session, handlers, attempt, now)
    except Exception as error:  # whatever a handler raises must not stop the messages of others
        if is_outage(error, engine):
            raise DatabaseGone(lambda: _take_back(engine, [attempt], now)) from error
        with sessions_for(engine).begin() as session:
            _note(session, attempt, attempts.describe(error))


def _run(session: Session, handlers: Handlers, attempt: _Attempt, now: datetime) -> None:
    envelope = _locked(session, attempt)
    if envelope is not None:
        run_handler(session, handlers, envelope, now=now)
        session.execute(update(inbox).where(attempt.row).values(state="done", error=None))


def _locked(session: Session, attempt: _Attempt) -> Envelope | None:
    """None if another consumer was quicker."""
    mine = select(inbox.c.body).where(attempt.row, inbox.c.state == "pending", inbox.c.attempts == attempt.count)
    body = session.scalar(mine.with_for_update(skip_locked=True))
    return None if body is None else Envelope.load(body)


def _note(session: Session, attempt: _Attempt, failure: str) -> None:
    log.warning("attempt %d at %s %d failed: %s", attempt.count, attempt.producer, attempt.seq, failure)
    session.execute(update(inbox).where(attempt.row).values(error=failure))
    if attempt.count >= attempts.LIMIT:
        _park(session, attempt, failure)


def _park(session: Session, attempt: _Attempt, failure: str) -> None:
    log.error("parked %s %d: later messages about the same wait behind it", attempt.producer, attempt.seq)
    session.execute(update(inbox).where(attempt.row).values(state="parked", error=failure))


def _take_back(engine: Engine, counted: Sequence[_Attempt], now: datetime) -> None:
    """The database was away: this was no attempt."""
    with sessions_for(engine).begin() as session:
        for attempt in counted:
            _uncount(session, attempt, now)


def _uncount(session: Session, attempt: _Attempt, now: datetime) -> None:
    mine = and_(attempt.row, inbox.c.attempts == attempt.count, inbox.c.state == "pending")
    session.execute(update(inbox).where(mine).values(attempts=attempt.count - 1, next_at=now))


def _due(now: datetime) -> Select[Any]:
    """The messages whose time and turn have come; of one aggregate only the first."""
    cursor = inbox_cursor.c
    reached = or_(inbox.c.epoch < cursor.epoch, and_(inbox.c.epoch == cursor.epoch, inbox.c.seq <= cursor.position))
    # No pause is that long: it was written down by a clock that ran ahead.
    due = or_(inbox.c.next_at <= now, inbox.c.next_at > now + 2 * attempts.LONGEST)
    return (
        select(inbox.c.producer, inbox.c.epoch, inbox.c.seq, inbox.c.attempts, inbox.c.error)
        .join(inbox_cursor, cursor.producer == inbox.c.producer)
        .where(inbox.c.state == "pending", due, reached, ~_earlier_open())
        .order_by(inbox.c.next_at, inbox.c.producer, inbox.c.epoch, inbox.c.seq)
    )


def _earlier_open() -> ColumnElement[bool]:
    first = aliased(inbox)
    before = or_(first.c.epoch < inbox.c.epoch, and_(first.c.epoch == inbox.c.epoch, first.c.seq < inbox.c.seq))
    same = (first.c.producer == inbox.c.producer, first.c.aggregate == inbox.c.aggregate, first.c.state != "done")
    return exists().where(*same, before)

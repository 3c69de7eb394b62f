"""Carry messages from one service to another by hand, without a broker: for tests of whole journeys."""

from datetime import datetime

from sqlalchemy import Engine, select

from shared.contracts.envelope import Envelope
from shared.database import reading_sessions_for, sessions_for
from shared.messaging import inbox, relay
from shared.messaging.handling import Handlers
from shared.messaging.tables import outbox


def carry(from_engine: Engine, to_engine: Engine, handlers: Handlers, now: datetime) -> int:
    """Hand over everything the one has written and the other has not seen; the number of messages handed over.

    Each in a transaction of its own, as in real life. A handler's exception comes out here, and nothing after that
    message is carried. What the handlers write is carried by the next call, from there.
    """
    producer = _producer(from_engine)
    carried = 0
    while producer and (envelope := _next(from_engine, to_engine, producer, now)):
        with sessions_for(to_engine).begin() as session:
            inbox.take(session, handlers, envelope, now=now)
        carried += 1
    return carried


def _producer(engine: Engine) -> str:
    with reading_sessions_for(engine).begin() as session:
        kind = session.scalar(select(outbox.c.type).limit(1))
    return (kind or "").partition(".")[0]


def _next(from_engine: Engine, to_engine: Engine, producer: str, now: datetime) -> Envelope | None:
    stream = relay.number(from_engine, producer, now=now)
    with sessions_for(to_engine).begin() as session:
        cursor = inbox.lock_cursor(session, producer)
    seen = cursor.position if cursor.epoch == stream.epoch else 0
    with reading_sessions_for(from_engine).begin() as session:
        return next(iter(relay.written(session, stream, after=seen, limit=1)), None)

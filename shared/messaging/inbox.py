"""Take messages in: each one seen once, in order per aggregate, its effects and its mark in one transaction.

Several at once share a transaction. If one of them fails, nothing of it happened; those before it are taken again
without it, and it is kept alone: no message harms its neighbours.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.contracts.envelope import Envelope
from shared.database import sessions_for
from shared.messaging import attempts
from shared.messaging.handling import Handlers
from shared.messaging.intake import Arrival, HandlerFailed, Intake, Taken, lock_cursor, take_in
from shared.messaging.outage import DatabaseGone, is_alive, is_outage

__all__ = ["Arrival", "Taken", "lock_cursor", "receive", "receive_first", "take"]

SECONDS = 0.25  # how long a transaction may go on taking in: others wait for the rows that it locked


def receive(engine: Engine, handlers: Handlers, envelope: Envelope, *, now: datetime, suspect: bool = False) -> bool:
    """Handle a message now if it is its turn, else keep it; when this returns, the broker may forget it.

    False: it waits here for its turn or its next attempt. `suspect` is one that may have ended a process before: it is
    kept first, so that its attempts are counted. Raises DatabaseGone if the message could be neither handled nor kept.
    """
    try:
        with sessions_for(engine).begin() as session:
            return take(session, handlers, envelope, now=now, keep=suspect)
    except Exception as error:  # whatever a handler raises must not stop the messages of others
        if is_outage(error, engine):
            raise DatabaseGone from error
        failure = attempts.describe(error)
    with sessions_for(engine).begin() as session:
        return take(session, handlers, envelope, now=now, keep=True, failure=failure)


def receive_first(
    engine: Engine, handlers: Handlers, arrivals: Sequence[Arrival], *, now: datetime, seconds: float = SECONDS
) -> Taken:
    """The same for as many of the first as fit into one transaction: at least one, all of one producer."""
    if len(arrivals) == 1:
        (only,) = arrivals
        return Taken(1, not receive(engine, handlers, only.envelope, now=now, suspect=only.suspect))
    try:
        with sessions_for(engine).begin() as session:
            return take_in(session, handlers, arrivals, now=now, seconds=seconds)
    except Exception as error:  # whatever a handler raises must not stop the messages of others
        if is_outage(error, engine) and not is_alive(engine):
            raise DatabaseGone from error
        healthy = error.place if isinstance(error, HandlerFailed) else len(arrivals) // 2
    return receive_first(engine, handlers, arrivals[: max(1, healthy)], now=now, seconds=seconds)


def take(
    session: Session, handlers: Handlers, envelope: Envelope, *, now: datetime, keep: bool = False, failure: str = ""
) -> bool:
    """One message in a transaction of the caller's; whether nothing is left to do for it."""
    intake = Intake(session, handlers, [envelope], now)
    intake.take(Arrival(envelope, suspect=keep, failure=failure))
    intake.write_down()
    return not intake.waiting

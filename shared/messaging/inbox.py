"""Take messages in: each one seen once, in order per aggregate, its effects and its mark in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from shared.contracts.envelope import Envelope
from shared.contracts.message import Message
from shared.database import insert_if_new, sessions_for
from shared.messaging import attempts
from shared.messaging.handling import Handlers
from shared.messaging.outage import DatabaseGone, is_outage
from shared.messaging.tables import inbox, inbox_cursor

WALK = 500


@dataclass(frozen=True)
class Cursor:
    """Everything of this epoch up to `position` is stored or done."""

    epoch: str
    position: int


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


def take(
    session: Session, handlers: Handlers, envelope: Envelope, *, now: datetime, keep: bool = False, failure: str = ""
) -> bool:
    """The same in a transaction of the caller's; whether nothing is left to do for this message."""
    known = lock_cursor(session, envelope.producer)
    cursor = _arrived_at(session, known, envelope)
    if envelope.epoch < cursor.epoch or envelope.seq <= cursor.position:
        done = True  # an echo: already stored, or of a past that the producer gave up
    elif envelope.type not in by_name(handlers) or _is_known(session, envelope):
        done = True
        if envelope.seq > cursor.position + 1:
            _store(session, envelope, now, state="done")
    elif keep or envelope.seq > cursor.position + 1 or _is_blocked(session, envelope):
        done = False
        _store(session, envelope, now, tried=int(bool(failure)), failure=failure)
    else:
        run(session, handlers, envelope, now=now)
        _store(session, envelope, now, state="done")
        done = True
    _move(session, envelope.producer, known, _advanced(session, envelope, cursor))
    return done


def run(session: Session, handlers: Handlers, envelope: Envelope, *, now: datetime) -> None:
    """Call the handler of this message's type, if there is one."""
    kind = by_name(handlers).get(envelope.type)
    if kind is None:
        return
    session.info["traceparent"] = envelope.traceparent
    handlers[kind](kind.load(envelope.data), session=session, now=now)
    session.flush()


def by_name(handlers: Handlers) -> Mapping[str, type[Message]]:
    """The message types that this service cares about."""
    return {kind.type_name(): kind for kind in handlers}


def lock_cursor(session: Session, producer: str) -> Cursor:
    """One consumer at a time per producer, whatever the broker does."""
    insert_if_new(session, inbox_cursor, producer=producer, epoch="", position=0)
    columns = (inbox_cursor.c.epoch, inbox_cursor.c.position)
    return Cursor(*session.execute(select(*columns).where(inbox_cursor.c.producer == producer).with_for_update()).one())


def _arrived_at(session: Session, cursor: Cursor, envelope: Envelope) -> Cursor:
    """Where we stand once this message's own news about the numbers is taken in."""
    if envelope.epoch > cursor.epoch:
        # What we hold beyond a gap comes again under new numbers, in its right order.
        beyond = and_(inbox.c.epoch == cursor.epoch, inbox.c.seq > cursor.position)
        session.execute(delete(inbox).where(inbox.c.producer == envelope.producer, beyond))
        cursor = Cursor(envelope.epoch, 0)
    if envelope.epoch == cursor.epoch and envelope.after is not None and envelope.after <= cursor.position:
        return Cursor(cursor.epoch, max(cursor.position, envelope.seq - 1))
    return cursor


def _is_known(session: Session, envelope: Envelope) -> bool:
    """Whether it waits already, or came before under a number of an earlier epoch."""
    return bool(session.scalar(select(exists().where(inbox.c.message_id == envelope.id))))


def _is_blocked(session: Session, envelope: Envelope) -> bool:
    """Whether an earlier message about the same aggregate still waits."""
    same = (inbox.c.producer == envelope.producer, inbox.c.aggregate == envelope.subject, inbox.c.state != "done")
    earlier = or_(inbox.c.epoch < envelope.epoch, inbox.c.seq < envelope.seq)
    return bool(session.scalar(select(exists().where(*same, earlier))))


def _store(
    session: Session,
    envelope: Envelope,
    now: datetime,
    *,
    state: str = "pending",
    tried: int = 0,
    failure: str = "",
) -> None:
    values = {
        "message_id": envelope.id,
        "type": envelope.type,
        "aggregate": envelope.subject,
        "body": envelope.dump(),
        "state": state,
        "attempts": tried,
        "next_at": attempts.next_attempt(tried, now) if tried else now,
        "error": failure or None,
        "received_at": now,
    }
    insert_if_new(session, inbox, producer=envelope.producer, epoch=envelope.epoch, seq=envelope.seq, **values)


def _advanced(session: Session, envelope: Envelope, cursor: Cursor) -> Cursor:
    """Over this message, and over what was stored beyond a gap that it closed."""
    position = cursor.position
    if (envelope.epoch, envelope.seq) == (cursor.epoch, position + 1):
        position = envelope.seq
    beyond = (inbox.c.producer == envelope.producer, inbox.c.epoch == cursor.epoch, inbox.c.seq > position)
    for seq in session.scalars(select(inbox.c.seq).where(*beyond).order_by(inbox.c.seq).limit(WALK)):
        if seq != position + 1:
            break
        position = seq
    return Cursor(cursor.epoch, position)


def _move(session: Session, producer: str, known: Cursor, cursor: Cursor) -> None:
    if cursor != known:
        values = {"epoch": cursor.epoch, "position": cursor.position}
        session.execute(update(inbox_cursor).where(inbox_cursor.c.producer == producer).values(**values))

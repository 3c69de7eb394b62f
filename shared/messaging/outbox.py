"""What use cases call to tell the other services something: `outbox.add` in the transaction that makes it true."""

from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, event, insert
from sqlalchemy.orm import Session

from shared.clock import now
from shared.contracts.message import Message
from shared.messaging import wakeup
from shared.messaging.tables import outbox

_ADDED = "werktor.messages_added"


def add(session: Session, message: Message, *, aggregate: str, version: int) -> None:
    """Write a message down; it is sent after the commit, and only if there is one.

    `aggregate` names whom it is about ("registration:<uuid>"), `version` is that aggregate's own counter. Messages of
    one aggregate reach every hearer in order. The trap: lock or update the aggregate's row before you call this (a
    version column does it: it is flushed here first), and bump the version once per message, or the unique constraint
    on (aggregate, version) refuses the transaction.
    """
    session.flush()
    session.execute(insert(outbox).values(_row(message, aggregate, version, session.info.get("traceparent"))))
    session.info[_ADDED] = True


def note_committed(engine: Engine) -> None:
    """Wake the relay at once: a statement that commits by itself wrote messages."""
    wakeup.nudge(engine)


def _row(message: Message, aggregate: str, version: int, traceparent: str | None) -> dict[str, Any]:
    return {
        "message_id": uuid4(),
        "type": message.type_name(),
        "aggregate": aggregate,
        "version": version,
        "data": message.dump(),
        "traceparent": traceparent,
        "created_at": now(),
    }


@event.listens_for(Session, "after_commit")
def _wake_the_relay(session: Session) -> None:
    if session.info.pop(_ADDED, False):
        wakeup.nudge(session.get_bind())


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_ADDED, None)

"""Handle messages again: given up ones, or everything of one producer from a number or a time on.

Doing it twice changes nothing: handlers compare versions, a mail has a cause that is unique, and what is not done yet
is only tried sooner.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from shared.messaging.inbox import lock_cursor
from shared.messaging.tables import inbox, inbox_cursor


def replay(session: Session, *which: ColumnElement[bool], at: datetime) -> int:
    """Give messages their attempts back, and try them now."""
    again: Any = session.execute(
        update(inbox).where(*which).values(state="pending", attempts=0, next_at=at, error=None)
    )
    return int(again.rowcount)


def since(start: int | datetime, *, producer: str = "", kind: str = "") -> list[ColumnElement[bool]]:
    """What is kept here and done; a number counts in the producer's present epoch."""
    which = [inbox.c.state == "done"]
    if producer:
        which.append(inbox.c.producer == producer)
    if kind:
        which.append(inbox.c.type == kind)
    if isinstance(start, datetime):
        return [*which, inbox.c.received_at >= start]
    epoch = select(inbox_cursor.c.epoch).where(inbox_cursor.c.producer == producer).scalar_subquery()
    return [*which, inbox.c.epoch == epoch, inbox.c.seq >= start]


def fetch(session: Session, start: int | datetime, *, producer: str, at: datetime) -> int:
    """Stand where the producer had not yet sent that, so that it sends it again: the first number of it.

    For messages that nobody here cared about when they came, so that they are not kept here. Only what the producer's
    outbox still holds comes (a week at least). What was done is known by its id and not done again: it is put among the
    past epochs, so that the numbers are free. What waits or is parked stays as it is.
    """
    cursor = lock_cursor(session, producer)
    mine = (inbox.c.producer == producer, inbox.c.epoch == cursor.epoch)
    first = start if isinstance(start, int) else _number_at(session, start, *mine)
    if first > cursor.position:
        return cursor.position + 1
    done = (*mine, inbox.c.state == "done", inbox.c.seq >= first)
    session.execute(update(inbox).where(*done).values(epoch=f"0{at:%Y%m%dT%H%M%S%f}"))
    session.execute(update(inbox_cursor).where(inbox_cursor.c.producer == producer).values(position=first - 1))
    return first


def _number_at(session: Session, moment: datetime, *mine: ColumnElement[bool]) -> int:
    """The one after the last that surely came before."""
    before = select(func.max(inbox.c.seq)).where(*mine, inbox.c.received_at < moment)
    return (session.scalar(before) or 0) + 1

"""The one that numbers what was written down and sends it; the outbox stays the truth, the broker holds copies."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Engine, Update, delete, func, select, update
from sqlalchemy.orm import Session

from shared.contracts.envelope import SERVICES, Envelope
from shared.database import insert_if_new, reading_sessions_for, sessions_for
from shared.messaging.tables import outbox, outbox_reader, outbox_stream

BATCH = 200
KEPT = timedelta(days=7)


class Publisher(Protocol):
    """What the relay needs of a broker."""

    def publish(self, envelopes: Sequence[Envelope], *, reader: str | None = None) -> None:
        """Return only when every one is confirmed; to all, or to one reader."""


@dataclass(frozen=True)
class Stream:
    """How far the numbers are."""

    epoch: str
    last_seq: int
    sent_seq: int


def step(engine: Engine, service: str, publisher: Publisher, *, now: datetime) -> int:
    """Number what is new, send what is not sent; how many were sent.

    A second relay at the same time is harmless: the numbers are given under one locked row, and a message that is
    sent twice is seen once. No transaction is open while the broker is spoken to.
    """
    stream = number(engine, service, now=now)
    with reading_sessions_for(engine).begin() as session:
        envelopes = written(session, stream, after=stream.sent_seq, limit=BATCH)
    if envelopes:
        publisher.publish(envelopes)
        _mark_sent(engine, service, stream.epoch, envelopes[-1].seq, now)
    return len(envelopes)


def number(engine: Engine, service: str, *, now: datetime) -> Stream:
    """Give the next numbers, in the order of commits per aggregate; BATCH at a time."""
    with reading_sessions_for(engine).begin() as session:
        stream, waiting = stream_of(session, service), _unnumbered(session, 1)
    if stream and not waiting:
        return stream
    with sessions_for(engine).begin() as session:
        return _number(session, service, now)


def stream_of(session: Session, service: str, *, lock: bool = False) -> Stream | None:
    """None before the first message of this service."""
    columns = (outbox_stream.c.epoch, outbox_stream.c.last_seq, outbox_stream.c.sent_seq)
    query = select(*columns).where(outbox_stream.c.name == service)
    row = session.execute(query.with_for_update() if lock else query).one_or_none()
    return Stream(*row) if row else None


def written(session: Session, stream: Stream, *, after: int, upto: int | None = None, limit: int) -> list[Envelope]:
    """Numbered messages in order."""
    query = select(outbox).where(outbox.c.seq > after).order_by(outbox.c.seq).limit(limit)
    if upto is not None:
        query = query.where(outbox.c.seq <= upto)
    return [_envelope(row, stream.epoch) for row in session.execute(query)]


def begin_epoch(session: Session, service: str, *, now: datetime, later_than: str = "") -> Stream:
    """Count from 1 again and send everything that is still here, for readers know more than this database does.

    Whoever has seen a message already knows it by its id.
    """
    stamp = f"{now:%Y%m%dT%H%M%S%f}"
    epoch = stamp if stamp > later_than else f"{later_than}+"[-36:]
    fresh: dict[str, Any] = {"epoch": epoch, "last_seq": 0, "sent_seq": 0}
    if not insert_if_new(session, outbox_stream, name=service, **fresh):
        session.execute(update(outbox_stream).where(outbox_stream.c.name == service).values(**fresh))
    session.execute(update(outbox).where(outbox.c.seq.is_not(None)).values(seq=None, sent_at=None))
    session.execute(update(outbox_reader).values(position=0))
    return Stream(**fresh)


def prune(session: Session, service: str, *, now: datetime, limit: int = 1000) -> bool:
    """Delete what all readers have had for a week; whether there may be more. The last message always stays."""
    stream = stream_of(session, service)
    positions = dict(session.execute(select(outbox_reader.c.name, outbox_reader.c.position)).all())
    everybody = [positions.get(name, 0) for name in SERVICES if name != service]
    if stream is None:
        return False
    upto = min([*everybody, stream.sent_seq, stream.last_seq - 1])
    old = select(outbox.c.id).where(outbox.c.seq <= upto, outbox.c.sent_at < now - KEPT).limit(limit)
    result: Any = session.execute(delete(outbox).where(outbox.c.id.in_(old)))
    return bool(result.rowcount == limit)


def _number(session: Session, service: str, now: datetime) -> Stream:
    stream = stream_of(session, service, lock=True) or begin_epoch(session, service, now=now)
    result: Any = session.execute(_numbering(stream.last_seq))
    if not result.rowcount:
        return stream
    last = stream.last_seq + result.rowcount
    session.execute(update(outbox_stream).where(outbox_stream.c.name == service).values(last_seq=last))
    return replace(stream, last_seq=last)


def _numbering(last: int) -> Update:
    first = select(outbox.c.id).where(outbox.c.seq.is_(None)).order_by(outbox.c.id).limit(BATCH).subquery()
    place = func.row_number().over(order_by=first.c.id)
    places = select(first.c.id, place.label("place")).subquery()
    return update(outbox).where(outbox.c.id == places.c.id).values(seq=last + places.c.place)


def _unnumbered(session: Session, limit: int) -> Sequence[int]:
    return session.scalars(select(outbox.c.id).where(outbox.c.seq.is_(None)).order_by(outbox.c.id).limit(limit)).all()


def _mark_sent(engine: Engine, service: str, epoch: str, top: int, now: datetime) -> None:
    with sessions_for(engine).begin() as session:
        stream = stream_of(session, service, lock=True)
        if stream is None or stream.epoch != epoch:  # a new epoch began meanwhile: everything is to be sent again
            return
        session.execute(
            update(outbox_stream).where(outbox_stream.c.name == service).values(sent_seq=max(top, stream.sent_seq))
        )
        fresh = outbox.c.seq.between(stream.sent_seq + 1, top)
        session.execute(update(outbox).where(fresh).values(sent_at=now))


def _envelope(row: Any, epoch: str) -> Envelope:
    return Envelope(
        id=row.message_id,
        type=row.type,
        subject=row.aggregate,
        time=row.created_at,
        epoch=epoch,
        seq=row.seq,
        version=row.version,
        data=row.data,
        traceparent=row.traceparent,
    )

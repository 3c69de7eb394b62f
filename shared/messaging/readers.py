"""What the producer does with its readers' positions: remember them, send again what is missing."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from shared.contracts.envelope import Envelope, Position
from shared.database import insert_if_new, reading_sessions_for, sessions_for
from shared.messaging.relay import Publisher, Stream, begin_epoch, stream_of, written
from shared.messaging.tables import outbox_reader

log = logging.getLogger(__name__)

RESENT_AT_ONCE = 300
PATIENCE = timedelta(seconds=5)  # how long something sent again may take to arrive
PAUSE = timedelta(seconds=1)  # between two answers to one reader: old reports may have queued up
SEEN_EVERY = timedelta(seconds=30)


class Readers:
    """Answers position reports. Lives as long as its relay; what it remembers only saves work."""

    def __init__(self, engine: Engine, service: str) -> None:
        self._engine = engine
        self._service = service
        self._resent: dict[str, tuple[str, int, datetime]] = {}

    def hear(self, body: Any, publisher: Publisher, *, now: datetime) -> int:
        """A report as it came; what is none is left aside."""
        try:
            report = Position.load(body)
        except ValidationError as error:
            log.error("this is no position report: %s", error.messages)  # noqa: TRY400 - the trace says nothing
            return 0
        return self.answer(report, publisher, now=now)

    def answer(self, report: Position, publisher: Publisher, *, now: datetime) -> int:
        """How many messages were sent again."""
        stream = self._remember(report, now)
        if stream is None or not report.resend:
            return 0
        position = report.position if report.epoch == stream.epoch else 0
        start = self._start(report.reader, stream.epoch, position, now)
        if start is None:
            return 0
        envelopes = self._missing(stream, start, report.before)
        if envelopes:
            self._resent[report.reader] = (stream.epoch, envelopes[-1].seq, now)
            publisher.publish(envelopes, reader=report.reader)
            log.info("sent %d messages again to %s from %d on", len(envelopes), report.reader, envelopes[0].seq)
        return len(envelopes)

    def _remember(self, report: Position, now: datetime) -> Stream | None:
        with reading_sessions_for(self._engine).begin() as session:
            stream = stream_of(session, self._service)
            known = session.execute(select(outbox_reader).where(outbox_reader.c.name == report.reader)).one_or_none()
        if stream is None and not report.position:
            return None
        if stream is None or _knows_more(report, stream):
            return self._start_over(report, now)
        position = report.position if report.epoch == stream.epoch else 0
        if known is None or known.position != position or now - known.seen_at > SEEN_EVERY:
            with sessions_for(self._engine).begin() as session:
                _save(session, report.reader, position, now)
        return stream

    def _start_over(self, report: Position, now: datetime) -> Stream:
        with sessions_for(self._engine).begin() as session:
            stream = stream_of(session, self._service, lock=True)
            if stream is None or _knows_more(report, stream):
                log.error(
                    "%s has had %s messages of epoch %s, more than this outbox holds: it was restored from an older "
                    "backup or created anew. All that it holds is sent again in a new epoch.",
                    report.reader,
                    report.position,
                    report.epoch,
                )
                stream = begin_epoch(session, self._service, now=now, later_than=report.epoch)
        return stream

    def _start(self, reader: str, epoch: str, position: int, now: datetime) -> int | None:
        resent_epoch, resent, when = self._resent.get(reader, ("", 0, now - PATIENCE))
        if resent_epoch != epoch or not timedelta() <= now - when < PATIENCE:  # negative: the clock was set back
            return position
        return max(position, resent) if now - when >= PAUSE else None

    def _missing(self, stream: Stream, start: int, before: int | None) -> Sequence[Envelope]:
        """`before` itself is sent along: if all between was pruned, it says so."""
        upto = stream.sent_seq if before is None else min(before, stream.sent_seq)
        with reading_sessions_for(self._engine).begin() as session:
            found = written(session, stream, after=start, upto=upto, limit=RESENT_AT_ONCE)
        numbers = [start, *(each.seq for each in found)]
        return [replace(each, after=previous) for each, (previous, _) in zip(found, pairwise(numbers), strict=True)]


def _knows_more(report: Position, stream: Stream) -> bool:
    return report.epoch > stream.epoch or (report.epoch == stream.epoch and report.position > stream.last_seq)


def _save(session: Session, reader: str, position: int, now: datetime) -> None:
    if not insert_if_new(session, outbox_reader, name=reader, position=position, seen_at=now):
        session.execute(
            update(outbox_reader).where(outbox_reader.c.name == reader).values(position=position, seen_at=now)
        )

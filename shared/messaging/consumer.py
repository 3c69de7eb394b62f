"""The reader's loop: take what comes, try again what is due, and tell each producer where we stand."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from marshmallow import ValidationError
from sqlalchemy import Engine

from shared.clock import now
from shared.contracts.envelope import Envelope
from shared.messaging import inbox, retries
from shared.messaging.broker import Broker, Delivery, queue_of
from shared.messaging.handling import Handlers
from shared.messaging.intake import Arrival
from shared.messaging.positions import Standing, standings

log = logging.getLogger(__name__)

PAUSE = 0.25  # how long to wait for a message before looking for retries
REPORT_EVERY = 2.0
IDLE = 2.0  # nothing came for so long: perhaps something was lost
FIRST_IDLE = 0.3  # at the start nothing may be on its way at all
GAP = timedelta(seconds=1)


class Consumer:
    """One connection's life."""

    def __init__(self, service: str, engine: Engine, handlers: Handlers, broker: Broker) -> None:
        self._service = service
        self._engine = engine
        self._handlers = handlers
        self._broker = broker
        self._first = True
        self._came = time.monotonic()
        self._reported = 0.0
        self._drained = 0.0
        self._asked = False
        self._waiting: list[tuple[Delivery, Arrival]] = []

    def work(self, stop: threading.Event, tick: Callable[[], float] = time.monotonic) -> None:
        """Until told to stop; raises BrokerGone and DatabaseGone, after which this consumer is of no more use."""
        self._broker.listen(queue_of(self._service))
        while not stop.is_set():
            self._read(self._broker.wait(0.0 if self._waiting else PAUSE), tick())
            if self._waiting:
                self._take()
            if tick() - self._drained >= PAUSE:
                retries.drain(self._engine, self._handlers)
                self._drained = tick()
            self._report(tick())

    def _read(self, deliveries: Sequence[Delivery], tick: float) -> None:
        """A message that ended a process before is the first of a connection, or comes again: it is kept first."""
        for delivery in deliveries:
            self._came = tick
            try:
                envelope = Envelope.load(delivery.body)
            except ValidationError as error:
                log.error("this is no message of ours: %s", error.messages)  # noqa: TRY400 - the trace says nothing
                delivery.reject()
                continue
            self._waiting.append((delivery, Arrival(envelope, suspect=self._first or delivery.redelivered)))
            self._first = False

    def _take(self) -> None:
        """As many as fit into one transaction; only then does the broker forget them."""
        arrivals = [arrival for _, arrival in self._waiting]
        taken = inbox.receive_first(self._engine, self._handlers, arrivals, now=now())
        if taken.waiting:
            self._drained = 0.0
        self._broker.ack([delivery for delivery, _ in self._waiting[: taken.count]])
        del self._waiting[: taken.count]

    def _report(self, tick: float) -> None:
        """Ask for the rest after a pause without messages, and while there is a gap however busy we are."""
        idle = tick - self._came >= (IDLE if self._asked else FIRST_IDLE)
        if tick - self._reported < REPORT_EVERY and (self._asked or not idle):
            return
        for standing in standings(self._engine, self._service):
            self._broker.tell(standing.producer, standing.report(self._service, resend=idle or _has_old_gap(standing)))
        self._reported, self._asked = tick, self._asked or idle


def _has_old_gap(standing: Standing) -> bool:
    return standing.gap_since is not None and now() - standing.gap_since >= GAP

"""The roles of a service besides the web: relay, consume, schedule; as processes, or as threads of one process."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from shared.clock import now
from shared.messaging import relay as outbox_relay
from shared.messaging.broker import Broker, BrokerGone, BrokerSilent, control_queue_of, heal
from shared.messaging.consumer import Consumer
from shared.messaging.handling import Handlers
from shared.messaging.outage import DatabaseGone, is_alive, is_outage
from shared.messaging.readers import Readers
from shared.messaging.schedule import Job, pruning, run_jobs
from shared.messaging.single import only_one
from shared.messaging.wakeup import woken
from shared.stopping import until_told

log = logging.getLogger(__name__)

POLL = 1.0
PAUSES = (0.2, 0.5, 1.0, 2.0)  # seconds before the next connection to a broker or database that is away
ROLES = ("relay", "consume", "schedule")


@dataclass(frozen=True)
class Workers:
    """Everything a service does without being asked over HTTP.

    Set `stop` (or send SIGTERM to a process started by `run`) and each role ends after its current transaction.
    """

    service: str
    engine: Engine
    broker_url: str
    handlers: Handlers
    jobs: Sequence[Job] = ()
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self, role: str) -> None:
        """For a process of its own: one of ROLES, until SIGTERM or SIGINT."""
        until_told({"relay": self.relay, "consume": self.consume, "schedule": self.schedule}[role], self.stop)

    def relay(self) -> None:
        """Send what is in the outbox and what readers miss. Any number may run; one of them works."""
        self._keep_on(self._relay)

    def consume(self) -> None:
        """Take messages in. Any number may run; the broker serves one of them, the others stand by."""
        self._keep_on(self._consume)

    def schedule(self) -> None:
        """Run the jobs. Any number may run; one of them works."""
        self._keep_on(self._schedule)

    def _relay(self) -> None:
        others = not self.broker_url.startswith("memory:")
        with only_one(self.engine, "relay", self.stop) as held, woken(self.engine, self.stop, others=others) as wake:
            ended = threading.Event()
            answering = threading.Thread(target=self._answer_readers, args=(ended,), name=f"{self.service} readers")
            answering.start()
            try:
                self._send(held, wake)
            finally:
                ended.set()
                answering.join()

    def _send(self, held: Callable[[], bool], wake: threading.Event) -> None:
        with Broker(self.broker_url) as broker:
            while held():
                wake.clear()
                while outbox_relay.step(self.engine, self.service, broker, now=now()) and not self.stop.is_set():
                    pass
                broker.keep_alive()
                wake.wait(POLL)

    def _answer_readers(self, ended: threading.Event) -> None:
        readers = Readers(self.engine, self.service)
        self._keep_on(lambda: self._answer_until(ended, readers), ended)

    def _answer_until(self, ended: threading.Event, readers: Readers) -> None:
        with Broker(self.broker_url) as broker:
            broker.listen(control_queue_of(self.service))
            while not ended.is_set() and not self.stop.is_set():
                for delivery in broker.wait(0.5):
                    delivery.ack()
                    readers.hear(delivery.body, broker, now=now())

    def _consume(self) -> None:
        with Broker(self.broker_url) as broker:
            Consumer(self.service, self.engine, self.handlers, broker).work(self.stop)

    def _schedule(self) -> None:
        with only_one(self.engine, "schedule", self.stop) as held:
            run_jobs(self.engine, [*self.jobs, *pruning(self.service)], held, self.stop)

    def _keep_on(self, work: Callable[[], None], ended: threading.Event | None = None) -> None:
        """Start again whatever a broken broker or database ended, until it ends by itself or is told to stop."""
        failures = 0
        while not self.stop.is_set() and not (ended and ended.is_set()):
            began = time.monotonic()
            try:
                work()
            except Exception as error:  # noqa: BLE001 - a worker that dies of a surprise helps nobody
                failures = 1 if time.monotonic() - began > 60 else failures + 1
                self._recover(error, failures)

    def _recover(self, error: Exception, failures: int) -> None:
        if isinstance(error, BrokerGone):
            log.warning("%s: the broker is away: %s", self.service, error)
            if isinstance(error, BrokerSilent):
                self._heal()
        elif is_outage(error, self.engine):
            log.warning("%s: the database is away", self.service)
            self._wait_for_database(error.afterwards if isinstance(error, DatabaseGone) else lambda: None)
        else:
            log.error("%s: unexpected", self.service, exc_info=error)
        self.stop.wait(PAUSES[min(failures, len(PAUSES)) - 1])

    def _heal(self) -> None:
        try:
            heal(self.broker_url)
        except BrokerGone as error:
            log.warning("%s: the broker cannot be healed yet: %s", self.service, error)

    def _wait_for_database(self, afterwards: Callable[[], None]) -> None:
        while not self.stop.is_set():
            with suppress(SQLAlchemyError):
                if is_alive(self.engine):
                    afterwards()
                    return
            self.stop.wait(0.5)


@dataclass(frozen=True)
class Running:
    """Workers as threads of this process."""

    workers: Sequence[Workers]
    threads: Sequence[threading.Thread]

    def stop(self, seconds: float = 20.0) -> bool:
        """Let every thread finish its transaction; whether all did in time."""
        for each in self.workers:
            each.stop.set()
        deadline = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self.threads)


def start_all(*workers: Workers, roles: Sequence[str] = ROLES) -> Running:
    """Every role of every service in threads of this process: the one-process run over memory://."""
    threads = [
        threading.Thread(target=getattr(each, role), name=f"{each.service} {role}", daemon=True)
        for each in workers
        for role in roles
    ]
    for thread in threads:
        thread.start()
    return Running(workers, threads)

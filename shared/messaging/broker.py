"""The only module that knows kombu: one connection, the whole topology, confirmed sending, and listening.

The broker holds copies; the outbox is the truth. So after any error the connection is dropped and the same is sent
again: py-amqp would otherwise take a late confirm of one message for that of the next.
"""

import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

import kombu
from kombu.exceptions import KombuError

from shared.contracts.envelope import SERVICES, Envelope, Position

log = logging.getLogger(__name__)

PATIENCE = 6.0  # seconds for an answer, or for all confirms of one batch
HEARTBEAT = 10
PREFETCH = 200
AT_ONCE = 100  # how many deliveries `wait` brings at most
AT_HAND = 0.001  # seconds in which what is on its way already arrives
EXCHANGE = kombu.Exchange("werktor.messages", "topic", durable=True)
DEAD = kombu.Exchange("werktor.dead", "fanout", durable=True)
_MAIN = {
    "x-queue-type": "quorum",
    "x-single-active-consumer": True,
    "x-delivery-limit": 50,
    "x-dead-letter-exchange": DEAD.name,
}
_CONTROL = {"x-message-ttl": 10_000, "x-max-length": 1000}
_spoken = threading.Condition()  # something was sent over the embedded broker: nobody has to look again and again


class BrokerGone(Exception):
    """Not everything was confirmed, or the connection broke: drop it, and do the same again on a new one."""


class BrokerSilent(BrokerGone):
    """There is a connection, but no answer in time."""


@dataclass(frozen=True)
class Delivery:
    """What came, and how to say that it may be forgotten."""

    body: Any
    redelivered: bool
    ack: Callable[..., None]
    reject: Callable[[], None]


class Broker:
    """One connection for one thread. `url` is memory:// (this process only) or amqp://…"""

    def __init__(self, url: str, *, patience: float = PATIENCE) -> None:
        self._embedded = url.startswith("memory:")
        options = {} if self._embedded else {"read_timeout": patience, "write_timeout": patience}
        heartbeat = 0 if self._embedded else HEARTBEAT
        self._connection = kombu.Connection(url, transport_options=options, heartbeat=heartbeat, connect_timeout=5)
        self._arrived: deque[Delivery] = deque()
        self._unconfirmed: set[int] = set()
        self._refused: list[str] = []
        self._tag = 0

    def __enter__(self) -> Self:
        with self._trouble():
            self._connection.ensure_connection(max_retries=1, interval_start=0, reraise_as_library_errors=False)
            self._channel = self._connection.channel()
            _declare(self._channel)
            if not self._embedded:
                self._channel.confirm_select()
                self._channel.events["basic_ack"].add(self._confirmed)
                self._channel.events["basic_nack"].add(lambda *_: self._refused.append("the broker refused it"))
                self._channel.events["basic_return"].add(lambda *_: self._refused.append("no queue for it"))
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        with suppress(Exception):  # a broken connection may fail to close in any way; it is gone all the same
            if kind and not self._embedded:
                self._connection.collect(socket_timeout=0.5)  # no farewell that nobody answers
            self._connection.release()

    def publish(self, envelopes: Sequence[Envelope], *, reader: str | None = None) -> None:
        """To everybody, or to one reader; returns when every one is confirmed, raises BrokerGone if one is not."""
        with self._trouble():
            for each in envelopes:
                queue = {"exchange": "", "routing_key": queue_of(reader)} if reader else {}
                self._send(each.dump(), **({"exchange": EXCHANGE.name, "routing_key": each.type} | queue))
            self._await_confirms()

    def tell(self, producer: str, position: Position) -> None:
        """Report a position. Not confirmed: the next report comes soon."""
        with self._trouble():
            self._send(position.dump(), exchange="", routing_key=control_queue_of(producer))
            self._await_confirms()

    def listen(self, queue: str) -> None:
        """From now on `wait` returns what comes to this queue."""
        with self._trouble():
            consumer = kombu.Consumer(
                self._channel, [kombu.Queue(queue, no_declare=True)], on_message=self._take, prefetch_count=PREFETCH
            )
            consumer.consume()

    def delete(self, queue: str) -> None:
        """With all that is in it."""
        with self._trouble():
            self._channel.queue_delete(queue)

    def wait(self, seconds: float) -> list[Delivery]:
        """What came within at most a second; whoever calls this in a loop keeps the heartbeats going."""
        with self._trouble():
            if not self._arrived:  # some may have come while confirms were awaited
                self._wait_for_one(min(seconds, 1.0))
            while self._arrived and len(self._arrived) < AT_ONCE and self._drain(AT_HAND):
                pass
            if not self._embedded:
                self._connection.heartbeat_check()
        arrived = list(self._arrived)
        self._arrived.clear()
        return arrived

    def ack(self, deliveries: Sequence[Delivery]) -> None:
        """These may be forgotten. They are the oldest that may not yet be: RabbitMQ is told of the last alone."""
        for each in deliveries if self._embedded else deliveries[-1:]:
            each.ack(multiple=not self._embedded)

    def keep_alive(self) -> None:
        """For a connection that only sends: read what came (heartbeats, a goodbye) and answer."""
        if not self._embedded:
            with self._trouble():
                self._drain(0.01)
                self._connection.heartbeat_check()

    def _wait_for_one(self, seconds: float) -> None:
        if not self._embedded:
            self._drain(max(seconds, AT_HAND))
            return
        with _spoken:  # nobody sends between the look and the sleep
            if not self._drain(0) and seconds:
                _spoken.wait(seconds)
        self._drain(0)

    def _drain(self, seconds: float) -> bool:
        """Read one thing, if one comes within this time."""
        try:
            self._connection.drain_events(timeout=0 if self._embedded else seconds)
        except TimeoutError:
            return False
        return True

    def _send(self, body: Any, *, exchange: str, routing_key: str) -> None:
        self._tag += 1
        if not self._embedded:
            self._unconfirmed.add(self._tag)
        message = self._channel.prepare_message(
            json.dumps(body), content_type="application/json", content_encoding="utf-8", properties={"delivery_mode": 2}
        )
        self._channel.basic_publish(message, exchange=exchange, routing_key=routing_key, mandatory=True)
        if self._embedded:
            with _spoken:
                _spoken.notify_all()

    def _confirmed(self, tag: int, multiple: bool) -> None:
        if multiple:
            self._unconfirmed = {each for each in self._unconfirmed if each > tag}
        else:
            self._unconfirmed.discard(tag)

    def _await_confirms(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while self._unconfirmed and not self._refused:
            if time.monotonic() > deadline:
                raise BrokerSilent(f"{len(self._unconfirmed)} messages were not confirmed in {PATIENCE} s")
            with suppress(TimeoutError):
                self._connection.drain_events(timeout=1.0)
            self._connection.heartbeat_check()
        if self._refused:
            raise BrokerGone(self._refused[0])

    def _take(self, message: Any) -> None:
        try:
            body = json.loads(message.body)
        except ValueError:
            log.exception("this is no message of ours; it goes to %s", DEAD.name)
            message.reject()
            return
        again = bool(message.delivery_info.get("redelivered"))
        self._arrived.append(Delivery(body, again, self._safely(message.ack), self._safely(message.reject)))

    def _safely(self, answer: Callable[..., None]) -> Callable[..., None]:
        def give(**how: bool) -> None:
            with self._trouble():
                answer(**how)

        return give

    def _trouble(self) -> "_Trouble":
        return _Trouble(self._connection)


class _Trouble:
    """Whatever kombu, the driver or the socket raise becomes BrokerGone."""

    def __init__(self, connection: kombu.Connection) -> None:
        self._kinds = (*connection.connection_errors, *connection.channel_errors, KombuError, OSError)

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, TimeoutError):
            raise BrokerSilent("no answer in time") from error
        if isinstance(error, self._kinds):
            raise BrokerGone(f"{type(error).__name__}: {error}") from error


def queue_of(service: str) -> str:
    """Where a service's messages arrive."""
    return f"werktor.{service}"


def control_queue_of(service: str) -> str:
    """Where the relay of a service is told positions."""
    return f"werktor.{service}.control"


def is_reachable(url: str) -> bool:
    """For readyz: whether a connection can be opened within a few seconds."""
    if url.startswith("memory:"):
        return True
    try:
        with kombu.Connection(url, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
    except (KombuError, OSError):
        return False
    return True


def heal(url: str) -> list[str]:
    """Delete the queues that no longer answer, and return their names; whoever connects next declares them anew.

    RabbitMQ can bring a quorum queue back without a leader after a crash (rabbitmq-server #10070): declaring works,
    publishing and consuming never answer. Deleting is safe only because every producer sends again what was in it.
    """
    if url.startswith("memory:"):
        return []
    silent = [name for name in map(queue_of, SERVICES) if not _answers(url, name)]
    for name in silent:
        log.error("queue %s does not answer: deleted, its messages will be sent again", name)
        with Broker(url, patience=20.0) as broker:
            broker.delete(name)
    return silent


def _declare(channel: Any) -> None:
    """Everybody declares everything: what is sent before its queue exists would be lost."""
    EXCHANGE(channel).declare()
    kombu.Queue("werktor.dead", DEAD, durable=True)(channel).declare()
    for service in SERVICES:
        bindings = [kombu.binding(EXCHANGE, f"{other}.#") for other in SERVICES if other != service]
        kombu.Queue(queue_of(service), bindings, durable=True, queue_arguments=_MAIN)(channel).declare()
        kombu.Queue(control_queue_of(service), durable=True, queue_arguments=_CONTROL)(channel).declare()


def _answers(url: str, queue: str) -> bool:
    """Asked as a reader: a broker short of memory stops those who send, and is not ill."""
    with Broker(url, patience=3.0) as broker:
        try:
            broker.listen(queue)
        except BrokerSilent:
            return False
    return True

"""Faults of the servers that the product stands on, and of what travels between them."""

import random
import signal
import time
from contextlib import suppress

import kombu
import psycopg
from sqlalchemy.exc import SQLAlchemyError

from shared.clock import now
from shared.contracts.envelope import SERVICES, Envelope
from shared.database import reading_sessions_for
from shared.messaging import relay
from shared.messaging.broker import DEAD, EXCHANGE, Broker, BrokerGone, control_queue_of, queue_of
from tests.faults.plan import Planned
from tests.faults.site import Site

CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
BUSY = " AND state <> 'idle'"


class ServerTrouble:
    """Only for a site on servers."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def trouble_broker(self, planned: Planned, chance: random.Random) -> str:
        """It dies and comes back, with what was on its disk or empty; its queues vanish; nobody reaches it."""
        broker, wire = self._site.broker, self._site.wire
        if broker is None or wire is None:
            return planned.kind
        if planned.kind in {"broker restart", "broker emptied"}:
            broker.kill()
            if planned.kind == "broker emptied":
                broker.wipe()
            broker.start()
        elif planned.kind == "broker wiped":
            _wipe(broker.url)
        elif planned.kind == "broker cut":
            wire.cut()
        else:
            wire.block(silently=chance.random() < 0.5)
            time.sleep(planned.seconds)
            wire.mend()
        return planned.kind

    def trouble_postgres(self, planned: Planned, chance: random.Random) -> str:
        """A restart, a crash, and connections that end in the middle of a transaction."""
        postgres = self._site.postgres
        if postgres is None:
            return planned.kind
        if planned.kind == "postgres cut":
            self._cut_connections(chance)
        else:
            postgres.kill(signal.SIGINT if planned.kind == "postgres restart" else signal.SIGQUIT)
            time.sleep(chance.uniform(0, 1.5))
            postgres.start()
        return planned.kind

    def repeat_messages(self, planned: Planned, chance: random.Random) -> str:
        """Old messages and new ones once more, in any order."""
        for producer in SERVICES:
            with suppress(SQLAlchemyError):  # the database may be away
                found = self._sent(producer)
                self._inject(producer, chance.sample(found, min(len(found), 30)), chance)
        return planned.kind

    def turn_messages_round(self, planned: Planned, chance: random.Random) -> str:
        """What is about to be sent arrives before it is sent, the last first."""
        for _ in range(10):
            for producer in SERVICES:
                with suppress(SQLAlchemyError):  # the database may be away
                    self._inject(producer, self._about_to_be_sent(producer)[::-1], chance)
            time.sleep(planned.seconds / 10)
        return planned.kind

    def _sent(self, producer: str) -> list[Envelope]:
        with reading_sessions_for(self._site.engines[producer]).begin() as session:
            stream = relay.stream_of(session, producer)
            start = max(0, stream.last_seq - 60) if stream else 0
            return relay.written(session, stream, after=start, limit=60) if stream else []

    def _about_to_be_sent(self, producer: str) -> list[Envelope]:
        stream = relay.number(self._site.engines[producer], producer, now=now())
        with reading_sessions_for(self._site.engines[producer]).begin() as session:
            return relay.written(session, stream, after=max(0, stream.sent_seq - 3), limit=10)

    def _inject(self, producer: str, envelopes: list[Envelope], chance: random.Random) -> None:
        if self._site.broker is None or not envelopes:
            return
        with suppress(BrokerGone), Broker(self._site.broker.url) as broker:  # it may be away: that is a fault too
            for reader in SERVICES:
                if reader != producer:
                    mixed = chance.sample(envelopes, len(envelopes))
                    broker.publish(mixed if chance.random() < 0.5 else envelopes, reader=reader)

    def _cut_connections(self, chance: random.Random) -> None:
        """Ten times in a second, those that are in the middle of something; once everybody."""
        if self._site.postgres is None:
            return
        with psycopg.connect(self._site.postgres.url, autocommit=True) as connection:
            for number in range(12):
                name = chance.choice(SERVICES)
                connection.execute(CUT if number == 11 else CUT + BUSY, (name,))
                time.sleep(0.08)


def _wipe(url: str) -> None:
    """As an administrator with the wrong window in front of him would."""
    with kombu.Connection(url, connect_timeout=5) as connection:
        channel = connection.channel()
        for service in SERVICES:
            channel.queue_delete(queue_of(service))
            channel.queue_delete(control_queue_of(service))
        channel.queue_delete("werktor.dead")
        channel.exchange_delete(EXCHANGE.name)
        channel.exchange_delete(DEAD.name)

"""How old and how many the messages are that wait, and whether the parts that carry them are there."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from shared import metrics
from shared.clock import now
from shared.database import reading_sessions_for
from shared.messaging import broker, relay
from shared.messaging.tables import inbox, outbox, outbox_reader
from shared.readiness import Readiness
from shared.settings import CommonSettings

Figures = Iterable[Collector]
LATE = 30.0  # seconds that a message may wait to be sent before we say that the broker (or the relay) is away


def serve(
    common: CommonSettings, engine: Engine, role: str, *, has_migrations: Callable[[], bool], more: Figures = ()
) -> None:
    """Let a worker process be looked at, if its settings name an address for that."""
    if not common.metrics_bind:
        return
    readiness = Readiness(
        {
            "database": partial(_answers, engine),
            "migrations": has_migrations,
            "broker": partial(broker.is_reachable, common.broker_url),
        }
    )
    labels = {"service": common.service, "role": role}
    figures = collectors(common.service, engine, more) if role == "schedule" else []
    own = [metrics.Build(**labels), metrics.Parts(readiness, **labels)]
    metrics.serve(common.metrics_bind, metrics.add([*own, *figures]), readiness)


def collectors(service: str, engine: Engine, more: Figures = ()) -> list[Collector]:
    """What one process of a service (its schedule) reads off the database for all of them."""
    return [metrics.Guarded(each, (SQLAlchemyError,)) for each in (MessageFigures(service, engine), *more)]


class MessageFigures(Collector):
    """Read off the indexes, so that a long history costs nothing."""

    def __init__(self, service: str, engine: Engine) -> None:
        self._service = service
        self._sessions = reading_sessions_for(engine)

    def collect(self) -> Iterable[Metric]:
        """Ages in seconds, 0 when nothing waits."""
        with self._sessions() as session:
            yield self._gauge("outbox_oldest_seconds", "Age of the oldest message not yet sent.", self._outbox(session))
            yield self._gauge("outbox_unsent", "Messages not yet sent.", unsent(session, self._service))
            yield self._gauge("inbox_oldest_seconds", "Age of the oldest message not yet handled.", _inbox(session))
            yield self._by_state(session)
            yield self._readers(session)

    def _outbox(self, session: Session) -> float:
        return age(oldest_unsent(session, self._service))

    def _gauge(self, name: str, about: str, value: float) -> Metric:
        family = GaugeMetricFamily(f"werktor_{name}", about, labels=["service"])
        family.add_metric([self._service], value)
        return family

    def _by_state(self, session: Session) -> Metric:
        about = "Messages that came in and are not done; parked: nobody tries them any more."
        family = GaugeMetricFamily("werktor_inbox_messages", about, labels=["service", "state"])
        query = select(inbox.c.state, func.count()).where(inbox.c.state != "done").group_by(inbox.c.state)
        counted: dict[str, int] = dict(session.execute(query).all())
        for state in ("pending", "parked"):
            family.add_metric([self._service, state], counted.get(state, 0))
        return family

    def _readers(self, session: Session) -> Metric:
        about = "Numbered messages that a reader has not yet said to have."
        family = GaugeMetricFamily("werktor_reader_behind", about, labels=["service", "reader"])
        stream = relay.stream_of(session, self._service)
        for reader in session.execute(select(outbox_reader)):
            family.add_metric(
                [self._service, reader.name], max(0, (stream.last_seq if stream else 0) - reader.position)
            )
        return family


def is_on_its_way(engine: Engine, service: str) -> bool:
    """For /readyz of the web, which never speaks to the broker: whether what was written is being sent."""
    with reading_sessions_for(engine)() as session:
        return age(oldest_unsent(session, service)) < LATE


def oldest_unsent(session: Session, service: str) -> datetime | None:
    """When the oldest message that no broker has confirmed was written."""
    times: list[datetime] = []
    for condition, order in _unsent(session, service):
        query = select(outbox.c.created_at).where(condition).order_by(order).limit(1)
        times += session.scalars(query)
    return min(times, default=None)


def unsent(session: Session, service: str) -> int:
    """How many."""
    counts = [select(func.count()).select_from(outbox).where(each) for each, _ in _unsent(session, service)]
    return sum(session.scalar(each) or 0 for each in counts)


def age(since: datetime | None) -> float:
    """Seconds until now; 0 for None."""
    return max(0.0, (now() - since).total_seconds()) if since else 0.0


def _answers(engine: Engine) -> bool:
    with reading_sessions_for(engine)() as session:
        return session.scalar(select(1)) == 1


def _unsent(session: Session, service: str) -> list[tuple[Any, Any]]:
    stream = relay.stream_of(session, service)
    numbered = outbox.c.seq > (stream.sent_seq if stream else 0)
    return [(numbered, outbox.c.seq), (outbox.c.seq.is_(None), outbox.c.id)]


def _inbox(session: Session) -> float:
    return age(session.scalar(select(func.min(inbox.c.received_at)).where(inbox.c.state != "done")))

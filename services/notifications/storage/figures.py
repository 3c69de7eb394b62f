"""How many mails and webhook deliveries wait, how long the oldest has waited, and how many were given up."""

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select

from services.notifications.domain.delivery import UNDERWAY, MailState
from services.notifications.domain.webhooks import DeliveryState, EndpointState
from services.notifications.storage.tables import DeliveryRow, MailRow, WebhookRow
from shared.clock import now
from shared.database import reading_sessions_for

STATES = (*UNDERWAY, MailState.FAILED)  # not those that lie in the log for good: there are very many of them


def all_figures(engine: Engine) -> list[Collector]:
    """What the notifications service counts of its own."""
    return [MailFigures(engine), WebhookFigures(engine)]


class MailFigures(Collector):
    """Read off the index of states."""

    def __init__(self, engine: Engine) -> None:
        self._sessions = reading_sessions_for(engine)

    def collect(self) -> Iterable[Metric]:
        """Numbers by state, and an age in seconds."""
        by_state = select(MailRow.state, func.count()).where(MailRow.state.in_(STATES)).group_by(MailRow.state)
        oldest = select(func.min(func.coalesce(MailRow.retried_at, MailRow.created_at)))
        with self._sessions() as session:
            counted: dict[str, int] = dict(session.execute(by_state).all())
            since = session.scalar(oldest.where(MailRow.state.in_(UNDERWAY)))
        family = GaugeMetricFamily(
            "werktor_mails_waiting", "Mails by state, without those that are sent.", labels=["state"]
        )
        for state in STATES:
            family.add_metric([str(state)], counted.get(str(state), 0))
        yield family
        age = max(0.0, (now() - since).total_seconds()) if since else 0.0
        yield GaugeMetricFamily("werktor_mails_oldest_seconds", "Age of the oldest mail not yet handed in.", value=age)


class WebhookFigures(Collector):
    """Read off the index of what is due. Deliveries go after two weeks, whatever became of them."""

    def __init__(self, engine: Engine) -> None:
        self._sessions = reading_sessions_for(engine)

    def collect(self) -> Iterable[Metric]:
        """Numbers by state, and an age in seconds."""
        deliveries = select(DeliveryRow.state, func.count()).join(WebhookRow, WebhookRow.id == DeliveryRow.webhook_id)
        shown = (DeliveryState.QUEUED, DeliveryState.FAILED)
        by_state = deliveries.where(DeliveryRow.state.in_(shown)).group_by(DeliveryRow.state)
        endpoints = select(WebhookRow.state, func.count()).group_by(WebhookRow.state)
        oldest = (
            select(func.min(func.coalesce(DeliveryRow.retried_at, DeliveryRow.created_at)))
            .join(WebhookRow, WebhookRow.id == DeliveryRow.webhook_id)
            .where(DeliveryRow.state == DeliveryState.QUEUED, WebhookRow.state == EndpointState.ACTIVE)
        )
        with self._sessions() as session:
            counted: dict[str, int] = dict(session.execute(by_state).all())
            known: dict[str, int] = dict(session.execute(endpoints).all())
            since = session.scalar(oldest)
        about = "Deliveries to other systems of the last two weeks that wait (queued) or were given up (failed)."
        yield _family("werktor_webhook_deliveries", about, {str(each): counted.get(each, 0) for each in shown})
        yield _family(
            "werktor_webhooks", "Endpoints by state.", {str(each): known.get(each, 0) for each in EndpointState}
        )
        age = max(0.0, (now() - since).total_seconds()) if since else 0.0
        about = "Age of the oldest delivery that waits for an active endpoint."
        yield GaugeMetricFamily("werktor_webhooks_oldest_seconds", about, value=age)


def _family(name: str, about: str, numbers: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, about, labels=["state"])
    for state, number in numbers.items():
        family.add_metric([state], number)
    return family

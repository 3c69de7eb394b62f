"""How many mails wait, how long the oldest has waited, and how many were given up."""

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select

from services.notifications.domain.delivery import UNDERWAY, MailState
from services.notifications.storage.tables import MailRow
from shared.clock import now
from shared.database import reading_sessions_for

STATES = (*UNDERWAY, MailState.FAILED)  # not those that lie in the log for good: there are very many of them


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

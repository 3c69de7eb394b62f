"""The courier: tells other systems, several at a time but each by one call at a time, until told to stop."""

import logging
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from sqlalchemy import Engine

from services.notifications.domain.webhook_signature import headers
from services.notifications.domain.webhooks import Attempt, DeliveryState, outcome, standing
from services.notifications.storage import deliveries
from services.notifications.storage.deliveries import Claimed
from services.notifications.storage.outgoing import Outgoing
from services.notifications.storage.sealing import unseal
from shared.database import is_sqlite, reading_sessions_for, sessions_for
from shared.messaging.wakeup import woken
from shared.metrics import WEBHOOK_CALLS

log = logging.getLogger(__name__)

POLL = 1.0
_RESULTS = {DeliveryState.DELIVERED: "delivered", DeliveryState.QUEUED: "failed", DeliveryState.FAILED: "given_up"}
AT_ONCE = 8  # endpoints called at the same time by one process


class Courier:
    """Any number may work on one database. Without webhooks it costs one query a second and one thread."""

    def __init__(
        self,
        engine: Engine,
        outgoing: Outgoing,
        *,
        key: bytes,
        clock: Callable[[], datetime],
        stop: threading.Event,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._engine = engine
        self._sessions = sessions_for(engine)
        self._reading = reading_sessions_for(engine)
        self._outgoing = outgoing
        self._key = key
        self._clock = clock
        self._stop = stop
        self._jitter = jitter
        self._places = threading.Semaphore(AT_ONCE)

    def work(self) -> None:
        """Until `stop` is set; the calls in hand are finished first."""
        with ThreadPoolExecutor(AT_ONCE, "webhook") as pool, woken(self._engine, self._stop, others=False) as bell:
            while not self._stop.is_set():
                bell.clear()
                try:
                    while not self._stop.is_set() and self._hand_out(pool, bell):
                        pass
                except Exception:  # a database that is away for a while must not end the deliveries
                    log.exception("the courier stumbles")
                bell.wait(POLL)

    def deliver_next(self) -> bool:
        """Make one call, if one is due; whether there may be more to do at once."""
        claimed = self._claim()
        if claimed is None:
            return False
        self._settle(claimed, self._call(claimed))
        return True

    def _hand_out(self, pool: ThreadPoolExecutor, bell: threading.Event) -> bool:
        if not self._places.acquire(blocking=False):
            return False
        claimed = None
        try:
            claimed = self._claim()
        finally:
            if claimed is None:
                self._places.release()
        if claimed is None:
            return False
        pool.submit(self._carry, claimed, bell)
        return True

    def _carry(self, claimed: Claimed, bell: threading.Event) -> None:
        try:
            self._settle(claimed, self._call(claimed))
        except Exception:  # the lease ends by itself, then it is sent again under the same id
            log.exception("delivery %s cannot be settled", claimed.delivery.id)
        finally:
            self._places.release()
            bell.set()

    def _claim(self) -> Claimed | None:
        now = self._clock()
        if is_sqlite(self._engine):  # one writer keeps all others waiting
            with self._reading() as session:
                if not deliveries.is_any_due(session, now):
                    return None
        with self._sessions.begin() as session:
            return deliveries.claim(session, now)

    def _call(self, claimed: Claimed) -> Attempt:
        webhook, delivery, now = claimed.webhook, claimed.delivery, self._clock()
        sealed = [webhook.secret]
        if webhook.old_secret and webhook.old_until and now < webhook.old_until:
            sealed.append(webhook.old_secret)
        secrets = [found for each in sealed if (found := unseal(self._key, each, webhook_id=webhook.id))]
        if not secrets:
            return Attempt(reason="secret")
        body = delivery.body.encode()
        signed = headers(str(delivery.message_id), body, secrets=secrets, now=now)
        try:
            return self._outgoing.post(webhook.url, headers=signed, body=body)
        except Exception:  # one poisoned delivery must not be called for ever
            log.exception("delivery %s cannot be sent", delivery.id)
            return Attempt(reason="unreachable")

    def _settle(self, claimed: Claimed, attempt: Attempt) -> None:
        webhook, delivery, now = claimed.webhook, claimed.delivery, self._clock()
        result = outcome(
            attempt,
            attempts=delivery.attempts,
            since=delivery.retried_at or delivery.created_at,
            now=now,
            jitter=self._jitter(),
        )
        doing = standing(attempt, failures=webhook.failures, failing_since=webhook.failing_since, now=now)
        with self._sessions.begin() as session:
            deliveries.settle(session, claimed, attempt, result, doing, now=now)
        WEBHOOK_CALLS.labels(_RESULTS[result.state]).inc()

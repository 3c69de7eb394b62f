"""Messages from outbox to handler, over RabbitMQ, against the sign-ups that write them.

One relay process of registration, two consume processes of a reader whose handler writes two rows. The outbox is
filled with what sign-ups write, both kinds by turns; the rate counts from that commit until every message is handled.
The yardstick are sign-ups as in their own row, on a registration service beside, whose outbox nobody empties.
"""

import time

from tests import servers
from tests.bench.post_office import until
from tests.bench.rig import Rig, Store
from tests.bench.sign_ups import EVENTS, SignUps
from tests.bench.timing import Pair
from tests.bench.two_rows import metadata

_LONGEST = 180  # seconds
_FILL = """
    INSERT INTO outbox (message_id, type, aggregate, version, data, created_at)
    SELECT gen_random_uuid(), type, 'bench:' || gen_random_uuid(), 1, data, now()
    FROM generate_series(1, %(each)s) n, (VALUES (%(news_type)s, %(news)s::jsonb), (%(free_type)s, %(free)s::jsonb))
        AS sample (type, data)
    ORDER BY n
"""
_BEHIND = """
    SELECT %(sent)s - coalesce((SELECT position FROM inbox_cursor WHERE producer = 'registration'), 0)
        + (SELECT count(*) FROM inbox WHERE state <> 'done')
"""


class Queue:
    """An outbox, the broker, and a reader."""

    def __init__(self, rig: Rig) -> None:
        self.sign_ups = rig.once(SignUps)
        self._samples = self.sign_ups.variables()
        self._from: Store = rig.store("registration")
        self._to: Store = rig.store("events")
        metadata.create_all(self._to.engine)
        broker = {"WERKTOR_BROKER_URL": servers.fresh_vhost()}
        rig.role("registration", "relay", self._from, **broker)
        for _ in range(2):
            rig.start(["tests.bench.two_rows"], {**rig.settings("events", self._to), **broker})
        self._rate, self._sent = 100.0, 0

    def rate(self, seconds: float) -> float:
        """Messages a second."""
        each = max(50, int(self._rate * seconds / 2))
        begun = self._fill(each)
        with self._to.bare() as connection:

            def all_handled() -> bool:
                behind = connection.execute(_BEHIND, {"sent": self._sent}).fetchone()
                return behind == (0,)

            if not until(all_handled, seconds=_LONGEST):
                raise AssertionError(f"not all of {2 * each} messages were handled in {_LONGEST} s")
        self._rate = 2 * each / (time.monotonic() - begun)
        return self._rate

    def _fill(self, each: int) -> float:
        self._sent += 2 * each
        with self._from.bare() as connection:
            connection.execute(_FILL, {**self._samples, "each": each})
            begun = time.monotonic()
            connection.execute("NOTIFY werktor_outbox")
        return begun


def queue(rig: Rig) -> list[Pair]:
    """Above one means that queues drain while people sign up."""
    queue = rig.once(Queue)
    return [
        Pair(
            name="relay and consume, a handler writing two rows",
            against=f"sign-ups over {EVENTS:,} events",
            goal=1.5,
            ours=queue.rate,
            yardstick=queue.sign_ups.rate,
        )
    ]

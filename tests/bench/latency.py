"""From the answer "you are in" to both mails at the mail server, with every role at work: p99 against p50.

Sign-ups come at a steady pace, a quarter of the rate that the same service reached a moment before without the other
roles. The mail server is 20 ms away. A turn lasts four times as long as others, because a p99 needs many people.
What has not arrived half a minute after the last sign-up counts as if it came then.
"""

import time
from collections import deque
from statistics import quantiles

from tests import servers
from tests.bench.client import pace
from tests.bench.post_office import open_post_office, until
from tests.bench.rig import Rig
from tests.bench.sign_ups import SignUps
from tests.bench.timing import Pair

MAILS = 2
_LONGEST = 30  # seconds
_TURNS = 4


class Journey:
    """All that lies between a sign-up and its mails."""

    def __init__(self, rig: Rig) -> None:
        self._house = rig.once(SignUps)
        self._post = open_post_office(rig)
        self._rig = rig
        self._arrived: dict[str, list[float]] = {}
        self._pace = 0.0
        self._p50s: deque[float] = deque()
        self._p99s: deque[float] = deque()

    def p99(self, seconds: float) -> float:
        """In milliseconds, of the same people as the p50 of the same round."""
        if not self._p99s:
            self._round(seconds)
        return self._p99s.popleft()

    def p50(self, seconds: float) -> float:
        """In milliseconds."""
        if not self._p50s:
            self._round(seconds)
        return self._p50s.popleft()

    def _round(self, seconds: float) -> None:
        if not self._pace:
            self._begin(seconds)
        people = pace(
            self._house.web.port, self._house.requests(), rate=self._pace, seconds=_TURNS * seconds, wanted=201
        )
        waits = self._waits(people)
        cuts = quantiles(waits, n=100, method="inclusive") if len(waits) > 1 else waits * 99
        self._p50s.append(1000 * cuts[49])
        self._p99s.append(1000 * cuts[98])

    def _begin(self, seconds: float) -> None:
        self._house.rate(seconds / 2)
        self._pace = self._house.rate(seconds) / 4
        with self._house.store.bare() as connection:
            connection.execute("TRUNCATE outbox")
        broker = {"WERKTOR_BROKER_URL": servers.fresh_vhost()}
        mails, events = self._rig.store("notifications"), self._rig.store("events")
        self._rig.role("registration", "relay", self._house.store, **broker)
        self._rig.role("events", "consume", events, **broker)
        for _ in range(2):
            self._rig.role("notifications", "consume", mails, **broker)
        self._rig.role("notifications", "deliver", mails, NOTIFICATIONS_SMTP_URL=self._post.url)
        self._waits(pace(self._house.web.port, self._house.requests(), rate=5, seconds=1, wanted=201))

    def _waits(self, people: list[tuple[bytes, float]]) -> list[float]:
        """From each one's answer to the last of her mails."""
        accepted = {_email(request): when for request, when in people}

        def all_there() -> bool:
            for when, recipient in self._post.news():
                self._arrived.setdefault(recipient, []).append(when)
            return all(len(self._arrived.get(each, ())) >= MAILS for each in accepted)

        until(all_there, seconds=_LONGEST)
        late = time.monotonic()
        return [self._last(each, late) - when for each, when in accepted.items()]

    def _last(self, email: str, late: float) -> float:
        times = self._arrived.get(email, [])
        return max(times) if len(times) >= MAILS else late


def _email(request: bytes) -> str:
    return request.partition(b'"email": "')[2].partition(b'"')[0].decode()


def latency(rig: Rig) -> list[Pair]:
    """The web, the relay, two consume processes of notifications, one of events, and the deliver role."""
    journey = rig.once(Journey)
    return [
        Pair(
            name="sign-up to both mails sent, p99",
            against="p50 of the same, at a quarter of the sign-up rate",
            goal=20,
            unit="ms",
            at_most=True,
            ours=journey.p99,
            yardstick=journey.p50,
            warm=False,
        )
    ]

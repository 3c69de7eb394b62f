"""Mails handed in over a line with a round trip of 20 ms: our deliver role as installed, against one connection each.

The queue holds tickets and invitations by turns, two for a registration, which must leave in that order. The role
runs with the number of connections that it has by default.
"""

import smtplib
import time
from itertools import cycle

from tests.bench.mails import both_mails
from tests.bench.post_office import PostOffice, open_post_office, until
from tests.bench.rig import Rig
from tests.bench.timing import Pair, repeated

_LONGEST = 120  # seconds
_QUEUE = """
    WITH person AS MATERIALIZED (SELECT n, gen_random_uuid() AS id FROM generate_series(1, %(people)s) n)
    INSERT INTO mail (id, cause, registration_id, kind, locale, recipient_name, recipient, envelope_from, subject,
        message_id, raw, state, attempts, next_at, last_error, created_at)
    SELECT gen_random_uuid(), kind || person.id, person.id, kind, 'de', 'Олена Шевченко', person.id || '@example.org',
        'bounce@werktor.example.org', 'Ihr Ticket', '<' || kind || person.id || '@werktor.example.org>', raw, 'queued',
        0, now(), '', now()
    FROM person, (VALUES (1, 'ticket', %(ticket)s::bytea), (2, 'invitation', %(invitation)s::bytea))
        AS mail_of (place, kind, raw)
    ORDER BY n, place
"""


class Sending:
    """The notifications service's deliver role, and a queue."""

    def __init__(self, rig: Rig) -> None:
        self._store = rig.store("notifications")
        self._post: PostOffice = open_post_office(rig)
        self._mails = both_mails()
        self._by_turns = cycle(self._mails)
        self._rate = 10.0  # mails a second; learned, so that a turn takes about its time
        rig.role("notifications", "deliver", self._store, NOTIFICATIONS_SMTP_URL=self._post.url)

    def rate(self, seconds: float) -> float:
        """Mails a second, from the commit that queues them until the last is accepted."""
        people = max(5, int(self._rate * seconds / 2))
        begun = self._queue(people)
        accepted: list[float] = []

        def all_there() -> bool:
            accepted.extend(when for when, _ in self._post.news())
            return len(accepted) >= 2 * people

        if not until(all_there, seconds=_LONGEST):
            raise AssertionError(f"{len(accepted)} of {2 * people} mails were sent in {_LONGEST} s")
        self._rate = len(accepted) / (max(accepted) - begun)
        return self._rate

    def one_by_one(self) -> None:
        """The plain way: connect, hand one in, leave."""
        with smtplib.SMTP("127.0.0.1", self._post.port) as client:
            client.sendmail("bounce@werktor.example.org", ["olena@example.org"], next(self._by_turns))
        self._post.news()

    def _queue(self, people: int) -> float:
        ticket, invitation = self._mails
        with self._store.bare() as connection:
            connection.execute(_QUEUE, {"people": people, "ticket": ticket, "invitation": invitation})
            begun = time.monotonic()
            connection.execute("NOTIFY werktor_outbox")
        return begun


def sending(rig: Rig) -> list[Pair]:
    """Both sides send the same two mails by turns."""
    sending = rig.once(Sending)
    return [
        Pair(
            name="mails handed in, 20 ms round trip",
            against="one connection per mail",
            goal=10,
            ours=sending.rate,
            yardstick=repeated(sending.one_by_one),
        )
    ]

"""Sign-ups through the JSON door of registration: spread over a thousand events, and all on one.

REGISTRATION_CONFIRM_ADDRESS is false, so that a sign-up leads to the ticket at once (the row about mails begins with
the same sign-up); the same rows are written either way. Everything is validated as usual.

The yardstick runs what a sign-up cannot do without in one transaction by pgbench: the same rows in the same tables
(tests/bench/test_yardsticks.py counts them), the place taken under the same condition, nothing read beforehand.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from sqlalchemy import text

from tests.bench import filling, pgbench
from tests.bench.client import Load, ask, drive, post
from tests.bench.rig import Rig, Store, Web, open_rig
from tests.bench.timing import Pair

EVENTS = 1_000
PLACES = 100_000_000  # nobody waits
AT_ONCE = {"REGISTRATION_CONFIRM_ADDRESS": "false"}
_SAMPLES = text("SELECT split_part(aggregate, ':', 1), type, data::text, version FROM outbox ORDER BY id DESC LIMIT 2")
SCRIPT = """
\\set number random(1, :events)
\\set person random(1, 1000000000000)
BEGIN;
INSERT INTO registration (id, version, event_id, status, name, email, ascii_email, email_key, search_text, locale,
    page_hash, ticket_hash, address_confirmed_at, created_at, changed_at, cancelled_by, cancelled_reason, source)
SELECT gen_random_uuid(), 1, ('00000000-0000-4000-8000-' || lpad(:number::text, 12, '0'))::uuid, 'confirmed',
    'Олена Шевченко', email, email, email, 'олена шевченко ' || email, 'de', md5('p' || email) || md5('q' || email),
    md5('r' || email) || md5('s' || email), now(), now(), now(), '', '', 'api'
FROM (SELECT 'p' || :person::text || '@pgbench.example.org' AS email) one
ON CONFLICT (event_id, email_key) WHERE status IN ('pending', 'confirmed', 'waiting') DO NOTHING
RETURNING id AS registration \\gset
INSERT INTO consent (id, registration_id, purpose, text_version, locale, given_at)
VALUES (gen_random_uuid(), :registration, 'privacy', '1', 'de', now());
UPDATE quota SET taken = taken + 1, version = version + 1
WHERE id = ('00000000-0000-4000-9000-' || lpad(:number::text, 12, '0'))::uuid
    AND is_open AND taken < capacity AND waiting = 0 RETURNING id AS quota, version AS version \\gset
INSERT INTO place (id, registration_id, quota_id, state, number)
VALUES (gen_random_uuid(), :registration, :quota, 'held', NULL);
INSERT INTO outbox (message_id, type, aggregate, version, data, created_at)
VALUES (gen_random_uuid(), :news_type, 'registration:' || :registration::text, 1, :news, now());
INSERT INTO outbox (message_id, type, aggregate, version, data, created_at)
VALUES (gen_random_uuid(), :free_type, 'quota:' || :quota::text, :version, :free, now());
COMMIT;
"""


class SignUps:
    """The registration service with so many open events."""

    def __init__(self, rig: Rig, *, events: int) -> None:
        self.store: Store = rig.store("registration")
        filling.pattern(self.store, capacity=PLACES)
        with self.store.bare() as connection:
            filling.events(connection, 1, events)
            connection.execute("ANALYZE")
        self.web: Web = rig.service("registration", self.store, **AT_ONCE)
        self._events, self._numbers = events, count(1)

    def drive(self, seconds: float) -> Load:
        """Sign people up, at every event in turn."""
        return drive(self.web.port, self.requests(), seconds=seconds, wanted=201)

    def rate(self, seconds: float) -> float:
        """Sign-ups a second."""
        return self.drive(seconds).rate

    def requests(self) -> Iterator[bytes]:
        """Everybody is a person of her own."""
        heads = [self._request(number) for number in range(1, self._events + 1)]
        for number in self._numbers:
            yield heads[number % self._events].replace(b"000000000000@", b"%012d@" % number)

    def statements(self, seconds: float) -> float:
        """The same by pgbench."""
        return pgbench.run(self.store, SCRIPT, self.variables(), seconds=seconds)

    def variables(self) -> dict[str, Any]:
        """What the script needs; its messages are as long as those of the last sign-up."""
        ask(self.web.port, next(self.requests()))
        with self.store.engine.connect() as connection:
            told = {row[0]: row for row in connection.execute(_SAMPLES)}
        news, free = told["registration"], told["quota"]
        return {
            "events": self._events,
            "news_type": news[1],
            "news": news[2],
            "free_type": free[1],
            "free": free[2],
        }

    def _request(self, number: int) -> bytes:
        wish = wish_of("olena.000000000000@example.org")
        path = f"/registration/api/v1/events/{filling.event_id(number)}/registrations"
        return post(path, self.web.port, json.dumps(wish).encode())


def wish_of(email: str) -> dict[str, Any]:
    """What she sends."""
    return {"name": "Олена Шевченко", "email": email, "locale": "de", "consents": {"privacy": True}}


@contextmanager
def spread() -> Iterator[list[Pair]]:
    """Each at the next event."""
    yield from _pairs(f"sign-ups over {EVENTS:,} events", goal=0.30, events=EVENTS)


@contextmanager
def hot() -> Iterator[list[Pair]]:
    """Everybody at the same event, so everybody waits for the same row."""
    yield from _pairs("sign-ups on one hot event", goal=0.60, events=1)


def _pairs(name: str, *, goal: float, events: int) -> Iterator[list[Pair]]:
    with open_rig() as rig:
        house = SignUps(rig, events=events)
        against = "pgbench, same statements" if events > 1 else "pgbench, one hot row"
        yield [Pair(name=name, against=against, goal=goal, ours=house.rate, yardstick=house.statements)]

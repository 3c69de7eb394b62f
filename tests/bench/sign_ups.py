"""Sign-ups through the JSON door of registration: spread over a thousand events, and all on one.

REGISTRATION_CONFIRM_ADDRESS is false, so that a sign-up leads to the ticket at once (the row about mails begins with
the same sign-up); the same rows are written either way. Everything is validated as usual.

The yardstick runs what a sign-up cannot do without in one transaction by pgbench: the same rows in the same tables
(tests/bench/test_yardsticks.py counts them), the place taken under the same condition, nothing read beforehand.
"""

import json
from collections.abc import Iterator
from functools import partial
from itertools import count, islice
from typing import Any

from sqlalchemy import text

from tests.bench import filling, pgbench
from tests.bench.client import ask, drive, post
from tests.bench.rig import Rig, Store, Web
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
    """The registration service with a thousand open events."""

    def __init__(self, rig: Rig) -> None:
        self.store: Store = rig.store("registration")
        filling.pattern(self.store, capacity=PLACES)
        with self.store.bare() as connection:
            filling.events(connection, 1, EVENTS)
            connection.execute("ANALYZE")
        self.web: Web = rig.service("registration", self.store, **AT_ONCE)
        self._numbers = count(1)
        self._acquaint()

    def _acquaint(self) -> None:
        """Let each worker meet each event, as it has after some minutes: it reads an event once and remembers it."""
        drive(self.web.port, islice(self.requests(), 3 * EVENTS), seconds=60, wanted=201)

    def prepare(self, _seconds: float) -> None:
        """A database that has nothing else to do."""
        self.store.settle()

    def rate(self, seconds: float, *, events: int = EVENTS) -> float:
        """Sign-ups a second, at so many events in turn."""
        return drive(self.web.port, self.requests(events), seconds=seconds, wanted=201).rate

    def requests(self, events: int = EVENTS) -> Iterator[bytes]:
        """Everybody is a person of her own."""
        heads = [self._request(number) for number in range(1, events + 1)]
        for number in self._numbers:
            yield heads[number % events].replace(b"000000000000@", b"%012d@" % number)

    def statements(self, seconds: float, *, events: int = EVENTS, transactions: int = 0) -> float:
        """The same by pgbench."""
        variables = self.variables() | {"events": events}
        return pgbench.run(self.store, SCRIPT, variables, seconds=seconds, transactions=transactions)

    def variables(self) -> dict[str, Any]:
        """What the script needs; its messages are as long as those of the last sign-up."""
        ask(self.web.port, next(self.requests()))
        with self.store.engine.connect() as connection:
            told = {row[0]: row for row in connection.execute(_SAMPLES)}
        news, free = told["registration"], told["quota"]
        return {
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


def spread(rig: Rig) -> list[Pair]:
    """Each at the next event."""
    house = rig.once(SignUps)
    return [
        Pair(
            name=f"sign-ups over {EVENTS:,} events",
            against="pgbench, same statements",
            goal=0.30,
            ours=house.rate,
            yardstick=house.statements,
            prepare=house.prepare,
        )
    ]


def hot(rig: Rig) -> list[Pair]:
    """Everybody at the same event, so everybody waits for the same row."""
    house = rig.once(SignUps)
    return [
        Pair(
            name="sign-ups on one hot event",
            against="pgbench, one hot row",
            goal=0.60,
            ours=partial(house.rate, events=1),
            yardstick=partial(house.statements, events=1),
            prepare=house.prepare,
        )
    ]

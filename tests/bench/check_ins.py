"""Check-ins through the JSON door, each ticket once.

The yardstick finds the ticket by its code and writes the rows that ours writes: the line in the log, who is in, the
message to the others. Ours also answers how many are in the room, which pgbench does not ask.
"""

import json
from collections.abc import Iterator
from uuid import uuid4

from sqlalchemy import text

from shared import clock
from shared.http.identity import issue_api_token
from shared.http.keys import signing_key
from shared.policy import Role
from tests.bench import filling, pgbench
from tests.bench.client import CONNECTIONS, ask, drive, post
from tests.bench.rig import Rig, Web
from tests.bench.timing import Pair
from tests.registration.builders import ORGANISATION

AT_AN_EVENT = 50
OURS_A_SECOND, PGBENCH_A_SECOND = 1_600, 8_000  # tickets; with fewer ours ends its round early, pgbench fails
_SAMPLE = text("SELECT type, data::text FROM outbox WHERE aggregate LIKE 'check_in:%' ORDER BY id DESC LIMIT 1")
SCRIPT = """
\\set i :i + 1
\\set ticket :first + :client_id * :each + :i
BEGIN;
SELECT id AS registration, event_id AS event FROM registration
WHERE ticket_hash = encode(sha256(lpad(:ticket::text, 26, '0')::bytea), 'hex') \\gset
INSERT INTO scan (scan_id, content, event_id, session_id, registration_id, kind, verdict, reason, facts, device,
    scanned_at, received_at)
VALUES (gen_random_uuid(), md5('a') || md5('b'), :event, :event, :registration, 'entry', 'admitted', '', '{}',
    'Tor 1', now(), now())
ON CONFLICT DO NOTHING RETURNING scan_id AS scan \\gset
INSERT INTO check_in (registration_id, session_id, event_id, scan_id, scanned_at, device)
VALUES (:registration, :event, :event, :scan, now(), 'Tor 1')
ON CONFLICT DO NOTHING RETURNING scan_id AS scan \\gset
INSERT INTO outbox (message_id, type, aggregate, version, data, created_at)
VALUES (gen_random_uuid(), :type, 'check_in:' || :registration::text || ':' || :event::text, 1, :data, now());
COMMIT;
"""


def organiser_token(rig: Rig) -> dict[str, str]:
    """Headers of a program that may do what an organiser may."""
    key = signing_key(str(rig.folder / "identity.key"), str(rig.folder / "identity.pub"))
    now = clock.now()
    token = issue_api_token(
        key=key,
        jti=uuid4(),
        organisation_id=ORGANISATION,
        role=Role.ORGANISER,
        now=now,
        expires_at=now.replace(year=now.year + 1, day=1),
    )
    return {"Authorization": f"Bearer {token}"}


class Door:
    """The registration service and people with tickets, fifty at an event."""

    def __init__(self, rig: Rig) -> None:
        self.store = rig.store("registration")
        self._headers = organiser_token(rig)
        filling.pattern(self.store, capacity=AT_AN_EVENT)
        self.web: Web = rig.service("registration", self.store)
        self._made, self._first_event = AT_AN_EVENT, 1  # the numbers of event 0 stay unused
        self.ours: range = range(0)
        self.pgbench: range = range(0)

    def fill(self, seconds: float) -> None:
        """Tickets that nobody has used, for one turn of either."""
        if len(self.ours) < OURS_A_SECOND * seconds:
            self.ours = self._more(int(OURS_A_SECOND * seconds) + 100)

    def fill_pgbench(self, seconds: float) -> None:
        """The same for pgbench, which wants a row of numbers for each of its clients."""
        wanted = int(PGBENCH_A_SECOND * max(1, round(seconds)))
        if len(self.pgbench) < wanted:
            self.pgbench = self._more(wanted)

    def prepare(self, seconds: float) -> None:
        """Tickets for a turn, and a database that has nothing else to do."""
        self.fill(seconds)
        self.fill_pgbench(seconds)
        self.store.settle()

    def _more(self, wanted: int) -> range:
        first = self._made
        number_of_events = -(-wanted // AT_AN_EVENT)
        self._made += number_of_events * AT_AN_EVENT
        with self.store.bare() as connection:
            filling.events(connection, first // AT_AN_EVENT, self._made // AT_AN_EVENT - 1)
            filling.registrations(connection, first, self._made - 1, each=AT_AN_EVENT)
        return range(first, self._made)

    def rate(self, seconds: float) -> float:
        """Check-ins a second."""
        self.fill(seconds)
        load = drive(self.web.port, self.requests(), seconds=seconds, wanted=201)
        self.ours = self.ours[load.done :]
        return load.rate

    def statements(self, seconds: float, *, transactions: int = 0) -> float:
        """The same by pgbench."""
        self.fill_pgbench(seconds)
        rate = pgbench.run(self.store, SCRIPT, self.variables(), seconds=seconds, transactions=transactions)
        self.pgbench = range(0)
        return rate

    def variables(self) -> dict[str, object]:
        """What the script needs; its message is as long as that of a check-in."""
        with self.store.engine.connect() as connection:
            told = connection.execute(_SAMPLE).one_or_none()
        if told is None:
            self.fill(0.1)
            ask(self.web.port, next(self.requests()))
            self.ours = self.ours[1:]
            return self.variables()
        each = len(self.pgbench) // CONNECTIONS
        return {"i": -1, "first": self.pgbench.start, "each": each, "type": told[0], "data": told[1]}

    def requests(self) -> Iterator[bytes]:
        """Each ticket of ours once."""
        for number in self.ours:
            yield self._scan(number)

    def _scan(self, number: int) -> bytes:
        scan = {
            "scan_id": str(uuid4()),
            "ticket": filling.ticket_code(number),
            "event_id": str(filling.event_id(number // AT_AN_EVENT)),
            "device": "Tor 1",
        }
        return post("/registration/api/v1/check-ins", self.web.port, json.dumps(scan).encode(), self._headers)


def check_ins(rig: Rig) -> list[Pair]:
    """The door of many events at once."""
    door = rig.once(Door)
    return [
        Pair(
            name="check-ins, each ticket once",
            against="pgbench, same statements",
            goal=0.28,
            ours=door.rate,
            yardstick=door.statements,
            prepare=door.prepare,
        )
    ]

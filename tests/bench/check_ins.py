"""Check-ins through the JSON door, each ticket once.

The yardstick is what no door can do without: the line in the log, and who is in, where only the first one counts.
Ours also locks the ticket, reads what was scanned before, tells the other services, and counts the room.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from shared.policy import Role
from tests.bench.door import Door
from tests.bench.office import Bare, open_office
from tests.bench.tickets import Stock, Ticket
from tests.bench.timing import Pair

MOST_A_SECOND = 4000  # tickets; a faster round ends when they are used up
_LOG = """
    INSERT INTO scan (scan_id, content, event_id, session_id, registration_id, kind, verdict, reason, facts, device,
        scanned_at, received_at)
    VALUES (%s, %s, %s, %s, %s, 'entry', 'admitted', '', '{}', 'Tor 1', now(), now())
"""
_LET_IN = """
    INSERT INTO check_in (registration_id, session_id, event_id, scan_id, scanned_at, device)
    VALUES (%s, %s, %s, %s, now(), 'Tor 1') ON CONFLICT DO NOTHING RETURNING scan_id
"""


@contextmanager
def check_ins(seconds: float) -> Iterator[Pair]:
    """Rounds of so many seconds are stocked with tickets."""
    with open_office() as (house, bare):
        stock = Stock(house, least=max(100, int(MOST_A_SECOND * seconds)))
        door = Door(house.app, house.token(role=Role.HELPER))
        yield Pair(
            name="check-ins, each ticket once",
            against="the two statements by psycopg",
            goal=0.28,
            ours=lambda: _scan(door, stock.take()),
            yardstick=lambda: _statements(bare, stock.take()),
            prepare=stock.fill,
        )


def _scan(door: Door, ticket: Ticket) -> None:
    scan = {"scan_id": str(uuid4()), "ticket": ticket.code, "event_id": str(ticket.event_id), "device": "Tor 1"}
    door.post("/registration/api/v1/check-ins", scan)


def _statements(bare: Bare, ticket: Ticket) -> None:
    scan_id = uuid4()
    whose = (ticket.event_id, ticket.session_id, ticket.registration_id)
    with bare.transaction() as connection:
        connection.execute(_LOG, (scan_id, scan_id.hex * 2, *whose))
        let_in = connection.execute(_LET_IN, (ticket.registration_id, ticket.session_id, ticket.event_id, scan_id))
        if let_in.fetchone() is None:
            raise AssertionError("somebody is in already")

"""Attendees with tickets in their pockets, fifty at an event, made in bulk before the doors open."""

from collections import deque
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert

from services.registration.domain.secrets import derive, fingerprint
from services.registration.storage.tables import Place, Registration
from shared.contracts.events import EventSnapshot
from tests.bench.timing import NothingLeft
from tests.registration.builders import NOW
from tests.registration.doors import House, a_coming_event

AT_AN_EVENT = 50
_KEY = b"the key of the bench"


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """A right to enter that nobody has used."""

    registration_id: UUID
    code: str
    event_id: UUID
    session_id: UUID


class Stock:
    """Tickets to be used once."""

    def __init__(self, house: House, *, least: int) -> None:
        self._house, self._least = house, least
        self._tickets: deque[Ticket] = deque()
        self._numbers = count()

    def fill(self) -> None:
        """Sign people up until there are enough for a round."""
        while len(self._tickets) < self._least:
            told = a_coming_event(slug=f"door-{next(self._numbers)}", capacity=AT_AN_EVENT)
            self._tickets += _attendees(self._house, self._house.event(told))

    def take(self) -> Ticket:
        """The next one. Raises NothingLeft."""
        try:
            return self._tickets.popleft()
        except IndexError:
            raise NothingLeft from None


def _attendees(house: House, told: EventSnapshot) -> list[Ticket]:
    made = [_ticket(told) for _ in range(AT_AN_EVENT)]
    quota_id = told.quotas[0].id
    with house.sessions.begin() as session:
        session.execute(insert(Registration), [_row(each) for each in made])
        session.execute(
            insert(Place),
            [{"registration_id": each.registration_id, "quota_id": quota_id, "state": "held"} for each in made],
        )
    return made


def _ticket(told: EventSnapshot) -> Ticket:
    new = uuid4()
    code = derive(_KEY, "ticket", new)
    return Ticket(registration_id=new, code=code, event_id=told.id, session_id=told.sessions[0].id)


def _row(ticket: Ticket) -> dict[str, Any]:
    email = f"{ticket.registration_id}@example.org"
    return {
        "id": ticket.registration_id,
        "event_id": ticket.event_id,
        "status": "confirmed",
        "name": "Олена Шевченко",
        "email": email,
        "ascii_email": email,
        "email_key": email,
        "search_text": email,
        "locale": "de",
        "page_hash": fingerprint(f"page of {email}"),
        "ticket_hash": fingerprint(ticket.code),
        "created_at": NOW,
        "changed_at": NOW,
    }

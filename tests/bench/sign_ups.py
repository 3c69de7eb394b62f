"""Sign-ups through the JSON door: spread over many events, and all on one from several threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, cycle
from uuid import UUID

from shared.contracts.events import EventSnapshot
from tests.bench.door import Door
from tests.bench.office import open_office
from tests.bench.sign_up_statements import SignUpStatements
from tests.bench.timing import Pair
from tests.registration.doors import a_coming_event

EVENTS = 200
HOT_THREADS = 4
PLACES = 1_000_000  # nobody waits


@contextmanager
def spread() -> Iterator[Pair]:
    """One after another, each at the next event."""
    with _sign_ups(name=f"sign-ups over {EVENTS} events", goal=0.30, events=EVENTS, threads=1) as pair:
        yield pair


@contextmanager
def hot() -> Iterator[Pair]:
    """Everybody at the same event, so everybody waits for the same row."""
    name = f"sign-ups on one hot event, {HOT_THREADS} threads"
    with _sign_ups(name=name, goal=0.60, events=1, threads=HOT_THREADS) as pair:
        yield pair


@contextmanager
def _sign_ups(*, name: str, goal: float, events: int, threads: int) -> Iterator[Pair]:
    with open_office(threads=threads) as (house, bare):
        told = [house.event(a_coming_event(slug=f"event-{number}", capacity=PLACES)) for number in range(events)]
        door, numbers, places = Door(house.app), count(), cycle(map(_place, told))

        def ours() -> None:
            _sign_up(door, next(places)[0], number=next(numbers))

        ours()
        statements = SignUpStatements(house, bare)

        def yardstick() -> None:
            event_id, quota_id = next(places)
            statements.run(event_id=event_id, quota_id=quota_id)

        against = "the three statements by psycopg"
        yield Pair(name=name, against=against, goal=goal, ours=ours, yardstick=yardstick, threads=threads)


def _place(told: EventSnapshot) -> tuple[UUID, UUID]:
    return told.id, told.quotas[0].id


def _sign_up(door: Door, event_id: UUID, *, number: int) -> None:
    wish = {
        "name": "Олена Шевченко",
        "email": f"olena.{number}@example.org",
        "locale": "de",
        "consents": {"privacy": True},
    }
    door.post(f"/registration/api/v1/events/{event_id}/registrations", wish)

"""What a request costs when there is a lot: a million registrations at ten thousand events, against a thousand at ten.

Two databases with a hundred registrations an event: eighty with a place, twenty who wait; at every second event there
is room for more and nobody waits. One connection asks one thing after another, so that a figure is what one request
takes (the median of a turn of at most a hundred), on an event chosen at random each time. The catalogue has ten
thousand events against fifty, so that both show a full first page.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median
from uuid import UUID, uuid4

from shared import clock
from shared.http.identity import ACCESS_COOKIE, issue_access
from shared.http.keys import signing_key
from shared.policy import Actor, Role
from tests.bench import filling
from tests.bench.catalogue import LANGUAGE, publish
from tests.bench.check_ins import organiser_token
from tests.bench.client import drive, get, post
from tests.bench.rig import Rig, Store, Web
from tests.bench.sign_ups import AT_ONCE, PLACES, wish_of
from tests.bench.timing import Pair, Turn
from tests.registration.builders import ORGANISATION

AT_AN_EVENT, WITH_A_PLACE = 100, 80
MANY, FEW = 10_000, 10  # events; a hundred times as many registrations
SHOWN_OF_FEW = 50
MOST = 100  # requests a turn
COST = 1.25


@dataclass
class Office:
    """The registration service with so many events."""

    rig: Rig
    events: int
    seed: int = 1
    store: Store = field(init=False)
    web: Web = field(init=False)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._headers = organiser_token(self.rig)
        self.store = self.rig.store("registration")
        filling.pattern(self.store, capacity=PLACES)
        with self.store.bare() as connection:
            filling.events(connection, 1, self.events)
            last = AT_AN_EVENT * (self.events + 1) - 1
            filling.registrations(connection, AT_AN_EVENT, last, each=AT_AN_EVENT, held=WITH_A_PLACE)
            connection.execute("VACUUM ANALYZE")
        self.web = self.rig.service("registration", self.store, **AT_ONCE)
        self._tickets = self._shuffled(lambda number: number % AT_AN_EVENT < WITH_A_PLACE)
        self._leaving = self._shuffled(lambda number: _is_full(number) and number % AT_AN_EVENT < WITH_A_PLACE // 4)

    def sign_ups(self) -> Iterator[bytes]:
        """At events with room."""
        while True:
            event = filling.event_id(2 * self._chance.randint(1, self.events // 2))
            body = json.dumps(wish_of(f"p{uuid4().hex}@example.org")).encode()
            yield post(f"/registration/api/v1/events/{event}/registrations", self.web.port, body)

    def check_ins(self) -> Iterator[bytes]:
        """Of tickets that nobody has used."""
        for number in self._tickets:
            event = filling.event_id(number // AT_AN_EVENT)
            scan = {"scan_id": str(uuid4()), "ticket": filling.ticket_code(number), "event_id": str(event)}
            body = json.dumps(scan).encode()
            yield post("/registration/api/v1/check-ins", self.web.port, body, self._headers)

    def attendee_lists(self) -> Iterator[bytes]:
        """As an organiser's browser asks."""
        key = signing_key(str(self.rig.folder / "identity.key"), str(self.rig.folder / "identity.pub"))
        actor = Actor(id=uuid4(), kind="account", name="Mina Öz", organisations={ORGANISATION: Role.ORGANISER})
        cookie = f"{ACCESS_COOKIE}={issue_access(actor, key=key, now=clock.now())}"
        while True:
            slug = f"tour-{self._chance.randint(1, self.events):012d}"
            yield get(f"/registration/manage/{slug}/", self.web.port, LANGUAGE | {"Cookie": cookie})

    def promotions(self) -> Iterator[bytes]:
        """Somebody with a place leaves an event at which others wait."""
        for number in self._leaving:
            registration = UUID(f"{filling.REGISTRATION}{number:012d}")
            request = post(f"/registration/api/v1/registrations/{registration}", self.web.port, b"", self._headers)
            yield request.replace(b"POST", b"DELETE", 1)

    def _shuffled(self, fits: Callable[[int], bool]) -> Iterator[int]:
        """Numbers of registrations, in an order of chance; more than are ever used."""
        every = range(AT_AN_EVENT, AT_AN_EVENT * (self.events + 1))
        chosen = every if self.events <= FEW else self._chance.sample(every, 40_000)
        found = [number for number in chosen if fits(number)]
        self._chance.shuffle(found)
        return iter(found)


@dataclass
class Shop:
    """The events service with so many events."""

    rig: Rig
    events: int
    web: Web = field(init=False)

    def __post_init__(self) -> None:
        store = self.rig.store("events")
        publish(store, self.events)
        self.web = self.rig.service("events", store)

    def catalogues(self) -> Iterator[bytes]:
        """The first page."""
        while True:
            yield get("/events/", self.web.port, LANGUAGE)


def million(rig: Rig, *, events: int = MANY) -> list[Pair]:
    """Both sizes at once in one PostgreSQL. Fewer events are for trying whether it works."""
    large, small = rig.once(Office, events), rig.once(Office, FEW)
    wide, narrow = rig.once(Shop, max(events, SHOWN_OF_FEW)), rig.once(Shop, SHOWN_OF_FEW)
    return [
        _pair("sign-up", (large.web, large.sign_ups), (small.web, small.sign_ups), wanted=201),
        _pair("check-in", (large.web, large.check_ins), (small.web, small.check_ins), wanted=201),
        _pair("attendee list page", (large.web, large.attendee_lists), (small.web, small.attendee_lists)),
        _pair("catalogue", (wide.web, wide.catalogues), (narrow.web, narrow.catalogues)),
        _pair("promotion", (large.web, large.promotions), (small.web, small.promotions), wanted=204, most=12),
    ]


Side = tuple[Web, Callable[[], Iterator[bytes]]]


def _pair(name: str, large: Side, small: Side, *, wanted: int = 200, most: int = MOST) -> Pair:
    return Pair(
        name=f"{name} at {MANY * AT_AN_EVENT:,} registrations",
        against=f"itself at {FEW * AT_AN_EVENT:,}",
        goal=COST,
        unit="ms",
        at_most=True,
        ours=_cost(*large, wanted=wanted, most=most),
        yardstick=_cost(*small, wanted=wanted, most=most),
    )


def _cost(web: Web, requests: Callable[[], Iterator[bytes]], *, wanted: int, most: int) -> Turn:
    def turn(seconds: float) -> float:
        """In milliseconds."""
        asked = [request for request, _ in zip(requests(), range(most), strict=False)]
        load = drive(web.port, asked, seconds=seconds, wanted=wanted, connections=1)
        return 1000 * median(load.latencies)

    return turn


def _is_full(number: int) -> bool:
    return number // AT_AN_EVENT % 2 == 1

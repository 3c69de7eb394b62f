"""A crowd at the opening second: through nginx and gunicorn on PostgreSQL, over many connections at the same time.

`make test` sends 600 people over 200 connections, for there are two cores; `RUSH=10000 make test T=<this file>` sends
as many as the issue names. Whoever knocks before the second is told when it opens, and knocks again.
"""

import json
import os
import select
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import perf_counter, time
from typing import Any

import psycopg
import pytest
import requests

from shared import clock
from tests.bench.client import Connection, WrongAnswer, post
from tests.end_to_end.conftest import running
from tests.end_to_end.product import Product, eventually
from tests.end_to_end.town import Town, done

PEOPLE, PLACES, CONNECTIONS = int(os.environ.get("RUSH", "600")), 25, 200
EARLY = 1.5  # seconds before the opening at which the crowd begins to knock
LONGEST_PAGE = 30  # seconds, on a busy machine; what it was is printed
PATIENCE = 60
pytestmark = [pytest.mark.end_to_end, pytest.mark.servers, pytest.mark.timeout(900)]


@dataclass
class Crowd:
    """What people were answered: those who came too early, and the document of each who was let in."""

    too_early: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    slowest: float = 0.0


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A product of its own: thousands of mails must not keep others waiting."""
    with running("servers", tmp_path_factory) as product:
        yield Town(product)


def test_a_crowd_at_the_opening_second_gets_what_the_database_says_in_the_order_of_acceptance(town: Town) -> None:
    event = town.event(capacity=PLACES, sign_up_opens_at=_in(days=1).isoformat())
    early = town.sign_up(event)
    assert early.status_code == 409
    opens_at = _open_soon(town, event)

    with _reading(town, event) as seen:
        crowd = _rush(town, event, opens_at)

    assert crowd.too_early
    assert {datetime.fromisoformat(each["opens_at"]) for each in crowd.too_early} == {opens_at}
    positions = [each["position"] for each in crowd.answers]
    assert positions.count(None) == PLACES
    assert sorted(each for each in positions if each) == list(range(1, PEOPLE - PLACES + 1))
    assert {each["id"]: each["position"] for each in crowd.answers} == _stored(town.product)
    places = town.places(event)
    assert (places["capacity"], places["free"], places["waiting"]) == (PLACES, 0, PEOPLE - PLACES)
    _ensure_answerable(seen, crowd)


def _in(**duration: float) -> datetime:
    return (clock.now() + timedelta(**duration)).replace(microsecond=0)


def _open_soon(town: Town, event: dict[str, Any]) -> datetime:
    """Move the opening to a second that is near, and see that everybody is told of it."""
    opens_at = _in(seconds=15)
    path = f"/events/api/v1/events/{event['id']}"
    done(town.call("PATCH", path, token=town.organiser, json={"sign_up_opens_at": opens_at.isoformat()}), 200)

    def is_told() -> bool:
        answer = town.sign_up(event)
        assert answer.status_code == 409, "the machine was too slow for this opening"
        return datetime.fromisoformat(answer.json()["opens_at"]) == opens_at

    eventually(is_told, what="people are told when it opens")
    assert _stored(town.product) == {}
    return opens_at


def _rush(town: Town, event: dict[str, Any], opens_at: datetime) -> Crowd:
    """Everybody at once, as many as there are connections; whoever waits behind comes as soon as one is answered."""
    port = int(town.authority.partition(":")[2])
    path = f"/registration/api/v1/events/{event['id']}/registrations"
    wishes = (json.dumps(town.wish(name=f"Person {number}")).encode() for number in range(PEOPLE))
    people = (post(path, port, wish) for wish in wishes)
    eventually(lambda: time() > opens_at.timestamp() - EARLY, what="it is nearly time")
    opened = [Connection(port) for _ in range(min(CONNECTIONS, PEOPLE))]
    try:
        return _Counter(people).serve(opened)
    finally:
        for each in opened:
            each.close()


class _Counter:
    """Where all of them stand: each connection asks for one person after another."""

    def __init__(self, people: Iterator[bytes]) -> None:
        self.crowd, self._people = Crowd(), people
        self._asking: dict[int, tuple[Connection, bytes]] = {}
        self._poller = select.epoll()

    def serve(self, opened: list[Connection]) -> Crowd:
        with closing(self._poller):
            for each, request in zip(opened, self._people, strict=False):
                self._ask(each, request)
            while self._asking:
                ready = self._poller.poll(PATIENCE)
                assert ready, f"{len(self._asking)} people were not answered"
                for number, _ in ready:
                    self._hear(number, *self._asking[number])
        return self.crowd

    def _ask(self, connection: Connection, request: bytes) -> None:
        with suppress(FileExistsError):  # a connection that was opened again is unknown to it, with the same number too
            self._poller.register(connection.fileno(), select.EPOLLIN)
        self._asking[connection.fileno()] = connection, request
        connection.send(request)

    def _hear(self, number: int, connection: Connection, request: bytes) -> None:
        if (answer := connection.read()) is None:
            return
        self.crowd.slowest = max(self.crowd.slowest, perf_counter() - connection.sent_at)
        following = request if _comes_too_early(self.crowd, *answer) else next(self._people, None)
        if connection.fileno() != number:  # the server wanted a new connection; the poller has forgotten the old one
            del self._asking[number]
        if following is not None:
            self._ask(connection, following)
        elif self._asking.pop(connection.fileno(), None):
            with suppress(FileNotFoundError):
                self._poller.unregister(connection.fileno())


def _comes_too_early(crowd: Crowd, status: int, head: bytes, body: bytes) -> bool:
    """Whether she came too early and knocks again. Anything but that and a sign-up is an error."""
    if status == 409:
        crowd.too_early.append(json.loads(body))
        return True
    if status != 201:
        raise WrongAnswer(f"{status}: {head!r} {body[:600]!r}")
    crowd.answers.append(json.loads(body))
    return False


@contextmanager
def _reading(town: Town, event: dict[str, Any]) -> Iterator[list[tuple[str, int, float]]]:
    """Somebody else opens the event page and the sign-up page every 200 ms."""
    seen: list[tuple[str, int, float]] = []
    stop = threading.Event()

    def read() -> None:
        with requests.Session() as browser:
            while not stop.wait(0.2):
                for path in (f"/events/{event['slug']}", f"/registration/{event['slug']}/sign-up"):
                    begun = perf_counter()
                    status = browser.get(town.base + path, allow_redirects=False, timeout=PATIENCE).status_code
                    seen.append((path, status, perf_counter() - begun))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield seen
    finally:
        stop.set()
        reader.join(PATIENCE)


def _ensure_answerable(seen: list[tuple[str, int, float]], crowd: Crowd) -> None:
    assert {status for _path, status, _seconds in seen} == {200}
    slowest = max(seconds for _path, _status, seconds in seen)
    print(f"{PEOPLE} people, {len(crowd.too_early)} knocks too early, slowest answer {crowd.slowest:.1f} s;", end=" ")  # noqa: T201
    print(f"{len(seen)} pages meanwhile, the slowest {slowest:.2f} s")  # noqa: T201
    assert slowest < LONGEST_PAGE


def _stored(product: Product) -> dict[str, int | None]:
    """What the database holds: everybody's position by the order of the numbers; None for a held place."""
    url = product.environment["REGISTRATION_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        held = connection.execute("SELECT registration_id FROM place WHERE state = 'held'").fetchall()
        line = connection.execute(
            "SELECT registration_id FROM place WHERE state = 'waiting' ORDER BY number"
        ).fetchall()
    return {str(who): None for (who,) in held} | {str(who): at for at, (who,) in enumerate(line, start=1)}

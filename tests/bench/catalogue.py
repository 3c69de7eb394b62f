"""The public catalogue with fifty events on one page, and the same for a reader who has it already.

The product shows fewer at once; here its page is set to fifty (tests/bench/fifty.py), so that the figure stays what
it is called. The yardsticks are bare Flask routes under the same gunicorn.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from services.events.domain.events import Place, SessionWish
from services.events.use_cases.create_event import create_event
from services.events.use_cases.publish_event import publish_event
from shared import clock
from tests.bench.client import ask, drive, get
from tests.bench.rig import BARE, Rig, Store, Web
from tests.bench.timing import Pair, Turn
from tests.events.builders import a_session, a_wish, an_organisation

EVENTS = 50
CITIES = ("Pforzheim", "Karlsruhe", "Stuttgart", "Heilbronn")
LANGUAGE = {"Accept-Language": "de"}
_PATH = "/events/"
_COPIES = (
    """
    CREATE TABLE copied AS SELECT event.id AS old, gen_random_uuid() AS new, n
    FROM event, generate_series(1, %(copies)s) n
    """,
    """
    INSERT INTO event SELECT (jsonb_populate_record(event, jsonb_build_object('id', new, 'slug', slug || '-' || n,
        'starts_at', starts_at + n * interval '50 days', 'ends_at', ends_at + n * interval '50 days'))).*
    FROM event JOIN copied ON old = event.id
    """,
    """
    INSERT INTO event_session SELECT (jsonb_populate_record(event_session, jsonb_build_object(
        'id', gen_random_uuid(), 'event_id', new,
        'starts_at', starts_at + n * interval '50 days', 'ends_at', ends_at + n * interval '50 days'))).*
    FROM event_session JOIN copied ON old = event_id
    """,
    """
    INSERT INTO quota SELECT (jsonb_populate_record(quota, jsonb_build_object(
        'id', gen_random_uuid(), 'event_id', new))).*
    FROM quota JOIN copied ON old = event_id
    """,
    "DROP TABLE copied",
)
_ETAG = re.compile(rb"\r\netag: *([^\r]+)", re.IGNORECASE)


def catalogue(rig: Rig) -> list[Pair]:
    """Read by strangers who have seen nothing of it before."""
    web = rig.once(open_catalogue)
    _, content = _first_look(web)
    bare = rig.once(_bare, content)
    return [
        Pair(
            name=f"catalogue page of {EVENTS} events",
            against=f"a bare Flask route, {len(content):,} bytes",
            goal=0.30,
            ours=reading(web, get(_PATH, web.port, LANGUAGE), wanted=200),
            yardstick=reading(bare, get("/page", bare.port, LANGUAGE), wanted=200),
        )
    ]


def unchanged(rig: Rig) -> list[Pair]:
    """Read again: the answer is that nothing has changed."""
    web = rig.once(open_catalogue)
    tag, content = _first_look(web)
    bare, known = rig.once(_bare, content), LANGUAGE | {"If-None-Match": tag}
    return [
        Pair(
            name="the same with a valid ETag",
            against="a bare Flask 304",
            goal=0.70,
            ours=reading(web, get(_PATH, web.port, known), wanted=304),
            yardstick=reading(bare, get("/unchanged", bare.port, known), wanted=304),
        )
    ]


def reading(web: Web, request: bytes, *, wanted: int) -> Turn:
    """A turn in which everybody asks the same; answers a second."""

    def turn(seconds: float) -> float:
        return drive(web.port, _always(request), seconds=seconds, wanted=wanted).rate

    return turn


def open_catalogue(rig: Rig) -> Web:
    """The events service with fifty published events, all on one page."""
    store = rig.store("events")
    publish(store, EVENTS)
    return rig.web("tests.bench.fifty:app", rig.settings("events", store), ready="/events/healthz")


def publish(store: Store, events: int) -> None:
    """The first fifty as an organiser would; the others are copies of those, later by years."""
    with store.sessions.begin() as session:
        _publish_all(session)
    with store.bare() as connection:
        for statement in _COPIES if events > EVENTS else ():
            connection.execute(statement, {"copies": events // EVENTS - 1})
        connection.execute("VACUUM ANALYZE")


def _always(request: bytes) -> Iterator[bytes]:
    while True:
        yield request


def _first_look(web: Web) -> tuple[str, bytes]:
    status, head, content = ask(web.port, get(_PATH, web.port, LANGUAGE))
    tag = _ETAG.search(head)
    if status != 200 or content.count(b"Goldschmiede Nr.") < EVENTS or tag is None:
        raise AssertionError(f"{status}: not the page of all events with its ETag: {head!r}")
    return tag[1].decode(), content


def _bare(rig: Rig, content: bytes) -> Web:
    path = rig.folder / "body.html"
    path.write_bytes(content)
    return rig.web(BARE, {"BENCH_BODY": str(path)}, ready="/page")


def _publish_all(session: Session) -> None:
    now, organisation = clock.now(), an_organisation(session)
    first = now.replace(tzinfo=None, minute=0, second=0, microsecond=0) + timedelta(days=30)
    for number in range(EVENTS):
        start = first + timedelta(days=number)
        wish = a_wish(title={"de": f"Blick in die Goldschmiede Nr. {number}"}, sessions=(_session(start, number),))
        event = create_event(wish, organisation_id=organisation.id, session=session, now=now)
        publish_event(event, base_url="http://127.0.0.1:8000", session=session, now=now)


def _session(start: datetime, number: int) -> SessionWish:
    place = Place(name=f"Werk {number}", city=CITIES[number % len(CITIES)])
    return a_session(local_start=start, local_end=start + timedelta(hours=2), place=place)

"""The public catalogue with fifty events on one page, against a bare Flask route that answers as many bytes.

The product shows fewer at once; here its page is set to fifty, so that the figure stays what it is called.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from sqlalchemy.orm import Session

from services.events.app import MIGRATIONS
from services.events.domain.events import Place, SessionWish
from services.events.use_cases.create_event import create_event
from services.events.use_cases.publish_event import publish_event
from services.events.web import catalogue as page
from shared import clock
from shared.database import connect
from shared.migrations import upgrade
from tests import servers
from tests.bench.door import BASE, Door
from tests.bench.timing import Pair
from tests.events.builders import a_session, a_wish, an_organisation
from tests.events.doors import a_house

EVENTS = 50
CITIES = ("Pforzheim", "Karlsruhe", "Stuttgart", "Heilbronn")
_PATH = "/events/"


@contextmanager
def catalogue() -> Iterator[Pair]:
    """Read by a stranger who has seen nothing of it before."""
    with _application() as app, _all_on_one_page():
        door = Door(app, {"Accept-Language": "de"})
        content = door.get(_PATH)
        if content.count(b"Goldschmiede Nr.") < EVENTS:
            raise AssertionError("the page does not show all events")
        bare = Door(_bare(content))
        yield Pair(
            name=f"catalogue page of {EVENTS} events",
            against=f"a bare Flask route, {len(content):,} bytes",
            goal=0.30,
            ours=lambda: door.get(_PATH),
            yardstick=lambda: bare.get(_PATH),
        )


@contextmanager
def _application() -> Iterator[Flask]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        engine = connect(stack.enter_context(servers.fresh_database()))
        stack.callback(engine.dispose)
        upgrade(engine, MIGRATIONS)
        house = a_house(folder, engine)
        stack.callback(house.app.extensions["werktor"].sessions.kw["bind"].dispose)
        with house.sessions.begin() as session:
            _publish_all(session)
        yield house.app


def _publish_all(session: Session) -> None:
    now, organisation = clock.now(), an_organisation(session)
    first = now.replace(tzinfo=None, minute=0, second=0, microsecond=0) + timedelta(days=30)
    for number in range(EVENTS):
        start = first + timedelta(days=number)
        wish = a_wish(title={"de": f"Blick in die Goldschmiede Nr. {number}"}, sessions=(_session(start, number),))
        event = create_event(wish, organisation_id=organisation.id, session=session, now=now)
        publish_event(event, base_url=BASE, session=session, now=now)


def _session(start: datetime, number: int) -> SessionWish:
    place = Place(name=f"Werk {number}", city=CITIES[number % len(CITIES)])
    return a_session(local_start=start, local_end=start + timedelta(hours=2), place=place)


@contextmanager
def _all_on_one_page() -> Iterator[None]:
    usual, page.PER_PAGE = page.PER_PAGE, EVENTS
    try:
        yield
    finally:
        page.PER_PAGE = usual


def _bare(content: bytes) -> Flask:
    app = Flask("bare")
    text = content.decode()

    @app.get(_PATH)
    def show() -> str:
        return text

    return app

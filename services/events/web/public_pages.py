"""Public pages are drawn once and kept until what they show changes (docs/decisions/0015-kept-pages.md).

    @pages.get("/events/")
    def show_catalogue() -> Response:
        return public_page(_draw)            # _draw(session, now) -> Drawn

For readers who are not signed in, a page is a function of its address, the language, the state of the catalogue and
the time. The database is asked whether a kept page still holds, at most every 200 ms. Readers who are signed in, or
for whom a notice waits, get a page of their own.
"""

from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import Any, cast

from flask import Flask, Response, current_app, request
from flask import session as cookie_session
from sqlalchemy.orm import Session

from services.events.storage.catalogue_state import stamp
from services.events.web.kept_answers import KEPT, KeptAnswers, Observe
from services.events.web.kept_pages import Drawn, KeptPages, Page
from shared import clock
from shared.http.app import reading
from shared.http.cookies import cookie_name
from shared.http.identity import current_actor
from shared.http.locale import COOKIE, current_locale
from shared.metrics import REQUESTS
from shared.settings import CommonSettings

Draw = Callable[[Session, datetime], Drawn]
_NAME = "werktor.kept_pages"


def install(app: Flask) -> KeptPages:
    """Give an application its memory of pages, and answer from it before anything else."""
    kept = app.extensions[_NAME] = KeptPages()
    common: CommonSettings = app.extensions["werktor"].common

    def observer(environ: dict[str, Any], status: str) -> Observe:
        if not common.metrics_bind:
            return _nobody_looks
        rule = environ["werkzeug.request"].url_rule.rule
        child = REQUESTS.labels(common.service, environ["REQUEST_METHOD"], rule, f"{status[0]}xx")
        return cast("Observe", child.observe)

    app.wsgi_app = KeptAnswers(  # type: ignore[method-assign]
        app.wsgi_app, kept, language_cookie=cookie_name(COOKIE, common), observer=observer
    )
    return kept


def _nobody_looks(_seconds: float) -> None:
    return None


def kept_pages(app: Flask) -> KeptPages:
    """An application's memory of pages."""
    found: KeptPages = app.extensions[_NAME]
    return found


def public_page(draw: Draw) -> Response:
    """The page for whoever asks, or 304 for a reader who has it already."""
    if not _is_for_everybody():
        return _of_her_own(_drawn(draw))
    page = _page(draw)
    if page.drawn.status != 200:
        return _of_her_own(page)
    return _for_everybody(page)


def _is_for_everybody() -> bool:
    return not current_actor().is_known and "_flashes" not in cookie_session


def _page(draw: Draw) -> Page:
    kept, now = kept_pages(current_app), clock.now()
    key = (request.path, request.query_string, current_locale())
    page = kept.find(key)
    if page is not None and kept.is_trusted(page, now):
        return page
    with kept.turn(key):
        page = kept.find(key)
        if page is not None and kept.is_trusted(page, now):
            return page
        page = _asked(page, draw, now)
        if page.drawn.version is not None and page.drawn.status == 200:
            kept.keep(key, page)
        return page


def _asked(page: Page | None, draw: Draw, now: datetime) -> Page:
    """The same page if the database says that it holds, else a new one."""
    asked = monotonic()
    with reading() as session:
        if page is not None and page.holds_at(now) and _is_unchanged(page.drawn, session):
            page.asked = asked
            return page
        return Page(draw(session, now), drawn_at=now, asked=asked)


def _is_unchanged(drawn: Drawn, session: Session) -> bool:
    return stamp(session, drawn.event_ids) == (drawn.version, drawn.places)


def _drawn(draw: Draw) -> Page:
    now = clock.now()
    with reading() as session:
        return Page(draw(session, now), drawn_at=now, asked=0)


def _for_everybody(page: Page) -> Response:
    """A proxy may keep it and asks each time; with ?lang= the answer may set a cookie, which is nobody else's."""
    chooses = request.query_string and "lang" in request.args
    headers = {
        "ETag": page.tag,
        "Cache-Control": "private, no-cache" if chooses else "public, no-cache",
        "Vary": "Accept-Language, Cookie",
    }
    request.environ[KEPT] = page
    if _is_known(page):
        return Response(status=304, headers=headers)
    return Response(page.content, mimetype="text/html", headers=headers)


def _is_known(page: Page) -> bool:
    told = request.headers.get("If-None-Match")
    return told is not None and (told == page.tag or request.if_none_match.contains_weak(page.tag.strip('"')))


def _of_her_own(page: Page) -> Response:
    response = Response(page.content, page.drawn.status, mimetype="text/html")
    if page.drawn.status == 200:
        response.set_etag(page.tag.strip('"'))
        response.make_conditional(request)
    return response

"""The one way to make a service's web application; everything that all doors share hangs on it.

app = new_app(__name__, common=settings.common, sessions=sessions_for(engine),
              reading_sessions=reading_sessions_for(engine),
              catalogues=Catalogues(SHARED, Path(__file__).parent / "translations"),
              templates=Path(__file__).parent / "web/templates", static=Path(__file__).parent / "web/static",
              hooks=Hooks(after_commit=nudge, checks={"migrations": …, "broker": …}))

@pages.post("/events/manage/<uuid:event_id>/publish")
def publish(event_id: UUID) -> Response:
    with transaction() as session:                      # commits at the end, wakes the relay
        publish_event(event_id, session=session, now=clock.now())
    return redirect(…, 303)

with reading() as session:                              # reads, never waits for a writer
    return render_template("events/show.html", event=find_event(session, event_id))
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, Request, Response, g
from jinja2 import BaseLoader, ChoiceLoader, DictLoader, FileSystemLoader, StrictUndefined
from sqlalchemy.orm import Session, sessionmaker
from structlog.contextvars import bind_contextvars, unbind_contextvars
from werkzeug.exceptions import HTTPException
from werkzeug.local import LocalProxy
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import MapAdapter

from shared.direct import Direct
from shared.http import csrf, hardening, health, identity, locale, metrics, problems, security, statics
from shared.http.context import Hooks, Installed, installed
from shared.http.cookies import cookie_name
from shared.http.sessions import SessionCookie
from shared.languages import Catalogues
from shared.settings import CommonSettings
from shared.telemetry import new_request_id, tame

__all__ = ["Hooks", "new_app", "reading", "single_statement", "transaction"]

_OWN = Path(__file__).parent / "templates"
_PLAIN_PROBLEM = """<!doctype html><html lang="{{ locale }}" dir="{{ dir }}"><meta charset="utf-8">
<title>{{ problem.title }}</title><h1>{{ problem.title }}</h1><p>{{ problem.detail }}</p>
{% for sentences in problem.errors.values() if problem.errors %}{% for one in sentences %}<p>{{ one }}</p>{% endfor %}
{% endfor %}<p><small>{{ problem.request_id }}</small></p></html>"""


def new_app(
    import_name: str,
    *,
    common: CommonSettings,
    sessions: sessionmaker[Session],
    reading_sessions: sessionmaker[Session],
    catalogues: Catalogues,
    templates: Path | None = None,
    static: Path | None = None,
    hooks: Hooks | None = None,
) -> Flask:
    """An application with locks, languages, rejections, health; blueprints with the service's prefix go onto it."""
    tame()
    app = _App(import_name, static_folder=None, template_folder=None)
    app.extensions["werktor"] = Installed(
        common=common,
        sessions=sessions,
        reading_sessions=reading_sessions,
        catalogues=catalogues,
        hooks=hooks or Hooks(),
        static_folder=str(static) if static else None,
    )
    _configure(app, common)
    _furnish(app, templates)
    app.before_request(_begin)
    for part in (security, hardening, csrf):  # in this order: whose house, what comes in, who sent it
        part.install(app)
    app.before_request(identity.renew_expired)
    for part in (locale, problems, statics, health):
        part.install(app)
    app.after_request(_stamp)
    if common.metrics_bind:
        metrics.install(app)
    app.teardown_request(_end)
    return app


class _App(Flask):
    """A Flask without coroutines that can still draw its page of refusal when the Host header is no host at all."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself: none of ours is a coroutine, and Flask would look a dozen times a request."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Routes for this request; security refuses the host a moment later."""
        try:
            return super().create_url_adapter(request)
        except HTTPException:
            return self.url_map.bind("localhost")


@contextmanager
def transaction() -> Iterator[Session]:
    """One writing transaction: committed when the block ends, rolled back when anything is raised in it."""
    parts = installed()
    with parts.sessions.begin() as session:
        yield session
    parts.hooks.after_commit()


@contextmanager
def single_statement() -> Iterator[Direct]:
    """The database for the few requests whose one statement is a transaction by itself.

    Without the round trips of BEGIN and COMMIT, what it locks is free again before we hear of it.
    """
    parts = installed()
    yield parts.direct
    parts.hooks.after_commit()


@contextmanager
def reading() -> Iterator[Session]:
    """A session that only reads.

    It ends by COMMIT: at a ROLLBACK psycopg gives up every statement that the connection has prepared.
    """
    with installed().reading_sessions.begin() as session:
        yield session


def _configure(app: Flask, common: CommonSettings) -> None:
    purpose = f"session:{common.service}".encode()
    app.secret_key = hmac.new(common.secret_key.encode(), purpose, hashlib.sha256).digest()
    app.session_interface = SessionCookie()
    app.config.update(
        SESSION_COOKIE_NAME=cookie_name(f"{common.service}_session", common),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=common.secure,
        SESSION_COOKIE_PATH="/",
        MAX_COOKIE_SIZE=4093,
        PREFERRED_URL_SCHEME="https" if common.secure else "http",
    )
    if common.trusted_proxies:
        hops = common.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0, x_port=0, x_prefix=0)  # type: ignore[method-assign]


def _furnish(app: Flask, templates: Path | None) -> None:
    folders = [templates] if templates else []
    loaders: list[BaseLoader] = [FileSystemLoader(folder) for folder in (*folders, statics.LAYOUT / "templates", _OWN)]
    loaders.append(DictLoader({"layout/problem.html": _PLAIN_PROBLEM}))
    app.jinja_loader = ChoiceLoader(loaders)
    environment: Any = app.jinja_env
    environment.undefined = StrictUndefined
    environment.globals["actor"] = LocalProxy(identity.current_actor)


def _begin() -> None:
    g.request_id = new_request_id()
    bind_contextvars(request_id=g.request_id)


def _stamp(response: Response) -> Response:
    if "request_id" in g:
        response.headers["X-Request-Id"] = g.request_id
    return response


def _end(_error: BaseException | None) -> None:
    unbind_contextvars("request_id")

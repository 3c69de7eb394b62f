"""A small service to knock at: two pages, a JSON door, a table of wishes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, Response, jsonify, render_template_string, request
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from shared.database import connect, reading_sessions_for, sessions_for
from shared.errors import Rejection
from shared.http import identity
from shared.http.app import Hooks, new_app, reading, transaction
from shared.http.csrf import without_csrf_token
from shared.http.fields import (
    Boolean,
    Choice,
    EmailAddress,
    Id,
    Line,
    LocalDateTime,
    Many,
    Moment,
    Nested,
    PersonName,
    Text,
    Translations,
    Whole,
    Wish,
    Zone,
)
from shared.http.forms import Form, read_form
from shared.http.hardening import MIB, accepts_body
from shared.http.openapi import Blueprint, new_api
from shared.http.paging import PageWish, conditional, etag, page, page_schema
from shared.http.security import allow, keep_private, safe_next
from shared.languages import SHARED, Catalogues
from shared.settings import CommonSettings

PAGE = """<!doctype html><html lang="{{ locale }}" dir="{{ dir }}"><title>{{ _("Events") }}</title>
<form method="post"><input type="hidden" name="csrf_token" value="{{ csrf_token() }}"></form>
{% for name, said in form.errors().items() %}<p id="{{ name }}">{{ said[0] }}</p>{% endfor %}
{{ form.value("name") }}</html>"""


class HouseIsFull(Rejection):
    title = "The house is full"
    detail = "%(free)s of %(capacity)s places are free."


class SiteWish(Wish):
    city = Line(required=True)
    floors = Whole(least=0, most=200)


class ThingWish(Wish):
    name = PersonName(required=True, most=100)
    email = EmailAddress()
    notes = Text(most=500)
    title = Translations()
    places = Whole(least=1, most=500)
    kind = Choice("tour", "talk")
    zone = Zone()
    starts = LocalDateTime()
    seen_at = Moment()
    tags = Many(Line(most=20), most=5)
    quota_ids = Many(Id())
    site = Nested(SiteWish)
    sites = Nested(SiteWish, many=True)
    agreed = Boolean()


class Browser(FlaskClient):
    """Asks at the public address, keeps cookies as browsers do."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("base_url", self.application.extensions["werktor"].common.public_base_url)
        return super().open(*args, **kwargs)


class Demo:
    """The application with its keys and its database."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        hooks = changes.pop("hooks", Hooks())
        engine = changes.pop("engine", None) or connect(f"sqlite:///{folder}/demo.db")
        public = str(folder / "identity.pub")
        self.key = identity.signing_key(str(folder / "identity.key"), public)
        common = CommonSettings(
            service="demo", secret_key="k" * 40, var=folder, identity_public_key=public, test_addresses=True
        )
        self.common = replace(common, **changes)
        self.sessions: sessionmaker[Session] = sessions_for(engine)
        with self.sessions.begin() as session:
            session.execute(text("CREATE TABLE IF NOT EXISTS things (name TEXT NOT NULL)"))
        self.app = new_app(
            __name__,
            common=self.common,
            sessions=self.sessions,
            reading_sessions=reading_sessions_for(engine),
            catalogues=Catalogues(SHARED),
            hooks=hooks,
        )
        add_pages(self.app)
        add_api(self.app)

    def client(self) -> FlaskClient:
        return Browser(self.app, self.app.response_class)

    def things(self) -> list[str]:
        with self.sessions() as session:
            return list(session.execute(text("SELECT name FROM things")).scalars())


@pytest.fixture
def make_demo(tmp_path: Path) -> Callable[..., Demo]:
    """A demo service with changed settings."""
    return lambda **changes: Demo(tmp_path, **changes)


@pytest.fixture
def demo(make_demo: Callable[..., Demo]) -> Demo:
    """A demo service as on a laptop."""
    return make_demo()


@pytest.fixture
def client(demo: Demo) -> FlaskClient:
    """A browser without cookies."""
    return demo.client()


def csrf_token(client: FlaskClient, path: str = "/demo/form") -> str:
    """The token of a page's form."""
    html = client.get(path).get_data(as_text=True)
    return html.partition('name="csrf_token" value="')[2].partition('"')[0]


def store(name: str) -> None:
    with transaction() as session:
        session.execute(text("INSERT INTO things VALUES (:name)"), {"name": name})


def show_form() -> Any:
    if request.method != "POST":
        return render_template_string(PAGE, form=Form())
    wish, form = read_form(ThingWish, ignore={"website"})
    if wish is None:
        return render_template_string(PAGE, form=form), 422
    store(wish["name"])
    return jsonify(wish)


def own() -> str:
    actor = identity.require_signed_in()
    if request.method == "POST":
        store("own page")
    return f"{actor.kind} {actor.email or actor.id}"


def private() -> str:
    keep_private()
    return "for one"


def door() -> str:
    allow(camera=True, worker=True)
    return "scan"


def worker() -> Response:
    allow(wasm=True)
    return Response("", mimetype="text/javascript")


@accepts_body(most=2 * MIB, types=("text/plain",))
def upload() -> str:
    return str(len(request.get_data()))


@without_csrf_token
def unsubscribe(code: str) -> str:
    store(code)
    return "done"


def broken() -> str:
    raise ZeroDivisionError("anna@example.org")


def full() -> str:
    raise HouseIsFull(free=0, capacity=12)


def onwards() -> str:
    return safe_next(request.args.get("next"))


def whoami() -> str:
    return f"{request.remote_addr} {request.scheme} {request.host}"


def add_pages(app: Flask) -> None:
    app.add_url_rule("/demo/form", "form", show_form, methods=["GET", "POST"])
    app.add_url_rule("/demo/own", "own", own, methods=["GET", "POST"])
    app.add_url_rule("/demo/upload", "upload", upload, methods=["POST"])
    app.add_url_rule("/demo/unsubscribe/<code>", "unsubscribe", unsubscribe, methods=["POST"])
    for view in (private, door, worker, broken, full, onwards, whoami):
        app.add_url_rule(f"/demo/{view.__name__}", view.__name__, view)
    app.add_url_rule("/demo/numbers/<int:number>", "number", lambda number: str(number))
    app.add_url_rule("/demo/api/v1/broken", "api_broken", broken)
    app.add_url_rule("/demo/api/v1/full", "api_full", full)
    app.add_url_rule("/demo/api/v1/own", "api_own", own, methods=["GET", "POST"])


def add_api(app: Flask) -> None:
    api = new_api(app, title="Demo")
    things = Blueprint("things", __name__, url_prefix="/demo/api/v1", description="Things")

    @things.post("/things")
    @things.arguments(ThingWish)
    @things.response(201, ThingWish)
    def add_thing(wish: dict[str, Any]) -> dict[str, Any]:
        """Add a thing."""
        store(wish["name"])
        return wish

    @things.get("/things")
    @things.arguments(PageWish, location="query")
    @things.response(200, page_schema(ThingWish))
    def list_things(query: dict[str, Any]) -> dict[str, Any]:
        """List the things."""
        with reading() as session:
            sql = text("SELECT name FROM things WHERE name > :after ORDER BY name LIMIT :most")
            after = query["cursor"][0] if query["cursor"] else ""
            rows = session.execute(sql, {"after": after, "most": query["limit"] + 1}).scalars().all()
        return page([{"name": name} for name in rows], query["limit"], key=lambda row: [row["name"]])

    @things.get("/things/<uuid:thing_id>")
    @things.response(200)
    def show_thing(thing_id: UUID) -> Response:
        """Show a thing."""
        return conditional(jsonify(id=str(thing_id)), etag(thing_id, 1))

    api.register_blueprint(things)

"""A "no" is said in the reader's language, a bug kindly and without telling the log about persons."""

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import InterfaceError, InternalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared import telemetry
from shared.http.app import Hooks
from tests.shared.http.conftest import Demo, csrf_token


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What a process would log."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    telemetry.configure("demo", stream=stream)
    yield stream
    root.handlers, root.level = handlers, level


def lines(log: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_rejection_is_a_problem_document_in_the_api(client: FlaskClient) -> None:
    answer = client.get("/demo/api/v1/full", headers={"Accept-Language": "en"})

    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
    assert answer.get_json() == {
        "type": "urn:werktor:problem:house-is-full",
        "title": "The house is full",
        "status": 409,
        "detail": "0 of 12 places are free.",
        "free": 0,
        "capacity": 12,
        "request_id": answer.headers["X-Request-Id"],
    }


def test_a_rejection_is_a_kind_page_elsewhere(client: FlaskClient) -> None:
    answer = client.get("/demo/full", headers={"Accept-Language": "en"})

    assert (answer.status_code, answer.mimetype) == (409, "text/html")
    assert "The house is full" in answer.text
    assert "0 of 12 places are free." in answer.text


@pytest.mark.parametrize(
    ("language", "title", "direction"),
    [("de", "Hier ist nichts", "ltr"), ("ar", "لا يوجد شيء هنا", "rtl"), ("en", "There is nothing here", "ltr")],
)
def test_an_unknown_page_speaks_the_readers_language(
    client: FlaskClient, language: str, title: str, direction: str
) -> None:
    answer = client.get("/demo/nowhere", headers={"Accept-Language": f"xx,{language};q=0.8"})

    assert answer.status_code == 404
    assert title in answer.text
    assert f'lang="{language}" dir="{direction}"' in answer.text
    assert answer.headers["Content-Language"] == language


def test_field_faults_speak_the_readers_language_in_json_and_on_pages(client: FlaskClient) -> None:
    german = {"Accept-Language": "de"}
    posted = {"csrf_token": csrf_token(client), "name": "Ng", "places": "501"}

    answer = client.post("/demo/api/v1/things", json={"site": {"floors": 900}, "tags": ["a", "x" * 21]}, headers=german)
    page = client.post("/demo/form", data=posted, headers=german)

    assert answer.status_code == 422
    assert answer.get_json()["errors"] == {
        "name": ["Bitte füllen Sie dieses Feld aus."],
        "site.city": ["Bitte füllen Sie dieses Feld aus."],
        "site.floors": ["Dies muss zwischen 0 und 200 liegen."],
        "tags.1": ["Zu lang: höchstens 20 Zeichen oder Einträge."],
    }
    assert page.status_code == 422
    assert '<p id="places">Dies muss zwischen 1 und 500 liegen.</p>' in page.text


def test_a_bug_is_shown_kindly_and_logged_once_without_persons(client: FlaskClient, log: io.StringIO) -> None:
    answer = client.get("/demo/broken?email=anna@example.org&token=abc", headers={"Accept-Language": "en"})

    request_id = answer.headers["X-Request-Id"]
    assert answer.status_code == 500
    assert request_id in answer.text
    assert "ZeroDivisionError" not in answer.text
    [line] = lines(log)
    assert (line["event"], line["request_id"], line["service"]) == ("bug", request_id, "demo")
    assert "ZeroDivisionError" in line["exception"]
    assert "anna" not in log.getvalue()
    assert "abc" not in log.getvalue()


def test_a_bug_in_the_api_is_a_problem_document(client: FlaskClient, log: io.StringIO) -> None:
    answer = client.get("/demo/api/v1/broken")

    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert answer.get_json()["request_id"] == lines(log)[0]["request_id"]


def test_a_database_that_is_away_is_a_503(make_demo: Callable[..., Demo], log: io.StringIO) -> None:
    demo = make_demo()
    with demo.sessions() as session:
        session.connection().exec_driver_sql("DROP TABLE things")
        session.commit()

    answer = demo.client().post("/demo/api/v1/things", json={"name": "Олена Шевченко"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "Шевченко" not in log.getvalue()


@pytest.mark.parametrize(
    "outage",
    [
        PoolTimeout("QueuePool limit reached"),
        InterfaceError("SELECT 1", None, OSError("the connection is closed")),
        InternalError("SELECT 1", None, OSError("terminating"), connection_invalidated=True),
    ],
)
@pytest.mark.parametrize("path", ["/demo/torn", "/demo/api/v1/torn"])
def test_a_connection_that_ends_under_us_is_a_503_too(demo: Demo, outage: Exception, path: str) -> None:
    def tear() -> None:
        raise outage

    demo.app.add_url_rule(path, "torn", tear)

    answer = demo.client().get(path, headers={"Accept-Language": "en"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "Nothing was lost" in answer.get_data(as_text=True)


def test_what_two_wrote_at_once_is_a_conflict(demo: Demo, log: io.StringIO) -> None:
    with demo.sessions.begin() as session:
        session.connection().exec_driver_sql("CREATE UNIQUE INDEX once ON things (name)")
    client = demo.client()

    first, second = (client.post("/demo/api/v1/things", json={"name": "Ng"}) for _ in range(2))

    assert (first.status_code, second.status_code, demo.things()) == (201, 409, ["Ng"])
    assert "Ng" not in log.getvalue()


def test_healthz_answers_and_readyz_names_what_is_missing(make_demo: Callable[..., Demo], log: io.StringIO) -> None:
    def broker() -> object:
        raise ConnectionRefusedError("amqp://guest:secret@broker.internal")

    demo = make_demo(hooks=Hooks(checks={"migrations": lambda: False, "broker": broker, "fine": lambda: None}))
    client = demo.client()
    healthy, ready = client.get("/demo/healthz"), client.get("/demo/readyz")

    assert (healthy.status_code, healthy.get_json()) == (200, {"status": "ok"})
    assert (ready.status_code, ready.get_json()) == (
        503,
        {"status": "missing", "missing": ["broker", "migrations"], "late": []},
    )
    assert "secret" not in log.getvalue()


def test_readyz_is_content_when_everything_is_there(client: FlaskClient) -> None:
    answer = client.get("/demo/readyz")

    assert (answer.status_code, answer.get_json()) == (200, {"status": "ready", "missing": [], "late": []})


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("mail to anna.schmidt@example.org failed", "mail to […] failed"),
        ("GET /registration/my/k3v9x2m4q8w7e6r5t1y0u2i9p3?x=1 200", "GET /registration/my/[…]?[…] 200"),
        ("GET /t/9ABCDEFGHJKMNPQRSTVWXYZ012 302", "GET /t/[…] 302"),
        ("amqp://user:password@broker:5672/werktor", "amqp://[…]@broker:5672/werktor"),
        ("event 0b6f7a52-9b7e-4d2e-8f57-3f1c2a9d0e11 moved", "event 0b6f7a52-9b7e-4d2e-8f57-3f1c2a9d0e11 moved"),
        ("Bearer eyJhbGciOiJFZDI1NTE5In0.eyJzdWIiOiIxIn0.c2ln", "Bearer […]"),
        ("services.registration.use_cases.sign_up", "services.registration.use_cases.sign_up"),
    ],
)
def test_logs_keep_what_helps_and_drop_what_identifies(said: str, kept: str) -> None:
    assert telemetry.redact(said) == kept


def test_facts_named_like_secrets_are_dropped(log: io.StringIO) -> None:
    telemetry.get_logger("x").info("signed_up", email="a@b.de", name="Anna", ticket_token="t", count=3, to=["a@b.de"])

    [line] = lines(log)
    assert (line["email"], line["name"], line["ticket_token"], line["count"], line["to"]) == (
        "[…]",
        "[…]",
        "[…]",
        3,
        ["[…]"],
    )

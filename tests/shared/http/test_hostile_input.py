"""Whatever is sent, the answer is a 4xx that says what is wrong, and nothing happens."""

import json
import time
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.shared.http.conftest import Demo, csrf_token

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
THINGS = "/demo/api/v1/things"

JSON_BODIES: dict[str, tuple[bytes, str, int]] = {
    "nothing": (b"", JSON, 422),
    "not JSON": (b"{", JSON, 400),
    "100 000 deep": (b"[" * 100_000, JSON, 400),
    "100 000 entries": (b'{"name": "Ng", "tags": [' + b",".join([b'"a"'] * 100_000) + b"]}", JSON, 400),
    "10 000 commas in a text": (b'{"name": "Ng' + b"," * 10_000 + b'"}', JSON, 422),
    "100 000 deep, closed": (b'{"name":' * 100_000 + b"1" + b"}" * 100_000, JSON, 400),
    "51 deep": (b"[" * 51 + b"]" * 51, JSON, 400),
    "a number of 5 000 digits": (b'{"name": "Ng", "places": ' + b"9" * 5000 + b"}", JSON, 400),
    "a number of 65 bit": (b'{"name": "Ng", "places": 9223372036854775808}', JSON, 400),
    "a small number of 65 bit": (b'{"name": "Ng", "places": -9223372036854775809}', JSON, 400),
    "a number of 64 bit": (b'{"name": "Ng", "places": 9223372036854775807}', JSON, 422),
    "infinity": (b'{"name": "Ng", "places": 1e999}', JSON, 400),
    "NaN": (b'{"name": "Ng", "places": NaN}', JSON, 400),
    "a float": (b'{"name": "Ng", "places": 3.5}', JSON, 422),
    "true as a number": (b'{"name": "Ng", "places": true}', JSON, 422),
    "a lone surrogate": (b'{"name": "\\ud800"}', JSON, 400),
    "a lone surrogate as key": (b'{"\\udfff": 1, "name": "Ng"}', JSON, 400),
    "NUL": (b'{"name": "Ng\\u0000"}', JSON, 400),
    "a key twice": (b'{"name": "Ng", "name": "Li"}', JSON, 400),
    "not UTF-8": (b'{"name": "\xff"}', JSON, 400),
    "UTF-16": ('{"name": "Ng"}'.encode("utf-16"), JSON, 400),
    "another charset": (b'{"name": "Ng"}', "application/json; charset=latin-1", 415),
    "a form": (b"name=Ng", FORM, 415),
    "plain text": (b'{"name": "Ng"}', "text/plain", 415),
    "no content type": (b'{"name": "Ng"}', "", 415),
    "a list": (b"[]", JSON, 422),
    "a text": (b'"Ng"', JSON, 422),
    "null": (b"null", JSON, 422),
    "a number": (b"1", JSON, 422),
    "a status": (b'{"name": "Ng", "status": "confirmed", "id": 1, "paid": true}', JSON, 422),
    "an object as name": (b'{"name": {"$ne": 1}}', JSON, 422),
    "1 MiB and one": (b'{"name": "' + b"x" * (1024 * 1024) + b'"}', JSON, 413),
    "a text of 900 000": (b'{"name": "' + b"x" * 900_000 + b'"}', JSON, 422),
    "a name with a line end": (b'{"name": "Ng\\r\\nBcc: e@x.de"}', JSON, 422),
    "a name as encoded word": (b'{"name": "=?utf-8?q?=0d=0aBcc:_e@x.de?="}', JSON, 422),
    "a name written backwards": ('{"name": "Ng\u202egnp.exe"}'.encode(), JSON, 422),
    "a name with U+2028": ('{"name": "Ng\u2028Bcc"}'.encode(), JSON, 422),
    "a name without letters": (b'{"name": "12 34"}', JSON, 422),
    "a mail address with two": (b'{"name": "Ng", "email": "a@example.org,b@example.org"}', JSON, 422),
    "a mail address with a header": (b'{"name": "Ng", "email": "a@example.org\\nBcc: b@example.org"}', JSON, 422),
    "a year of 9999": (b'{"name": "Ng", "starts": "9999-12-31T23:59"}', JSON, 422),
    "an instant on the edge": (b'{"name": "Ng", "seen_at": "0001-01-01T00:00:00+14:00"}', JSON, 422),
    "a naive instant": (b'{"name": "Ng", "seen_at": "2026-12-03T14:00:00"}', JSON, 422),
    "a zone with a path": (b'{"name": "Ng", "zone": "../../etc/passwd"}', JSON, 422),
    "too many entries": (json.dumps({"name": "Ng", "tags": ["a"] * 6}).encode(), JSON, 422),
    "a language that is none": (b'{"name": "Ng", "title": {"../../x": "a"}}', JSON, 422),
    "a list of keys": (b'{"name": "Ng", "title": [["de", "a"]]}', JSON, 422),
}


@pytest.mark.parametrize("case", JSON_BODIES)
def test_a_hostile_json_body_is_refused_quickly_and_stores_nothing(demo: Demo, client: FlaskClient, case: str) -> None:
    body, content_type, status = JSON_BODIES[case]

    begun = time.monotonic()
    answer = client.post(THINGS, data=body, content_type=content_type)

    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["status"] == status
    assert time.monotonic() - begun < 1
    assert demo.things() == []


def test_a_good_json_body_is_stored_as_written(demo: Demo, client: FlaskClient) -> None:
    answer = client.post(THINGS, json={"name": " سارا موسوی\u200cنژاد ", "places": 3, "starts": "2026-12-03T14:00"})

    assert (answer.status_code, answer.get_json()["starts"]) == (201, "2026-12-03T14:00")
    assert demo.things() == ["سارا موسوی\u200cنژاد"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Transfer-Encoding": "chunked"}, 411),
        ({"Content-Length": "-1"}, 400),
        ({"Content-Length": "1e3"}, 400),
        ({"Content-Length": "9" * 400}, 413),
        ({"Content-Length": str(1024 * 1024 + 1)}, 413),
    ],
)
def test_a_body_of_unknown_or_absurd_length_is_refused(
    demo: Demo, client: FlaskClient, headers: dict[str, str], status: int
) -> None:
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    environ |= {"CONTENT_LENGTH": headers["Content-Length"]} if "Content-Length" in headers else {}

    answer = client.post(THINGS, content_type=JSON, environ_overrides=environ)

    assert answer.status_code == status
    assert demo.things() == []


FORMS: dict[str, tuple[Any, str, int]] = {
    "not UTF-8": (b"name=%ff", FORM, 400),
    "raw bytes": (b"name=\xff", FORM, 400),
    "NUL": (b"name=Ng%00", FORM, 400),
    "10 000 fields": (b"a=1&" * 10_000, FORM, 413),
    "JSON": (b'{"name": "Ng"}', JSON, 415),
    "plain text": (b"name=Ng", "text/plain", 415),
    "another charset": (b"name=Ng", FORM + "; charset=utf-7", 415),
    "more than 1 MiB": (b"name=" + b"x" * 1024 * 1024, FORM, 413),
    "a status": (b"name=Ng&status=confirmed", FORM, 422),
    "no name": (b"name=", FORM, 422),
}


@pytest.mark.parametrize("case", FORMS)
def test_a_hostile_form_is_refused_and_stores_nothing(demo: Demo, client: FlaskClient, case: str) -> None:
    body, content_type, status = FORMS[case]

    answer = client.post(
        "/demo/form", data=body, content_type=content_type, headers={"X-CSRF-Token": csrf_token(client)}
    )

    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert demo.things() == []


def test_a_multipart_form_with_too_many_parts_is_refused(demo: Demo, client: FlaskClient) -> None:
    parts = {f"f{number}": "x" for number in range(1001)}

    answer = client.post(
        "/demo/form", data=parts, content_type="multipart/form-data", headers={"X-CSRF-Token": csrf_token(client)}
    )

    assert answer.status_code == 413
    assert demo.things() == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/demo/nowhere", 404),
        ("/demo/numbers/12", 200),
        ("/demo/numbers/" + "9" * 30, 404),
        ("/demo/numbers/" + "9" * 5000, 404),
        (f"{THINGS}/{'9' * 30}", 404),
        (f"{THINGS}/{'a' * 900}", 404),
        ("/demo/unsubscribe/" + "x" * 300, 404),
        ("/demo/form%00", 404),
        ("/demo/%ff", 404),
        ("/demo/../../etc/passwd", 404),
        ("/demo/shared/../../../settings.py", 404),
        ("/demo/shared/%2e%2e/%2e%2e/app.py", 404),
        ("/demo/form?a=%ff", 400),
        ("/demo/form?a=%00", 400),
        ("/demo/form?" + "a=1&" * 200, 400),
        ("/demo/form?a=" + "x" * 9000, 414),
        ("/demo/form?lang=../../etc/passwd", 200),
        (f"{THINGS}?limit=1000000000", 422),
        (f"{THINGS}?limit=101", 422),
        (f"{THINGS}?limit=0", 422),
        (f"{THINGS}?limit={'9' * 5000}", 422),
        (f"{THINGS}?limit=abc", 422),
        (f"{THINGS}?cursor=%F0%9F%98%80", 422),
        (f"{THINGS}?cursor=W1tbW1tb", 422),
        (f"{THINGS}?limit=100&lang=de", 200),
    ],
)
def test_a_hostile_address_is_answered_calmly(client: FlaskClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


@pytest.mark.parametrize("path", ["/demo/form", THINGS])
def test_an_unusual_method_is_refused_with_the_allowed_ones(client: FlaskClient, path: str) -> None:
    for method in ("TRACE", "PROPFIND", "CONNECT", "PUT", "DELETE"):
        answer = client.open(path, method=method, headers={"X-CSRF-Token": csrf_token(client)})

        assert answer.status_code == 405
        assert {"GET", "HEAD", "OPTIONS", "POST"} == set(answer.headers["Allow"].split(", "))


def test_head_and_options_answer_without_a_body(client: FlaskClient) -> None:
    head, options = client.head("/demo/form"), client.options("/demo/form")

    assert (head.status_code, head.data) == (200, b"")
    assert (options.status_code, options.data) == (200, b"")
    assert {"GET", "HEAD", "OPTIONS", "POST"} == set(options.headers["Allow"].split(", "))


def test_a_view_may_take_larger_bodies_of_another_type(client: FlaskClient) -> None:
    token = {"X-CSRF-Token": csrf_token(client)}

    fine = client.post("/demo/upload", data=b"x" * 2_000_000, content_type="text/plain", headers=token)
    larger = client.post("/demo/upload", data=b"x" * 2_100_000, content_type="text/plain", headers=token)
    other = client.post("/demo/upload", data=b"x=1", content_type=FORM, headers=token)

    assert (fine.status_code, fine.text) == (200, "2000000")
    assert (larger.status_code, other.status_code) == (413, 415)

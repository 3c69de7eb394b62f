"""Requests that no client library would send, over a real socket; and a fuzzer that follows the API's description."""

import socket
import threading
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from werkzeug.serving import make_server

from tests.shared.http.conftest import Demo

JSON_POST = b"POST /demo/api/v1/things HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.fixture
def port(demo: Demo) -> Iterator[int]:
    """The demo service behind a real server."""
    server = make_server("127.0.0.1", 0, demo.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def status(port: int, request: bytes) -> int:
    """The status that the server answers to these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        return int(connection.recv(100).split(b" ")[1])


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (JSON_POST + b'Transfer-Encoding: chunked\r\n\r\n9\r\n{"name":1\r\n0\r\n\r\n', 411),
        (JSON_POST + b'Content-Length: 13\r\n\r\n{"name":"Ng"}', 201),
        (JSON_POST + b"\r\n", 422),
        (b"GET /demo/form HTTP/1.1\r\nHost: evil.example\r\n\r\n", 400),
        (b"GET http://evil.example/demo/form HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400),
        (b"GET //evil.example/%2e%2e HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 404),
        (b"TRACE /demo/form HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 405),
        (b"GET /demo/form HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: at=\xff; lang=\xff; demo_session=%00\r\n\r\n", 200),
        (b"GET /demo/form HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Language: \xff;q=1e999, ;;q=x\r\n\r\n", 200),
        (b"GET /demo/api/v1/own HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \xff\r\n\r\n", 401),
    ],
)
def test_a_raw_request_gets_its_answer(port: int, request_: bytes, expected: int) -> None:
    assert status(port, request_) == expected


def test_no_request_after_the_description_breaks_the_api(demo: Demo) -> None:
    schema = schemathesis.openapi.from_wsgi("/demo/api/v1/openapi.json", demo.app)
    answered = set()

    for operation in schema.get_all_operations():
        cases = operation.ok().as_strategy()

        @given(case=cases)
        @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        def ask(case: schemathesis.Case) -> None:
            answer = case.call()
            answered.add(answer.status_code)
            case.validate_response(answer, checks=[not_a_server_error])
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == ["application/problem+json"]

        ask()

    assert answered <= {200, 201, 400, 404, 415, 422}
    assert {200, 422} <= answered


@given(body=st.binary(max_size=300))
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_bytes_at_all_break_the_json_door(demo: Demo, body: bytes) -> None:
    answer = demo.client().post("/demo/api/v1/things", data=body, content_type="application/json")

    assert answer.status_code in {201, 400, 422}

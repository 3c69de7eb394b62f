"""Who may address us, where we send people, and what a browser may do with our answers."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from shared.http.security import safe_next
from tests.shared.http.conftest import Demo

HTTPS = "https://events.example.org"


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/events/",
        "/events/wind-park?lang=de&a=b%20c",
        "/registration/my/abc#ticket",
        "/events/ورشة",
        "/events/a%20b",
        "/events/?next=https://evil.example",
    ],
)
def test_a_path_of_ours_is_a_safe_next(target: str) -> None:
    assert safe_next(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "events",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https://evil.example",
        "https:///evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "\t//evil.example",
        "/\n/evil.example",
        "/\r\nLocation: https://evil.example",
        " /events",
        "/%2fevil.example",
        "/%5cevil.example",
        "/%09/evil.example",
        "/a/..//evil.example",
        "/a/%2e%2e/%2fevil.example",
        "/..//evil.example",
        "user:password@evil.example",
        "//user:password@evil.example",
        "/\u2028/evil.example",
        "/a\u202eb",
        "/" + "a" * 3000,
    ],
)
def test_anything_else_is_not(target: str | None, client: FlaskClient) -> None:
    assert safe_next(target) == "/events/"
    if target:
        assert client.get("/demo/onwards", query_string={"next": target}).text in {"/events/", ""}


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "a b", "127.0.0.1:8000@evil.example", "a" * 300]
)
def test_an_unknown_host_is_refused(client: FlaskClient, host: str) -> None:
    answer = client.get("/demo/form", headers={"Host": host})

    assert answer.status_code == 400
    assert host not in answer.text or not host


@pytest.mark.parametrize("host", ["localhost", "localhost:5000", "127.0.0.1:9", "[::1]:8000"])
def test_a_laptop_is_reached_under_all_its_names(client: FlaskClient, host: str) -> None:
    assert client.get("/demo/form", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("events.example.org", 200),
        ("EVENTS.example.org", 200),
        ("events.example.org:443", 200),
        ("events.example.org:8443", 400),
        ("localhost", 400),
        ("evil.example", 400),
    ],
)
def test_an_installation_is_reached_under_its_one_name(make_demo: Callable[..., Demo], host: str, status: int) -> None:
    client = make_demo(public_base_url=HTTPS).client()

    assert client.get("/demo/form", headers={"Host": host}).status_code == status
    assert client.get("/demo/healthz", headers={"Host": "10.0.0.7"}).status_code == 200


def test_forwarded_hosts_count_for_nothing_and_addresses_only_behind_a_proxy(make_demo: Callable[..., Demo]) -> None:
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "6.6.6.6, 7.7.7.7", "X-Forwarded-Proto": "https"}
    seen = []
    for proxies in (0, 1):
        demo = make_demo(trusted_proxies=proxies)
        seen.append(demo.client().get("/demo/whoami", headers=headers).text)

    assert seen == ["127.0.0.1 http 127.0.0.1:8000", "7.7.7.7 https 127.0.0.1:8000"]


@pytest.mark.parametrize(
    "path", ["/demo/form", "/demo/nowhere", "/demo/api/v1/things", "/demo/api/docs", "/demo/healthz"]
)
def test_every_answer_is_locked_down(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers

    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "frame-ancestors 'none'; base-uri 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"  # no-referrer: browsers post with Origin: null
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Permissions-Policy"].startswith("camera=(), microphone=()")
    assert "Strict-Transport-Security" not in headers


def test_only_the_door_gets_the_camera_and_only_the_worker_wasm(client: FlaskClient) -> None:
    door, worker, after = client.get("/demo/door"), client.get("/demo/worker"), client.get("/demo/form")

    assert door.headers["Permissions-Policy"].startswith("camera=(self)")
    assert "worker-src 'self'" in door.headers["Content-Security-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval'" in worker.headers["Content-Security-Policy"]
    assert after.headers["Permissions-Policy"].startswith("camera=()")
    assert "wasm" not in after.headers["Content-Security-Policy"]


def test_cookies_are_bound_to_the_host_exactly_on_https(make_demo: Callable[..., Demo]) -> None:
    by_http = make_demo().client().get("/demo/form?lang=de").headers.getlist("Set-Cookie")
    secure = make_demo(public_base_url=HTTPS).client().get("/demo/form?lang=de")
    by_https = secure.headers.getlist("Set-Cookie")

    assert sorted(cookie.partition("=")[0] for cookie in by_http) == ["demo_session", "lang"]
    assert sorted(cookie.partition("=")[0] for cookie in by_https) == ["__Host-demo_session", "__Host-lang"]
    assert all(
        "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie for cookie in by_http + by_https
    )
    assert all("Secure" in cookie and "Domain" not in cookie for cookie in by_https)
    assert not any("Secure" in cookie for cookie in by_http)
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_personal_pages_are_stored_nowhere_and_public_ones_have_no_cookie(client: FlaskClient) -> None:
    private, public = client.get("/demo/private"), client.get("/demo/door")

    assert private.headers["Cache-Control"] == "no-store"
    assert public.headers["Cache-Control"] == "private, no-cache"
    assert "Set-Cookie" not in public.headers

"""A write that a browser sends on somebody else's behalf is refused and does nothing."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from shared import clock
from shared.http import identity
from shared.http.app import Hooks
from shared.policy import Actor, Role
from tests.shared.http.conftest import Demo, csrf_token

OWN = "/demo/own"
API = "/demo/api/v1/own"
ANNA = Actor(id=uuid4(), kind="account", email="anna@example.org", name="Anna")


def signed_in(demo: Demo, client: FlaskClient) -> FlaskClient:
    token = identity.issue_access(ANNA, key=demo.key, now=clock.now())
    client.set_cookie("__Host-at" if demo.common.secure else "at", token, domain="127.0.0.1")
    return client


def test_a_form_with_the_token_of_its_page_is_accepted(demo: Demo, client: FlaskClient) -> None:
    signed_in(demo, client)

    answer = client.post(OWN, data={"csrf_token": csrf_token(client)}, headers={"Origin": demo.common.public_base_url})

    assert (answer.status_code, answer.text) == (200, "account anna@example.org")
    assert demo.things() == ["own page"]


@pytest.mark.parametrize("token", ["", "forged", "W10.abc.def"])
def test_a_form_without_its_token_is_refused(demo: Demo, client: FlaskClient, token: str) -> None:
    signed_in(demo, client)
    csrf_token(client)

    answer = client.post(OWN, data={"csrf_token": token})

    assert answer.status_code == 400
    assert demo.things() == []


def test_a_token_of_another_session_is_refused(demo: Demo, client: FlaskClient) -> None:
    foreign = csrf_token(demo.client())
    signed_in(demo, client)
    csrf_token(client)

    answer = client.post(OWN, data={"csrf_token": foreign})

    assert answer.status_code == 400
    assert demo.things() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1:8000.evil.example"},
        {"Origin": "http://127.0.0.1:9000"},
        {"Origin": "https://127.0.0.1:8000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8000"},
    ],
)
@pytest.mark.parametrize("path", [OWN, API])
def test_a_write_from_elsewhere_is_refused_even_with_the_token(
    demo: Demo, client: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    token = csrf_token(signed_in(demo, client))

    answer = client.post(path, headers={**headers, "X-CSRF-Token": token})

    assert answer.status_code == 403
    assert demo.things() == []


def test_an_api_write_by_cookie_needs_the_header(demo: Demo, client: FlaskClient) -> None:
    token = csrf_token(signed_in(demo, client))

    without, with_it = client.post(API), client.post(API, headers={"X-CSRF-Token": token})

    assert (without.status_code, without.mimetype) == (400, "application/problem+json")
    assert with_it.status_code == 200
    assert demo.things() == ["own page"]


def test_an_api_write_by_a_device_cookie_needs_the_header_too(make_demo: Callable[..., Demo]) -> None:
    phone = Actor(kind="device", event_id=uuid4())
    demo = make_demo(hooks=Hooks(device_actor=lambda: phone))

    assert demo.client().post(API).status_code == 400
    assert demo.things() == []


def test_an_api_write_by_bearer_needs_no_token_and_ignores_cookies(demo: Demo, client: FlaskClient) -> None:
    jti, organisation, now = uuid4(), uuid4(), clock.now()
    token = identity.issue_api_token(
        key=demo.key,
        jti=jti,
        organisation_id=organisation,
        role=Role.ORGANISER,
        now=now,
        expires_at=now + timedelta(days=1),
    )
    signed_in(demo, client)

    answer = client.post(API, headers={"Authorization": f"Bearer {token}"})
    forged = client.post(API, headers={"Authorization": "Bearer forged"})

    assert (answer.status_code, answer.text) == (200, f"token {jti}")
    assert (forged.status_code, forged.headers["WWW-Authenticate"]) == (401, 'Bearer realm="werktor"')
    assert demo.things() == ["own page"]


def test_a_bearer_token_counts_for_nothing_on_pages(demo: Demo, client: FlaskClient) -> None:
    answer = client.post(OWN, headers={"Authorization": "Bearer x"})

    assert answer.status_code == 400
    assert demo.things() == []


def test_one_click_unsubscribe_needs_no_token(demo: Demo, client: FlaskClient) -> None:
    answer = client.post("/demo/unsubscribe/abc", data={"List-Unsubscribe": "One-Click"})

    assert (answer.status_code, answer.text) == (200, "done")


def test_the_csrf_token_outlives_a_long_lunch(demo: Demo, client: FlaskClient) -> None:
    assert demo.app.config["WTF_CSRF_TIME_LIMIT"] is None

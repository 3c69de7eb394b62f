"""Who is asking is known from a proof that only the events service can sign."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import OKPKey

from shared import clock
from shared.http import identity
from shared.http.app import Hooks
from shared.http.keys import signing_key, verifying_key
from shared.policy import Actor, Role
from tests.shared.http.conftest import Demo, csrf_token

OWN = "/demo/own"
API = "/demo/api/v1/own"
ANNA = Actor(
    id=uuid4(),
    kind="account",
    email="anna@example.org",
    name="Anna",
    organisations={uuid4(): Role.ORGANISER},
    companies=frozenset({uuid4()}),
)


def carrying(client: FlaskClient, token: str) -> FlaskClient:
    client.set_cookie("at", token, domain="127.0.0.1")
    return client


def access(demo: Demo, **changes: Any) -> str:
    """A proof with some claims changed."""
    token = identity.issue_access(ANNA, key=demo.key, now=clock.now())
    claims = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    key = changes.pop("key", demo.key)
    return jwt.encode({"alg": "Ed25519"}, {**claims, **changes}, key, algorithms=["Ed25519"])


def test_a_proof_says_everything_about_the_account(demo: Demo) -> None:
    token = identity.issue_access(ANNA, key=demo.key, now=clock.now())

    with demo.app.test_request_context("/demo/own", headers={"Cookie": f"at={token}"}):
        assert identity.current_actor() == ANNA


def test_a_page_for_the_signed_in_sends_others_to_sign_in_and_back(client: FlaskClient) -> None:
    answer = client.get(f"{OWN}?tab=2")

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/events/account/sign-in?next=%2Fdemo%2Fown%3Ftab%3D2"


def test_the_api_answers_401_to_nobody(client: FlaskClient) -> None:
    answer = client.get(API)

    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="werktor"'
    assert answer.get_json()["type"] == "urn:werktor:problem:not-signed-in"


def test_an_expired_proof_is_renewed_before_a_page_is_read(demo: Demo, client: FlaskClient) -> None:
    carrying(client, identity.issue_access(ANNA, key=demo.key, now=clock.now() - timedelta(minutes=6)))

    page, api, public = client.get(f"{OWN}?a=1"), client.get(API), client.get("/demo/form?a=1")

    assert (page.status_code, page.headers["Location"]) == (303, "/events/account/refresh?next=%2Fdemo%2Fown%3Fa%3D1")
    assert public.headers["Location"] == "/events/account/refresh?next=%2Fdemo%2Fform%3Fa%3D1"
    assert api.status_code == 401


def test_what_is_sent_with_an_expired_proof_is_to_be_repeated(demo: Demo, client: FlaskClient) -> None:
    token = csrf_token(client)
    carrying(client, identity.issue_access(ANNA, key=demo.key, now=clock.now() - timedelta(minutes=6)))

    answer = client.post(OWN, data={"csrf_token": token}, headers={"Accept-Language": "en"})

    assert answer.status_code == 401
    assert "Please repeat" in answer.text
    assert demo.things() == []


def test_a_public_form_works_with_an_expired_proof(demo: Demo, client: FlaskClient) -> None:
    token = csrf_token(client)
    carrying(client, identity.issue_access(ANNA, key=demo.key, now=clock.now() - timedelta(minutes=6)))

    answer = client.post("/demo/form", data={"csrf_token": token, "name": "Ng"})

    assert (answer.status_code, demo.things()) == (200, ["Ng"])


def test_a_proof_ends_after_five_minutes(demo: Demo, client: FlaskClient) -> None:
    with time_machine.travel(clock.now(), tick=False) as time:
        carrying(client, identity.issue_access(ANNA, key=demo.key, now=clock.now()))
        assert client.get(API).status_code == 200

        time.shift(timedelta(minutes=5, seconds=11))

        assert client.get(API).status_code == 401


BAD: dict[str, Callable[[Demo], str]] = {
    "empty": lambda demo: "",
    "noise": lambda demo: "a.b.c",
    "very long": lambda demo: "a" * 5000,
    "another key": lambda demo: access(demo, key=OKPKey.generate_key("Ed25519")),
    "without signature": lambda demo: access(demo).rpartition(".")[0] + ".",
    "alg none": lambda demo: unsigned(access(demo)),
    "HMAC with the public key": lambda demo: hmac_signed(demo, access(demo)),
    "changed claims": lambda demo: with_claims(access(demo), admin=True),
    "for the API": lambda demo: access(demo, aud=identity.API_AUDIENCE),
    "for two audiences": lambda demo: access(demo, aud=[identity.AUDIENCE, "x"]),
    "by somebody else": lambda demo: access(demo, iss="werktor-registration"),
    "valid for a year": lambda demo: access(demo, exp=int(clock.now().timestamp()) + 31_536_000),
    "valid for ever": lambda demo: access(demo, exp=10**300),
    "without an end": lambda demo: access(demo, exp=None),
    "with an end in words": lambda demo: access(demo, exp="tomorrow"),
    "from the future": lambda demo: access(demo, iat=int(clock.now().timestamp()) + 300),
    "of no person": lambda demo: access(demo, sub="1"),
    "with a role that is none": lambda demo: access(demo, orgs={str(uuid4()): "owner"}),
    "with roles as list": lambda demo: access(demo, orgs=[1]),
}


def unsigned(token: str) -> str:
    header = urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    return f"{header}.{token.split('.')[1]}."


def hmac_signed(demo: Demo, token: str) -> str:
    claims = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    body = ".".join(encoded(part) for part in ({"alg": "HS256"}, claims))
    signature = hmac.digest(demo.key.as_pem(private=False), body.encode(), "sha256")
    return f"{body}.{urlsafe_b64encode(signature).decode().rstrip('=')}"


def encoded(part: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def with_claims(token: str, **changes: Any) -> str:
    header, body, signature = token.split(".")
    claims = {**json.loads(urlsafe_b64decode(body + "==")), **changes}
    return f"{header}.{encoded(claims)}.{signature}"


@pytest.mark.parametrize("case", BAD)
def test_a_bad_proof_proves_nothing(demo: Demo, client: FlaskClient, case: str) -> None:
    token = BAD[case](demo)

    for headers in ({"Cookie": f"at={token}"}, {"Authorization": f"Bearer {token}"}):
        assert client.get(API, headers=headers).status_code == 401


def api_token(demo: Demo, jti: Any, *, days: int = 1) -> dict[str, str]:
    now = clock.now()
    token = identity.issue_api_token(
        key=demo.key,
        jti=jti,
        organisation_id=uuid4(),
        role=Role.ORGANISER,
        now=now - timedelta(days=2),
        expires_at=now + timedelta(days=days),
    )
    return {"Authorization": f"Bearer {token}"}


def test_a_withdrawn_or_expired_api_token_is_refused(make_demo: Callable[..., Demo]) -> None:
    withdrawn = uuid4()
    demo = make_demo(hooks=Hooks(is_revoked=lambda jti: jti == str(withdrawn)))
    client = demo.client()

    assert client.get(API, headers=api_token(demo, uuid4())).status_code == 200
    assert client.get(API, headers=api_token(demo, withdrawn)).status_code == 401
    assert client.get(API, headers=api_token(demo, uuid4(), days=-1)).status_code == 401


def test_an_api_token_in_the_cookie_is_nobody(demo: Demo, client: FlaskClient) -> None:
    token = api_token(demo, uuid4())["Authorization"].removeprefix("Bearer ")

    assert carrying(client, token).get(API).status_code == 401


def test_a_paired_phone_is_known_when_no_account_is(make_demo: Callable[..., Demo]) -> None:
    phone = Actor(id=uuid4(), kind="device", event_id=uuid4())
    demo = make_demo(hooks=Hooks(device_actor=lambda: phone))

    assert demo.client().get(OWN).text == f"device {phone.id}"


def test_all_processes_that_start_at_once_get_the_same_keys(tmp_path: Path) -> None:
    source, public = str(tmp_path / "identity.key"), str(tmp_path / "identity.pub")

    first, second = signing_key(source, public), signing_key(source, public)
    verifying = verifying_key(public)

    assert first.thumbprint() == second.thumbprint()
    assert verifying is not None
    assert verifying.thumbprint() == first.thumbprint()
    assert not verifying.is_private
    assert (tmp_path / "identity.key").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["identity.key", "identity.pub"]


def test_without_a_public_key_nobody_is_known(tmp_path: Path) -> None:
    (tmp_path / "broken.pub").write_text("-----BEGIN PUBLIC KEY-----\nno\n-----END PUBLIC KEY-----")

    assert verifying_key(str(tmp_path / "missing.pub")) is None
    assert verifying_key(str(tmp_path / "broken.pub")) is None

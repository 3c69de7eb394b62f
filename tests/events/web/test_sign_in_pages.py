"""Signing in, staying signed in, and leaving, as a browser does it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from services.events.storage.tables import AccountSession, Organisation, SignInLink
from services.events.use_cases.request_sign_in import make_link
from shared import clock
from tests.events.builders import a_member, messages
from tests.events.doors import House, csrf, post

SIGN_IN = "/events/account/sign-in"


def a_link(house: House, token: str = "secret", *, next_path: str = "", **differences: Any) -> str:
    organisation_id = house.organisation()
    with house.sessions.begin() as session:
        organisation = session.get_one(Organisation, organisation_id)
        account = a_member(session, organisation, **differences)
        make_link(account, token=token, session=session, now=clock.now(), next_path=next_path)
    return f"/events/account/link/{token}"


def cookie(client: FlaskClient, name: str) -> str:
    found = client.get_cookie(name)
    return found.value if found else ""


def test_a_known_and_an_unknown_address_are_answered_alike(house: House) -> None:
    a_link(house, email="mina@bruecke.example.org")

    known = post(house.visitor(), SIGN_IN, {"email": "mina@bruecke.example.org"})
    unknown = post(house.visitor(), SIGN_IN, {"email": "nina@bruecke.example.org"})

    assert (known.status_code, unknown.status_code) == (200, 200)
    assert known.text.replace("mina", "nina") == unknown.text
    with house.sessions() as session:
        assert len(messages(session)) == 1


def test_what_is_no_address_is_said_at_the_field(house: House) -> None:
    answer = post(house.visitor(), SIGN_IN, {"email": "mina"})

    assert answer.status_code == 422
    assert "This is not a valid e-mail address." in answer.text
    assert 'href="#field-email"' in answer.text


def test_opening_a_link_changes_nothing_and_names_the_account(house: House) -> None:
    link = a_link(house, email="mina@bruecke.example.org")

    for method in ("GET", "HEAD", "GET"):
        answer = house.visitor().open(link, method=method)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "mina@bruecke.example.org" in answer.text
    with house.sessions() as session:
        assert session.scalars(select(SignInLink)).one().used_at is None


def test_pressing_the_button_signs_in_once(house: House) -> None:
    link = a_link(house)
    client = house.visitor()

    first = post(client, link)
    second = post(client, link)

    assert (first.status_code, first.headers["Location"]) == (303, "/events/manage/")
    assert second.status_code == 410
    assert client.get("/events/account/").status_code == 200
    assert "HttpOnly" in str(first.headers.getlist("Set-Cookie"))


def test_a_link_without_the_pages_token_is_not_used_up(house: House) -> None:
    link = a_link(house)

    assert house.visitor().post(link).status_code == 400
    assert house.visitor().post(link, headers={"Origin": "https://evil.example"}).status_code == 403
    with house.sessions() as session:
        assert session.scalars(select(SignInLink)).one().used_at is None
        assert session.query(AccountSession).count() == 0


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https:evil", "\t//evil.example", "/%2f%2fevil/"]
)
def test_the_way_on_never_leaves_the_house(house: House, target: str) -> None:
    client = house.visitor()
    post(client, SIGN_IN, {"email": "x@example.org", "next": target})
    link = a_link(house, next_path=target)

    answer = post(client, link)

    assert answer.headers["Location"] == "/events/manage/"


def test_signing_in_gives_a_new_secret_and_ends_the_old_one(house: House) -> None:
    client = house.signed_in(email="mina@bruecke.example.org")
    before = cookie(client, "sid")
    with house.sessions.begin() as session:
        make_link(house.account("mina@bruecke.example.org"), token="two", session=session, now=clock.now())

    post(client, "/events/account/link/two")

    assert cookie(client, "sid") not in ("", before)
    thief = house.visitor()
    thief.set_cookie("sid", before)
    answer = thief.get("/events/account/refresh?next=/events/account/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/events/account/")
    assert thief.get("/events/account/").headers["Location"].startswith(SIGN_IN)


def test_after_five_minutes_a_page_fetches_a_fresh_proof_by_itself(house: House) -> None:
    client = house.signed_in()
    before = cookie(client, "at")

    with time_machine.travel(clock.now() + timedelta(minutes=7), tick=False):
        answer = client.get("/events/", follow_redirects=True)

    assert answer.status_code == 200
    assert cookie(client, "at") not in ("", before)


def test_after_eight_idle_hours_the_way_leads_to_sign_in(house: House) -> None:
    client = house.signed_in()

    with time_machine.travel(clock.now() + timedelta(hours=9), tick=False):
        answer = client.get("/events/account/", follow_redirects=True)

    assert answer.request.path == SIGN_IN
    assert cookie(client, "at") == ""


def test_signing_out_ends_the_session_on_the_server(house: House) -> None:
    client = house.signed_in()
    sid = cookie(client, "sid")

    answer = post(client, "/events/account/sign-out")

    assert (answer.status_code, cookie(client, "sid"), cookie(client, "at")) == (303, "", "")
    client.set_cookie("sid", sid)
    client.get("/events/account/refresh")
    assert cookie(client, "at") == ""


def test_one_device_can_sign_out_another(house: House) -> None:
    mine = house.signed_in(email="mina@bruecke.example.org")
    with house.sessions.begin() as session:
        make_link(house.account("mina@bruecke.example.org"), token="two", session=session, now=clock.now())
    other = house.visitor()
    post(other, "/events/account/link/two")
    with house.sessions() as session:
        devices = session.scalars(select(AccountSession).order_by(AccountSession.created_at)).all()

    post(mine, f"/events/account/devices/{devices[1].id}/sign-out")

    with house.sessions() as session:
        ended = [each.revoked_at is not None for each in session.scalars(select(AccountSession))]
    assert sorted(ended) == [False, True]


def test_nobody_signs_out_somebody_elses_device(house: House) -> None:
    house.signed_in(email="opfer@bruecke.example.org")
    with house.sessions() as session:
        device = session.scalars(select(AccountSession)).one()
    attacker = house.signed_in(slug="andere", email="andere@example.org")

    post(attacker, f"/events/account/devices/{device.id}/sign-out")

    with house.sessions() as session:
        assert session.get_one(AccountSession, device.id).revoked_at is None


def test_a_name_in_any_script_is_kept_letter_for_letter(house: House) -> None:
    client = house.signed_in(email="mina@bruecke.example.org")

    for name in ("Nguyễn Thị Ánh", "محمد عبد الله", "می‌خواهم", "O'Neill-Müller", "李小龍"):
        answer = post(client, "/events/account/", {"name": name, "locale": "ar"})
        assert answer.status_code == 303
        assert name in client.get("/events/account/").text.replace("&#39;", "'")
        assert house.account("mina@bruecke.example.org").name == name


def test_the_account_page_asks_to_sign_in_first(house: House) -> None:
    answer = house.visitor().get("/events/account/")

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{SIGN_IN}?next=%2Fevents%2Faccount%2F")
    assert csrf(house.visitor()) != ""

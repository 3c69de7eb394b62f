"""Members and API tokens, for administrators only."""

import re

import pytest
from sqlalchemy import select

from services.events.storage.tables import Account, ApiToken, Membership
from shared.contracts.events import ApiTokenRevoked
from shared.policy import Role
from tests.events.builders import messages
from tests.events.doors import House, post

HERE = "/events/account/organisations/bruecke"


def roles(house: House) -> list[tuple[str, str]]:
    with house.sessions() as session:
        found = session.execute(select(Account.email, Membership.role).join(Membership).order_by(Account.email))
        return [(row.email, row.role) for row in found]


def test_an_administrator_invites_changes_and_removes(house: House) -> None:
    client = house.signed_in("admin")

    assert post(client, f"{HERE}/members", {"email": "neu@example.org", "role": "helper"}).status_code == 303
    account = house.account("neu@example.org")
    assert post(client, f"{HERE}/members/{account.id}", {"role": "organiser"}).status_code == 303
    assert roles(house) == [("admin@bruecke.example.org", "admin"), ("neu@example.org", "organiser")]
    assert post(client, f"{HERE}/members/{account.id}/remove").status_code == 303
    assert roles(house) == [("admin@bruecke.example.org", "admin")]


def test_the_last_administrator_cannot_be_removed(house: House) -> None:
    client = house.signed_in("admin")
    account = house.account("admin@bruecke.example.org")

    answer = post(client, f"{HERE}/members/{account.id}/remove")

    assert answer.status_code == 409
    assert "An organisation needs an administrator" in answer.text
    assert roles(house) == [("admin@bruecke.example.org", "admin")]


@pytest.mark.parametrize(("role", "slug", "status"), [("organiser", "bruecke", 403), ("admin", "andere", 404)])
def test_others_neither_see_nor_change_members(house: House, role: str, slug: str, status: int) -> None:
    house.organisation()
    client = house.signed_in(role, slug)
    before = roles(house)

    assert client.get(f"{HERE}/").status_code == status
    for path in ("members", "tokens"):
        answer = post(client, f"{HERE}/{path}", {"email": "neu@example.org", "role": "admin"})
        assert answer.status_code == status
    assert roles(house) == before
    with house.sessions() as session:
        assert session.query(ApiToken).count() == 0


def test_a_foreign_organisation_looks_like_none(house: House) -> None:
    house.organisation()
    client = house.signed_in("admin", "andere")

    bodies = [
        re.sub(r'(?s)<p class="problem-id.*?</p>', "", client.get(path).text)
        for path in (f"{HERE}/", "/events/account/organisations/unbekannt/")
    ]

    assert bodies[0].replace("bruecke", "unbekannt") == bodies[1]


def test_a_token_is_shown_once_works_and_can_be_withdrawn(house: House) -> None:
    client = house.signed_in("admin")

    page = post(client, f"{HERE}/tokens", {"name": "Kasse", "role": "organiser"})
    found = re.search(r'data-copy="([^"]+)"', page.text)
    assert found
    headers = {"Authorization": f"Bearer {found[1]}"}

    assert (page.status_code, page.headers["Cache-Control"]) == (201, "no-store")
    assert found[1] not in client.get(f"{HERE}/").text
    assert house.visitor().get("/events/api/v1/organisations", headers=headers).json["items"][0]["slug"] == "bruecke"
    with house.sessions() as session:
        token = session.scalars(select(ApiToken)).one()
    post(client, f"{HERE}/tokens/{token.id}/revoke")
    assert house.visitor().get("/events/api/v1/organisations", headers=headers).status_code == 401
    with house.sessions() as session:
        assert messages(session) == [ApiTokenRevoked(token_id=token.id, expires_at=token.expires_at)]


def test_members_over_the_api_follow_the_same_rules(house: House) -> None:
    admin, organiser = house.token(Role.ADMIN), house.token(Role.ORGANISER)
    address = "/events/api/v1/organisations/bruecke/members"

    refused = house.visitor().post(address, json={"email": "neu@example.org", "role": "helper"}, headers=organiser)
    added = house.visitor().post(address, json={"email": "neu@example.org", "role": "admin"}, headers=admin)
    last = house.visitor().delete(f"{address}/{added.json['id']}", headers=admin)

    assert (refused.status_code, added.status_code, last.status_code) == (403, 201, 409)
    assert house.visitor().get(address, headers=admin).json["items"] == [added.json]
    assert house.visitor().get(address, headers=house.token(Role.ADMIN, "andere")).status_code == 404

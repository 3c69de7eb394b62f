"""The mail log: one's own organisation's mails, never their text, and a way to send again what failed."""

import re
from uuid import uuid4

import pytest

from services.notifications.storage.tables import MailRow
from shared.database import sessions_for
from shared.policy import Role
from tests.notifications.builders import CODE, confirmed
from tests.notifications.web.conftest import House


def fail(house: House) -> MailRow:
    """The ticket comes back."""
    house.office.hear(confirmed())
    with sessions_for(house.office.engine).begin() as session:
        row = session.query(MailRow).filter_by(kind="ticket").one()
        row.state, row.next_at, row.last_error = "failed", None, "550 5.1.1 no such user"
        return row


def test_an_organiser_sees_the_mails_of_her_organisation_without_their_text(house: House) -> None:
    row = fail(house)

    shown = house.client(Role.ORGANISER).get("/notifications/manage/?lang=de").text

    assert "Олена Шевченко" in shown
    assert row.subject in shown
    assert "550 5.1.1 no such user" in shown
    assert CODE not in shown
    assert "0123 4567" not in shown


def test_nobody_else_sees_them(house: House) -> None:
    fail(house)

    stranger = house.client(Role.ORGANISER, organisation=uuid4()).get("/notifications/manage/")
    assert stranger.status_code == 200
    assert "Олена" not in stranger.text
    assert house.client(Role.HELPER).get("/notifications/manage/").status_code == 403
    assert house.client().get("/notifications/manage/").status_code == 303
    assert "Олена" in house.client(is_admin=True).get("/notifications/manage/").text


def test_a_failed_mail_is_sent_again_with_the_same_bytes(house: House) -> None:
    row = fail(house)
    client = house.client(Role.ORGANISER)

    response = client.post(f"/notifications/manage/mails/{row.id}/retry", data={"csrf_token": _csrf(client)})
    house.deliver()

    assert response.status_code == 303
    again = house.office.rows("ticket")[0]
    assert (again.state, again.raw, again.message_id) == ("sent", row.raw, row.message_id)


@pytest.mark.parametrize("who", ["stranger", "helper", "nobody"])
def test_others_cannot_send_again(house: House, who: str) -> None:
    row = fail(house)
    own = house.client(Role.ORGANISER)
    client = {
        "stranger": lambda: house.client(Role.ORGANISER, organisation=uuid4()),
        "helper": lambda: house.client(Role.HELPER),
        "nobody": lambda: house.client(),
    }[who]()
    token = _csrf(own)
    client.set_cookie(
        "notifications_session", own.get_cookie("notifications_session", domain="localhost").value, domain="localhost"
    )  # type: ignore[union-attr]

    response = client.post(f"/notifications/manage/mails/{row.id}/retry", data={"csrf_token": token})

    assert response.status_code == {"stranger": 404, "helper": 403, "nobody": 401}[who]
    assert house.office.rows("ticket")[0].state == "failed"


def test_what_was_sent_is_not_sent_again(house: House) -> None:
    house.office.hear(confirmed())
    house.deliver()
    row = house.office.rows("ticket")[0]
    fail_page = house.client(Role.ORGANISER)

    response = fail_page.post(f"/notifications/api/v1/mails/{row.id}/retry", headers=house.token(Role.ORGANISER))

    assert response.status_code == 409
    assert response.json is not None
    assert response.json["type"].endswith("mail-is-not-stuck")
    assert house.office.rows("ticket")[0].attempts == 1


def test_the_api_lists_the_same_mails(house: House) -> None:
    row = fail(house)

    own = house.app.test_client().get("/notifications/api/v1/mails?state=failed", headers=house.token(Role.ORGANISER))
    foreign = house.app.test_client().get(
        "/notifications/api/v1/mails", headers=house.token(Role.ORGANISER, organisation=uuid4())
    )

    assert own.json is not None
    assert [each["id"] for each in own.json["items"]] == [str(row.id)]
    assert own.json["items"][0]["last_error"] == "550 5.1.1 no such user"
    assert own.json["next"] is None
    assert foreign.json == {"items": [], "next": None}
    assert house.app.test_client().get("/notifications/api/v1/mails").status_code == 401
    assert (
        house.app.test_client()
        .get("/notifications/api/v1/mails?limit=101", headers=house.token(Role.ORGANISER))
        .status_code
        == 422
    )


def test_the_services_own_addresses_answer(house: House) -> None:
    client = house.app.test_client()

    assert client.get("/notifications/healthz").json == {"status": "ok"}
    assert client.get("/notifications/readyz").json == {"status": "ready", "missing": [], "late": []}
    description = client.get("/notifications/api/v1/openapi.json").json
    assert description is not None
    assert description["openapi"] == "3.1.0"
    assert {"/notifications/api/v1/mails", "/notifications/api/v1/webhooks"} < set(description["paths"])
    assert "base64 of HMAC-SHA256" in client.get("/notifications/api/docs").text


def _csrf(client: object) -> str:
    page = client.get("/notifications/manage/").text  # type: ignore[attr-defined]
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]

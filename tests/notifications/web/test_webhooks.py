"""Webhooks by page and by API: for administrators of the organisation, with a secret that is shown once."""

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from services.notifications.app import start_carriers
from services.notifications.domain.webhooks import KINDS, MOST
from services.notifications.storage.tables import AuditEntry, DeliveryRow, WebhookRow
from shared.contracts.events import EventPublished
from shared.database import sessions_for
from shared.policy import Role
from tests.notifications.builders import an_event, confirmed
from tests.notifications.storage.receivers import Receiver, receiving
from tests.notifications.web.conftest import House

PAGE = "/notifications/manage/webhooks"
API = "/notifications/api/v1/webhooks"
PUBLIC = "https://93.184.215.14/hooks"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Takes everything."""
    with receiving(Receiver()) as found:
        yield found


@pytest.fixture
def closed(build: Callable[..., House]) -> House:
    """An installation in a closed network, which may call this machine."""
    return build(webhooks_private=True)


def csrf(client: FlaskClient) -> str:
    """Of the page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(PAGE).text)
    assert found
    return found[1]


def post(client: FlaskClient, path: str, **fields: Any) -> Any:
    """As the page would."""
    return client.post(PAGE + path, data={"csrf_token": csrf(client), **fields})


def added(house: House, url: str = PUBLIC, *, kinds: tuple[str, ...] = KINDS) -> dict[str, Any]:
    """By the API."""
    response = house.app.test_client().post(API, json={"url": url, "kinds": kinds}, headers=house.token(Role.ADMIN))
    assert response.status_code == 201, response.text
    document: dict[str, Any] = response.json
    return document


def rows(house: House, table: type[Any]) -> list[Any]:
    """All there are."""
    with sessions_for(house.office.engine)() as session:
        return list(session.scalars(select(table)))


def test_an_administrator_adds_one_and_sees_what_becomes_of_it(closed: House, receiver: Receiver) -> None:
    client = closed.client(Role.ADMIN)

    response = post(client, "", url=receiver.url, kinds=["event.published", "registration.confirmed"])

    assert response.status_code == 201
    assert response.headers["Cache-Control"] == "no-store"
    secret = re.search(r"whsec_[A-Za-z0-9+/=]{44}", response.text)
    assert secret
    (webhook,) = rows(closed, WebhookRow)
    here = f"/{webhook.id}"
    assert "whsec_" not in client.get(PAGE + here).text
    assert post(client, f"{here}/test").status_code == 303
    closed.office.hear(EventPublished(event=an_event()))
    closed.call_others()
    assert {call.said["type"] for call in receiver.calls} == {"webhook.test", "event.published"}
    assert all(call.is_signed_with(secret[0]) for call in receiver.calls)
    shown = client.get(f"{PAGE}{here}?lang=en").text
    assert shown.count("Delivered") == 2
    assert receiver.url in client.get(PAGE).text


def test_the_deliver_role_calls_without_being_asked(closed: House) -> None:
    told, stop = threading.Event(), threading.Event()
    with receiving(Receiver(during=told.set)) as receiver:
        added(closed, receiver.url)
        carriers = start_carriers(closed.settings, closed.office.engine, stop)
        closed.office.hear(confirmed())
        try:
            assert told.wait(20)
        finally:
            stop.set()
            for each in carriers:
                each.join(20)
        assert not any(each.is_alive() for each in carriers)
    assert [row.state for row in rows(closed, DeliveryRow)] == ["delivered"]


def test_a_failure_is_told_in_the_page_and_can_be_sent_again(closed: House, receiver: Receiver) -> None:
    receiver.status = 410
    webhook = added(closed, receiver.url)
    client = closed.client(Role.ADMIN)
    closed.office.hear(confirmed())
    closed.call_others()
    shown = client.get(f"{PAGE}/{webhook['id']}?lang=en").text
    assert "Stopped: the receiver is gone" in shown
    assert "HTTP 410" in shown
    (delivery,) = rows(closed, DeliveryRow)
    again = f"/{webhook['id']}/deliveries/{delivery.id}/redeliver"
    assert post(client, again).status_code == 409

    receiver.status = 200
    post(client, f"/{webhook['id']}/start")
    assert post(client, again).status_code == 303
    closed.call_others()

    first, second = receiver.calls
    assert first.id == second.id
    assert [row.state for row in rows(closed, DeliveryRow)] == ["delivered"]


def test_while_paused_nothing_is_kept_and_deleting_leaves_nothing(closed: House, receiver: Receiver) -> None:
    webhook = added(closed, receiver.url)
    client = closed.client(Role.ADMIN)

    post(client, f"/{webhook['id']}/pause")
    assert post(client, f"/{webhook['id']}/test").status_code == 409
    closed.office.hear(confirmed())
    closed.call_others()
    assert (receiver.calls, rows(closed, DeliveryRow)) == ([], [])

    post(client, f"/{webhook['id']}/start")
    closed.office.hear(confirmed(version=2))
    post(client, f"/{webhook['id']}/delete")
    closed.call_others()
    assert (receiver.calls, rows(closed, DeliveryRow), rows(closed, WebhookRow)) == ([], [], [])


def test_only_chosen_kinds_are_told(closed: House, receiver: Receiver) -> None:
    webhook = added(closed, receiver.url)
    client = closed.client(Role.ADMIN)

    assert post(client, f"/{webhook['id']}").status_code == 422
    assert post(client, f"/{webhook['id']}", kinds=["attendee.checked_in"]).status_code == 303
    closed.office.hear(confirmed())

    assert rows(closed, DeliveryRow) == []


def test_who_changed_a_webhook_stands_in_the_log_without_the_path(closed: House, receiver: Receiver) -> None:
    webhook = added(closed, f"{receiver.url}/a-secret-path")
    client = closed.client(Role.ADMIN)

    post(client, f"/{webhook['id']}", kinds=["attendee.checked_in"])
    post(client, f"/{webhook['id']}", kinds=["attendee.checked_in"])
    for step in ("pause", "start", "secret", "delete"):
        post(client, f"/{webhook['id']}/{step}")

    entries = sorted(rows(closed, AuditEntry), key=lambda each: each.at)
    assert [each.action for each in entries] == [
        "add_webhook",
        "change_webhook",
        "pause_webhook",
        "start_webhook",
        "roll_webhook_secret",
        "delete_webhook",
    ]
    assert [each.actor_kind for each in entries] == ["token"] + ["account"] * 5
    assert {str(each.object_id) for each in entries} == {webhook["id"]}
    assert not any("secret-path" in str(each.facts) or webhook["secret"] in str(each.facts) for each in entries)
    page = client.get(PAGE).text
    assert "Sie: Webhook gelöscht" in page
    assert "Ein Programm: Webhook hinzugefügt" in page


def test_a_foreign_organisation_reads_no_log(house: House) -> None:
    added(house)

    assert "Webhook hinzugefügt" not in house.client(Role.ADMIN, organisation=uuid4()).get(PAGE).text


def test_a_new_secret_replaces_the_old_one(house: House) -> None:
    webhook = added(house)
    client = house.client(Role.ADMIN)

    response = post(client, f"/{webhook['id']}/secret")

    found = re.search(r"whsec_[A-Za-z0-9+/=]{44}", response.text)
    assert found
    assert found[0] != webhook["secret"]
    assert response.headers["Cache-Control"] == "no-store"


REFUSED = [
    "http://169.254.169.254/latest/meta-data/",
    "https://169.254.169.254/",
    "https://localhost/",
    "https://localhost:443/",
    "https://[::1]/",
    "https://2130706433/",
    "https://0177.0.0.1/",
    "https://0x7f.1/",
    "https://user:secret@93.184.215.14/",
    "https://93.184.215.14:8443/",
]


@pytest.mark.parametrize("url", REFUSED)
def test_private_addresses_are_refused_with_a_sentence(house: House, url: str) -> None:
    response = house.app.test_client().post(
        API, json={"url": url, "kinds": ["event.published"]}, headers=house.token(Role.ADMIN)
    )

    assert response.status_code == 422
    assert response.json is not None
    (sentence,) = response.json["errors"]["url"]
    assert sentence.endswith(".")
    assert rows(house, WebhookRow) == []


def test_the_page_says_why_an_address_is_refused(house: House) -> None:
    client = house.client(Role.ADMIN)
    client.get(f"{PAGE}?lang=de")

    response = post(client, "", url="https://localhost/", kinds=["event.published"])

    assert response.status_code == 422
    assert "Diese Adresse liegt in einem privaten Netz" in response.text
    assert 'value="https://localhost/"' in response.text
    assert rows(house, WebhookRow) == []


PATHS = ["", "/pause", "/start", "/secret", "/test", "/delete", f"/deliveries/{UUID(int=4)}/redeliver"]


@pytest.mark.parametrize("path", PATHS)
def test_a_foreign_organisation_finds_nothing(house: House, path: str) -> None:
    webhook = added(house)
    stranger = house.client(Role.ADMIN, organisation=uuid4())

    assert stranger.get(f"{PAGE}/{webhook['id']}").status_code == 404
    assert post(stranger, f"/{webhook['id']}{path}", kinds=["event.changed"]).status_code == 404

    (row,) = rows(house, WebhookRow)
    assert (row.state, row.kinds, row.old_secret) == ("active", sorted(KINDS), None)
    assert PUBLIC not in stranger.get(PAGE).text


@pytest.mark.parametrize("path", PATHS)
def test_a_page_of_somebody_else_cannot_post(house: House, path: str) -> None:
    webhook = added(house)
    client = house.client(Role.ADMIN)

    bare = client.post(f"{PAGE}/{webhook['id']}{path}", data={"kinds": ["event.changed"]})
    foreign = client.post(
        f"{PAGE}/{webhook['id']}{path}", data={"csrf_token": csrf(client)}, headers={"Origin": "https://evil.example"}
    )

    assert (bare.status_code, foreign.status_code) == (400, 403)
    (row,) = rows(house, WebhookRow)
    assert (row.state, row.kinds, row.old_secret) == ("active", sorted(KINDS), None)


def test_organisers_and_strangers_manage_none(house: House) -> None:
    webhook = added(house)

    assert house.client(Role.ORGANISER).get(PAGE).status_code == 403
    assert house.client(Role.ORGANISER).get(f"{PAGE}/{webhook['id']}").status_code == 403
    assert house.client().get(PAGE).status_code == 303
    assert house.client(is_admin=True).get(f"{PAGE}/{webhook['id']}").status_code == 200
    api = house.app.test_client()
    assert api.get(API).status_code == 401
    assert api.post(API, json={"url": 1}, headers=house.token(Role.ORGANISER)).status_code == 403
    assert "webhooks" not in house.client(Role.ORGANISER).get("/notifications/manage/").text
    assert PAGE in house.client(Role.ADMIN).get("/notifications/manage/").text


def test_a_program_manages_them(closed: House, receiver: Receiver) -> None:
    api, headers = closed.app.test_client(), closed.token(Role.ADMIN)
    document = added(closed, receiver.url, kinds=("registration.confirmed", "registration.confirmed"))
    here = f"{API}/{document['id']}"
    assert document["secret"].startswith("whsec_")
    assert document["kinds"] == ["registration.confirmed"]
    closed.office.hear(confirmed())
    closed.call_others()

    (listed,) = api.get(API, headers=headers).json["items"]
    assert listed == {name: value for name, value in document.items() if name != "secret"}
    (delivery,) = api.get(f"{here}/deliveries?state=delivered", headers=headers).json["items"]
    assert (delivery["status"], delivery["reason"], delivery["attempts"]) == (204, "", 1)
    assert delivery["message_id"] == receiver.calls[0].id
    again = api.post(f"{here}/deliveries/{delivery['id']}/redeliver", headers=headers)
    assert (again.status_code, again.json["state"]) == (202, "queued")
    assert api.post(f"{here}/deliveries/{delivery['id']}/redeliver", headers=headers).status_code == 409
    assert api.post(f"{here}/test", headers=headers).status_code == 202
    closed.call_others()
    assert len(receiver.calls) == 3
    rolled = api.post(f"{here}/secret", headers=headers).json
    assert rolled["secret"] != document["secret"]
    paused = api.patch(here, json={"is_active": False}, headers=headers).json
    assert (paused["state"], paused["kinds"]) == ("paused", ["registration.confirmed"])
    assert api.get(here, headers=headers).json["state"] == "paused"
    assert api.delete(here, headers=headers).status_code == 204
    assert api.get(here, headers=headers).status_code == 404


def test_deliveries_come_in_pages(house: House) -> None:
    webhook = added(house)
    house.office.hear(*(confirmed(name=f"N{number}") for number in range(3)))
    api, headers = house.app.test_client(), house.token(Role.ADMIN)

    first = api.get(f"{API}/{webhook['id']}/deliveries?limit=2", headers=headers).json
    second = api.get(f"{API}/{webhook['id']}/deliveries?limit=2&cursor={first['next']}", headers=headers).json

    assert (len(first["items"]), len(second["items"]), second["next"]) == (2, 1, None)
    foreign = house.token(Role.ADMIN, organisation=uuid4())
    assert api.get(f"{API}/{webhook['id']}/deliveries", headers=foreign).status_code == 404


def test_an_organisation_has_only_so_many(house: House) -> None:
    for _each in range(MOST):
        added(house)

    response = house.app.test_client().post(
        API, json={"url": PUBLIC, "kinds": ["event.changed"]}, headers=house.token(Role.ADMIN)
    )

    assert response.status_code == 409
    assert response.json is not None
    assert response.json["type"].endswith("too-many-webhooks")
    assert len(rows(house, WebhookRow)) == MOST


def test_who_administers_none_in_particular_says_for_which(house: House) -> None:
    house.office.hear(confirmed())
    client = house.client(is_admin=True)

    missing = post(client, "?lang=en", url=PUBLIC, kinds=["event.changed"])
    foreign = house.app.test_client().post(
        API,
        json={"url": PUBLIC, "kinds": ["event.changed"], "organisation_id": str(UUID(int=5))},
        headers=house.token(Role.ADMIN),
    )

    assert missing.status_code == 422
    assert "Please say for which organisation." in missing.text
    assert foreign.status_code == 404
    assert rows(house, WebhookRow) == []

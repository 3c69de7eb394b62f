"""The mailbox of a local run shows mails as their readers see them, and lets nothing in them run."""

import re
from collections.abc import Callable

from shared.policy import Role
from tests.notifications.builders import an_event, confirmed
from tests.notifications.web.conftest import House


def test_a_mail_is_listed_and_opened(house: House) -> None:
    house.office.hear(confirmed())
    house.deliver()
    client = house.client()

    listed = client.get("/notifications/mailbox/?lang=de").text
    ticket = house.office.rows("ticket")[0]
    shown = client.get(f"/notifications/mailbox/{ticket.id}?lang=de").text

    assert "Ihr Ticket: Betriebserkundung" in listed
    assert "Олена Шевченко" in listed
    assert f'src="/notifications/mailbox/{ticket.id}/page"' in shown
    assert "0123 4567 89AB" in shown
    assert ticket.envelope_from in shown


def test_the_page_of_a_mail_can_run_and_fetch_nothing(house: House) -> None:
    house.office.hear(confirmed(event=an_event(title={"de": "<script>alert(1)</script>"})))
    house.deliver()

    response = house.client().get(f"/notifications/mailbox/{house.office.rows('ticket')[0].id}/page")

    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "frame-ancestors 'self'" in policy
    assert "img-src data:" in policy
    assert "<script>" not in response.text
    assert re.search(r'<img src="data:image/png;base64,[A-Za-z0-9+/=]{100,}"', response.text)


def test_the_file_has_the_bytes_that_were_sent(house: House) -> None:
    house.office.hear(confirmed())
    house.deliver()
    row = house.office.rows("invitation")[0]

    response = house.client().get(f"/notifications/mailbox/{row.id}.eml")

    assert response.data == row.raw
    assert response.mimetype == "message/rfc822"
    files = sorted((house.settings.common.var / "mail").glob("*.eml"))
    assert row.raw in [path.read_bytes() for path in files]


def test_with_a_mail_server_there_is_no_mailbox(build: Callable[..., House]) -> None:
    house = build(smtp_url="smtp://127.0.0.1:2525")
    house.office.hear(confirmed())

    assert house.client().get("/notifications/mailbox/").status_code == 404
    assert house.client(Role.ADMIN).get(f"/notifications/mailbox/{house.office.rows()[0].id}").status_code == 404


def test_on_a_public_address_there_is_no_mailbox(build: Callable[..., House]) -> None:
    house = build(public_base_url="https://werktor.example.org")

    response = house.client().get("/notifications/mailbox/", base_url="https://werktor.example.org")

    assert response.status_code == 404


def test_many_mails_come_in_pages(house: House) -> None:
    house.office.hear(*(confirmed(name=f"N{number}") for number in range(30)))
    house.deliver()
    client = house.client()

    first = client.get("/notifications/mailbox/").text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    second = client.get(following[1].replace("&amp;", "&")).text

    assert first.count("mailbox-subject") == 50
    assert second.count("mailbox-subject") == 10

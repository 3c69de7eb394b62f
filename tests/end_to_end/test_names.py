"""Everybody's name comes back letter for letter, wherever the product shows it."""

import csv
import html
import io
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pytest
import requests

from tests.end_to_end.product import eventually
from tests.end_to_end.reading import Entry, is_invitation, qr_picture, qr_text
from tests.end_to_end.town import Town

NAMES = (Path(__file__).parents[1] / "data" / "names.txt").read_text(encoding="utf-8").splitlines()
MY_PAGE = r"https?://\S+/registration/my/[\w-]+"


@pytest.mark.timeout(300)
def test_every_name_is_the_same_in_page_mail_calendar_scanner_and_files(town: Town) -> None:
    event = town.event(capacity=len(NAMES))
    people = {f"name{number}@letters.example.org": name for number, name in enumerate(NAMES)}

    for address, name in people.items():
        town.attendee(event, name=name, email=address)

    for address, name in people.items():
        ticket, invitation = _mails(town, address)
        page = requests.get(town.product.link(address, MY_PAGE), timeout=30)
        assert [each.display_name for each in ticket["To"].addresses] == [name]
        assert [each.display_name for each in invitation["To"].addresses] == [name]
        assert Entry(invitation).attendee == name.replace('"', "'")
        assert f"{html.escape(name)}<" in page.text.replace("&#39;", "&#x27;")
        assert town.scan(qr_text(qr_picture(ticket))).json()["name"] == name
    visitor, files = town.signed_in(), f"/registration/manage/{event['slug']}/attendance"
    table = csv.DictReader(io.StringIO(visitor.get(f"{files}.csv").content.decode("utf-8-sig")))
    book = openpyxl.load_workbook(io.BytesIO(visitor.get(f"{files}.xlsx").content))
    assert sorted(next(iter(row.values())) for row in table) == sorted(NAMES)
    assert sorted(str(row[0]) for row in list(book.active.values)[1:]) == sorted(NAMES)


def _mails(town: Town, address: str) -> tuple[EmailMessage, EmailMessage]:
    """Ticket and invitation."""

    def both() -> list[EmailMessage] | None:
        found = [each for each in town.product.mails() if address in str(each["To"])]
        return found if len(found) == 2 else None

    first, second = sorted(eventually(both, what=f"two mails to {address}"), key=is_invitation)
    return first, second

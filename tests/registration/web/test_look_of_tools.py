"""The organiser's attendee tools in a real browser: axe finds nothing, nothing runs over the edge."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine
from werkzeug.serving import make_server

from services.registration.domain.addresses import address
from services.registration.domain.batches import Action, BatchWish
from services.registration.domain.invitations import InvitationWish, Invitee
from services.registration.domain.selection import Selection
from services.registration.storage import events
from services.registration.use_cases.correct_attendance import mark_present
from services.registration.use_cases.invite import invite
from services.registration.use_cases.notes import write_note
from services.registration.use_cases.start_batch import start_batch
from shared import clock
from shared.policy import Actor, Role
from tests.registration.builders import LINKS, ORGANISATION, TERMS, a_quota, a_registration
from tests.registration.doors import House, a_house

pytestmark = pytest.mark.browser
LOOKS = [("de", "light", 390), ("ar", "dark", 1280)]
PEOPLE = ("Олена Шевченко", "سارا موسوی‌نژاد", "Fatoumata Binta Diallo", "Jürgen Groß-Müller", "N. Nguyễn Thị Minh Khai")
LIST = "Vorname;Nachname;E-Mail;Sprache\nJürgen;Groß;j@example.org;de\nسارا;أحمدي;kein-at;ar\n"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def served(tmp_path: Path, engine: Engine) -> Iterator[tuple[House, str]]:
    """The application behind a real port."""
    house = a_house(tmp_path, engine)
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield house, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def story(house: House) -> list[str]:
    """An event in the middle of its life; the addresses of its pages."""
    groups = (a_quota(4, name={"de": "Gruppe A", "ar": "المجموعة أ"}), a_quota(9, name={"de": "Gruppe B"}))
    told = house.event(quotas=groups)
    organiser = Actor(id=uuid4(), kind="account", name="Mina Öz", organisations={ORGANISATION: Role.ORGANISER})
    with house.sessions.begin() as session:
        event = events.get(session, told.id)
        how: dict[str, Any] = {"actor": organiser, "session": session, "now": clock.now()}
        ids = [
            a_registration(session, event, name=name, quota_ids=(groups[0].id,), now=clock.now()).id for name in PEOPLE
        ]
        mark_present(ids[0], told.sessions[0].id, event=event, **how)
        write_note(ids[0], "Kommt mit Begleithund.\nBitte Platz am Rand.", **how)
        sara = Invitee(address=address("sara@example.org"), name="Sara Ahmadi", locale="ar")
        wish = InvitationWish(invitees=(sara,), quota_id=groups[1].id, holds_place=True)
        (invited,), _ = invite(wish, event=event, terms=TERMS, **how)
        cancel = BatchWish(action=Action.CANCEL, selection=Selection(ids=tuple(ids[1:3])), reason="Doppelt")
        batch = start_batch(cancel, event=event, **how)
    here = f"/registration/manage/{told.slug}"
    columns = "&columns=".join(("email", "status", "places", "signed_up", "source", "checked_in", "notes", "earlier"))
    return [
        f"{here}/attendees",
        f"{here}/attendees?select=page&limit=2&columns={columns}",
        f"{here}/attendees?q=niemand",
        f"{here}/attendees/{ids[0]}",
        f"{here}/attendees/batches/{batch.id}",
        f"{here}/log",
        f"{here}/import",
        f"{here}/walk-in",
        f"{here}/invitations",
        f"/registration/invitations/{LINKS.invitation_token(invited)}",
    ]


def sound(page: Page, complaints: list[str]) -> tuple[list[str], int, list[str]]:
    """What axe finds, how far something runs over the edge, and what the console says."""
    found = [each["id"] for each in Axe().run(page).response["violations"]]
    edge = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found, edge, complaints


@pytest.mark.parametrize(("language", "scheme", "width"), LOOKS)
def test_every_page_of_the_tools_is_sound(
    browser: Browser, served: tuple[House, str], language: str, scheme: Any, width: int
) -> None:
    house, origin = served
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, locale=language)
    cookie = house.organiser().get_cookie("at")
    context.add_cookies([{"name": "at", "value": cookie.value if cookie else "", "url": origin}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)

    addresses = story(house)
    for place in addresses:
        answer = page.goto(origin + place)
        assert (place, answer and answer.status, *sound(page, complaints)) == (place, 200, [], 0, [])

    page.goto(origin + addresses[0])
    for number in (0, 1):
        page.locator("input[name=ids]").nth(number).check()
    page.locator("#bulk select").select_option("message")
    page.locator("#bulk button[type=submit]").click()
    assert sound(page, complaints) == ([], 0, [])
    page.evaluate("document.querySelectorAll('details.fold').forEach(each => each.open = true)")
    page.fill("[name='subject.de']", "Treffpunkt geändert")
    page.fill("[name='text.de']", "Wir treffen uns an Tor 4.")
    page.locator("form.form button[type=submit]").click()
    assert "/attendees/batches/" in page.url
    page.locator("form[action$=undo] button").click()
    assert sound(page, complaints) == ([], 0, [])

    page.goto(f"{origin}{addresses[6]}")
    page.fill("textarea[name=text]", LIST)
    page.locator("form.form button[type=submit]").last.click()
    found, edge, _said = sound(page, [])
    assert (found, edge, page.locator("table tbody tr").count() >= 1) == ([], 0, True)
    context.close()

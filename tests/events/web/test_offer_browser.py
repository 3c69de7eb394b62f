"""Portal and back office in a real browser: with a thumb, with and without scripts, for every eye."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import select
from werkzeug.serving import make_server

from services.events.storage import organisations
from services.events.storage.tables import Event, Offer
from services.events.use_cases.answer_offer import answer_offer
from services.events.use_cases.revise_offer import revise_offer
from shared import clock
from shared.contracts.events import SignInRequested
from tests.events.builders import a_published, a_wish, messages
from tests.events.doors import House
from tests.events.offer_builders import a_sent_offer, accept, contact_of, organiser_of

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE = {"width": 360, "height": 740}
READERS = {
    "phone_german_dark": (PHONE, "dark", "de"),
    "phone_arabic_light": (PHONE, "light", "ar"),
    "desktop_german_light": ({"width": 1280, "height": 900}, "light", "de"),
    "desktop_arabic_dark": ({"width": 1280, "height": 900}, "dark", "ar"),
}
DAY = (clock.now() + timedelta(days=60)).date()
DATES = [f"{DAY}T14:00", f"{DAY + timedelta(days=1)}T09:30"]
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium of this machine."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def origin(house: House) -> Iterator[str]:
    """The application behind a real socket."""
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def ensure_accessible(page: Page) -> None:
    """axe finds nothing, and nothing sticks out."""
    size = page.viewport_size
    assert size
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], page.url
    page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
    page.evaluate(AXE)
    found = page.evaluate("tags => axe.run(document, {runOnly: tags}).then(result => result.violations)", RULES)
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], page.url


def tap(page: Page, button: str) -> None:
    """A thumb on a button that leads on."""
    with page.expect_navigation():
        page.locator(button).tap()


@pytest.mark.parametrize("scripts", [True, False], ids=["with_scripts", "without_scripts"])
def test_a_manager_offers_a_tour_with_her_thumb(house: House, origin: str, browser: Browser, scripts: bool) -> None:
    house.organisation()
    house.organisation("netz", name="Netzwerk")
    context = browser.new_context(viewport=PHONE, locale="de-DE", java_script_enabled=scripts, has_touch=True)
    page = context.new_page()
    look = ensure_accessible if scripts else lambda _page: None
    onward = ".form-end button[value=next]"

    page.goto(f"{origin}/events/company/")
    look(page)
    page.locator("input[name=organisation_id]").first.check()
    page.fill("[name=company_name]", "Gold & Söhne GmbH")
    page.fill("[name=email]", "eva@gold.example.org")
    tap(page, "main .form-end button")
    look(page)
    page.fill("[name='site.city']", "Pforzheim")
    page.fill("[name=contact_name]", "Eva Gold")
    tap(page, onward)
    look(page)
    page.fill("[name=title]", "Blick <b>hinein</b>")
    page.fill("[name=description]", "Vom Entwurf bis zur Politur.")
    tap(page, onward)
    look(page)
    for number, start in enumerate(DATES):
        page.locator("[name=date]").nth(number).fill(start[:10])
        page.locator("[name=time]").nth(number).fill(start[11:])
    tap(page, "button[value=add]")
    assert page.locator("[name=date]").count() == 4
    assert page.locator("[name=date]").nth(1).input_value() == DATES[1][:10]
    tap(page, onward)
    look(page)
    page.fill("[name=meeting_point]", "Pforte Nord")
    page.locator("[name=languages][value=en]").check()
    tap(page, onward)
    look(page)
    page.locator("[name=safety][value=closed_shoes]").check()
    tap(page, ".form-end button[value=back]")
    assert page.locator("[name=meeting_point]").input_value() == "Pforte Nord"
    tap(page, onward)
    assert page.locator("[name=safety][value=closed_shoes]").is_checked()
    tap(page, onward)
    look(page)
    page.goto(origin + the_link(house))
    tap(page, "main form button")
    assert page.url.endswith("/check")
    look(page)
    tap(page, "form[action$='/send'] button")
    look(page)

    assert page.locator("h1").inner_text() == "Blick <b>hinein</b>"
    with house.sessions() as session:
        offer = session.scalars(select(Offer)).one()
        assert (offer.status, offer.content["dates"]) == ("offered", DATES)
    context.close()


def the_link(house: House) -> str:
    """From the mail that the portal sends."""
    with house.sessions() as session:
        mail = [each for each in messages(session) if isinstance(each, SignInRequested)][-1]
    return mail.link.removeprefix("http://127.0.0.1:8000")


def test_what_is_typed_is_kept_without_a_tap(house: House, origin: str, browser: Browser) -> None:
    house.organisation()
    context = browser.new_context(viewport=PHONE, locale="en-GB")
    page = context.new_page()
    page.goto(f"{origin}/events/company/")
    page.fill("[name=company_name]", "Gold")
    page.fill("[name=email]", "eva@gold.example.org")
    page.click("main .form-end button")

    with page.expect_response(lambda answer: answer.request.headers.get("x-autosave") == "1") as kept:
        page.fill("[name=contact_name]", "Eva Gold")

    assert kept.value.status == 204
    page.reload()
    assert page.locator("[name=contact_name]").input_value() == "Eva Gold"
    context.close()


@pytest.mark.parametrize("reader", READERS)
def test_every_page_is_accessible_and_fits(house: House, origin: str, browser: Browser, reader: str) -> None:
    viewport, scheme, language = READERS[reader]
    facts = a_town(house)
    context = browser.new_context(viewport=viewport, color_scheme=scheme)  # type: ignore[arg-type]
    cookie = house.signed_in(email="desk@bruecke.example.org").get_cookie("at", domain="localhost")
    assert cookie is not None
    context.add_cookies([{"name": "at", "value": cookie.value, "url": origin}])
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))

    for path in facts:
        answer = page.goto(f"{origin}{path}{'&' if '?' in path else '?'}lang={language}")
        assert answer is not None
        assert answer.status == 200, path
        ensure_accessible(page)

    assert said == []
    context.close()


def a_town(house: House) -> list[str]:
    """Offers and events in every state; answers the pages that show them."""
    organisation_id = house.organisation()
    now = clock.now()
    with house.sessions.begin() as session:
        organisation = organisations.get(session, organisation_id)
        common: dict[str, Any] = {"session": session, "now": now, "base_url": "http://127.0.0.1:8000"}
        new = a_sent_offer(session, organisation, dates=DATES)
        answer_offer(new.id, text="Gern auch <b>Englisch</b>", by=contact_of(new), **common)
        revised = a_sent_offer(session, organisation, dates=DATES)
        accept(session, revised.id, organiser_of(session, organisation), DATES[0], publish=True)
        revise_offer(revised.id, {"meeting_point": "Pforte Süd", "places": 4}, by=contact_of(revised), **common)
        draft = a_published(session, organisation, title={"ar": "جولة", "en": "Walk"})
        event_id = session.scalars(select(Event.id).where(Event.id != draft.id)).one()
        assert a_wish()
    at = f"/events/manage/events/{event_id}"
    return [
        "/events/manage/",
        "/events/manage/offers",
        f"/events/manage/offers/{new.id}",
        f"/events/manage/offers/{revised.id}",
        "/events/manage/events",
        "/events/manage/new",
        "/events/manage/new/career_walk",
        at,
        *(f"{at}/{step}" for step in ("edit", "move", "cancel")),
        f"/events/company/offers/{new.id}",
        f"/events/company/offers/{new.id}/change",
        f"/events/company/offers/{revised.id}",
        "/events/company/new",
    ]

"""The pages in a real browser: axe finds nothing, nothing sticks out, nothing is blocked."""

import threading
from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from shared.policy import Role
from tests.notifications.builders import confirmed, waitlisted
from tests.notifications.web.conftest import House
from tests.notifications.web.test_webhooks import added

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
READERS = {
    "phone_german_light": ({"width": 360, "height": 780}, "light", "de"),
    "phone_arabic_dark": ({"width": 360, "height": 780}, "dark", "ar"),
    "desktop_arabic_light": ({"width": 1280, "height": 900}, "light", "ar"),
    "desktop_german_dark": ({"width": 1280, "height": 900}, "dark", "de"),
}
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium of this machine."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.parametrize("reader", READERS)
def test_every_page_is_accessible_and_fits(house: House, browser: Browser, reader: str) -> None:
    viewport, scheme, language = READERS[reader]
    webhook = added(house, "https://93.184.215.14/a-path-that-is-quite-long/and-does-not-break/anywhere")["id"]
    house.office.hear(confirmed(locale=language), waitlisted(name="Ng", locale="ar"))
    house.office.hear(confirmed(name="Jü", email="jü@example.org", ascii_email=""))
    house.deliver()
    ticket, invitation = (house.office.rows(kind)[0].id for kind in ("ticket", "invitation"))
    cookie = house.client(Role.ADMIN).get_cookie("at", domain="localhost")
    assert cookie is not None
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    origin = f"http://127.0.0.1:{server.server_port}"
    context = browser.new_context(viewport=viewport, color_scheme=scheme)  # type: ignore[arg-type]
    context.add_cookies([{"name": "at", "value": cookie.value, "url": origin}])
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    try:
        hooks = ("manage/webhooks", f"manage/webhooks/{webhook}")
        for path in ("mailbox/", f"mailbox/{ticket}", f"mailbox/{invitation}", "manage/", *hooks):
            page.goto(f"{origin}/notifications/{path}?lang={language}")
            page.evaluate("document.querySelectorAll('details.mail-part').forEach(each => each.open = true)")
            assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], path
            page.evaluate(AXE)
            found = page.evaluate(
                "tags => axe.run(document, {runOnly: tags, iframes: false}).then(result => result.violations)", RULES
            )
            assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], path
        assert [each for each in said if "sandbox" not in each] == []
    finally:
        context.close()
        server.shutdown()

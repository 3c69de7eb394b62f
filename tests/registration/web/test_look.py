"""The pages of a sign-up in a real browser: axe finds nothing, nothing runs over the edge, no script is refused."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine
from werkzeug.serving import make_server

from services.registration.domain.addresses import address
from services.registration.domain.hand_overs import Friend
from services.registration.storage import events
from services.registration.storage.tables import Notice
from services.registration.use_cases.change_places import change_places
from services.registration.use_cases.hand_over import hand_over
from shared import clock
from shared.contracts.events import SignUpRules
from tests.registration.builders import LINKS, TERMS, a_quota, a_registration
from tests.registration.doors import House, a_house

pytestmark = pytest.mark.browser
LOOKS = [("de", "light", 390), ("ar", "dark", 390), ("ar", "light", 1280), ("en", "dark", 320)]


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
    """The addresses of every page, with somebody in every state."""
    groups = tuple(a_quota(size, name={"de": f"Gruppe {size}"}, kind="group") for size in (0, 1, 8))
    walk = house.event(slug="walk", format="career_walk", quotas=groups)
    rules = SignUpRules(hand_over=True)
    tour = house.event(capacity=2, safety=("closed_shoes", "photo_id"), sign_up=rules)
    with house.sessions.begin() as session:
        event = events.get(session, tour.id)
        holder, pending, waiter = (
            a_registration(session, event, now=clock.now(), **({"terms": TERMS} if number == 1 else {}))
            for number in range(3)
        )
        walker = a_registration(session, events.get(session, walk.id), now=clock.now(), quota_ids=(groups[1].id,))
        how: dict[str, Any] = {"session": session, "now": clock.now(), "links": LINKS}
        change_places(walker.id, [groups[0].id], **how)
        friend = Friend(name="Ana", address=address("ana@example.org"))
        handed = hand_over(holder.id, friend, **how)
        asked = datetime(2000, 1, 1, tzinfo=UTC)
        question: dict[str, Any] = {"kind": "question", "event_id": tour.id, "starts_at": tour.sessions[0].starts_at}
        session.add(Notice(registration_id=holder.id, told_at=asked, **question))
    walkers = f"/registration/my/{TERMS.links.page_token(walker.id)}"
    tokens = [TERMS.links.page_token(each.id) for each in (holder, pending, waiter)]
    mine = [f"/registration/my/{token}" for token in tokens]
    manage = f"/registration/manage/{tour.slug}/"
    return [
        f"/registration/{walk.slug}/sign-up",
        f"/registration/{tour.slug}/sign-up",
        *mine,
        walkers,
        f"{walkers}/places",
        f"{mine[0]}/coming",
        f"{mine[0]}/hand-over",
        f"/registration/hand-overs/{LINKS.hand_over_token(handed.id)}",
        "/registration/hand-overs/thanks",
        f"{mine[0]}/cancel",
        f"{mine[0]}/ticket",
        f"/registration/confirm/{tokens[1]}",
        f"/t/{'0' * 26}",
        manage,
        f"{manage}waiting-list",
        f"{manage}add",
        f"{manage}registrations/{holder.id}/cancel",
    ]


@pytest.mark.parametrize(("language", "scheme", "width"), LOOKS)
def test_every_page_is_sound(
    browser: Browser, served: tuple[House, str], language: str, scheme: str, width: int
) -> None:
    house, origin = served
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, locale=language)
    cookie = house.organiser().get_cookie("at")
    context.add_cookies([{"name": "at", "value": cookie.value if cookie else "", "url": origin}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)

    for where in story(house):
        answer = page.goto(origin + where)
        found = [each["id"] for each in Axe().run(page).response["violations"]]
        edge = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert (where, answer and answer.status, found, edge, complaints) == (where, 200, [], 0, [])
    context.close()

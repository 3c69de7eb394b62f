"""The form builder in a real browser: by keyboard alone, by screen reader, by pointer, and the attendee's page."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import Engine, select
from werkzeug.serving import make_server

from services.registration.domain.questions import Kind
from services.registration.storage import events, forms
from services.registration.storage.tables import Registration
from tests.registration.doors import House, a_house, sign_up
from tests.registration.form_builders import a_question, after, asks, one_of_each_kind

pytestmark = pytest.mark.browser


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


def an_organisers_page(browser: Browser, house: House, origin: str, **options: Any) -> Page:
    """Signed in, with an eye on what the browser complains about."""
    context = browser.new_context(**{"locale": "en", "viewport": {"width": 1000, "height": 800}, **options})
    cookie = house.organiser().get_cookie("at")
    context.add_cookies([{"name": "at", "value": cookie.value if cookie else "", "url": origin}])
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    return page


def labels_of(house: House, event_id: Any) -> list[str]:
    """The draft's questions in order."""
    with house.sessions.begin() as session:
        return [each.label["en"] for each in forms.draft(session, event_id)]


def tab_to(page: Page, name: str) -> None:
    """Press Tab until something of that name has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "() => { const e = document.activeElement;"
            " return (e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText || '').trim() }"
        )
        if said.replace("\n", " ").startswith(name):
            return
    pytest.fail(f"the keyboard never reached {name!r}")


def enter(page: Page) -> None:
    """Press Enter on what leads to another page."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_form_is_built_by_keyboard_alone(browser: Browser, served: tuple[House, str]) -> None:
    house, origin = served
    told = house.event()
    page = an_organisers_page(browser, house, origin)
    page.goto(f"{origin}/registration/manage/{told.slug}/form")

    for kind, label in (("Yes", "By car?"), ("Short", "Plate?")):  # add
        tab_to(page, "Kind of answer")
        page.keyboard.type(kind)
        tab_to(page, "Add a question")
        enter(page)
        tab_to(page, "Question (English)")
        page.keyboard.type(label)
        tab_to(page, "Why you ask (English)")
        page.keyboard.type("To keep a space")
        enter(page)
        expect(page.get_by_role("heading", name=label)).to_be_visible()

    tab_to(page, "Edit: Plate?")  # edit
    enter(page)
    tab_to(page, "Question (English)")
    page.keyboard.press("Control+A")
    page.keyboard.type("Number plate?")
    enter(page)

    tab_to(page, "Move up: Number plate?")  # reorder; the focus stays where it was, and it is said
    page.keyboard.press("Enter")
    expect(page.locator("[data-builder-said]")).to_have_text("“Number plate?” is now number 1 of 2.")
    assert "Move up: Number plate?" in page.evaluate("document.activeElement.innerText")
    assert labels_of(house, told.id) == ["Number plate?", "By car?"]

    page.reload()
    tab_to(page, "Preview as attendees see it")  # preview
    enter(page)
    expect(page.get_by_role("textbox", name="Number plate?")).to_be_visible()
    tab_to(page, "Back to the form")
    enter(page)

    tab_to(page, "Publish the form")  # publish
    enter(page)
    expect(page.get_by_text("Published as version 1")).to_be_visible()
    with house.sessions.begin() as session:
        version = forms.current(session, events.get(session, told.id))
    assert version is not None
    assert [each.label["en"] for each in version.questions] == ["Number plate?", "By car?"]
    page.context.close()


def test_a_screen_reader_finds_its_way_through_the_builder(browser: Browser, served: tuple[House, str]) -> None:
    house, origin = served
    told = house.event()
    car = a_question(Kind.YES_NO, label={"en": "By car?"})
    diet = a_question(label={"en": "Diet?"}, sensitive=True)
    with house.sessions.begin() as session:
        asks(session, events.get(session, told.id), car, diet)
    page = an_organisers_page(browser, house, origin)

    page.goto(f"{origin}/registration/manage/{told.slug}/form")
    tree = page.locator("main").aria_snapshot()
    assert 'heading "Questions at sign-up" [level=2]' in tree
    assert 'list "Questions at sign-up"' in tree
    assert re.search(r'heading "By car\?" \[level=3\].*button "Move up: By car\?".*link "Edit: By car\?"', tree, re.S)
    assert "Sensitive, encrypted" in tree
    assert 'button "Take out: Diet?"' in tree
    assert 'combobox "Kind of answer"' in tree

    page.goto(f"{origin}/registration/manage/{told.slug}/form/questions/{diet.id}")
    tree = page.locator("main").aria_snapshot()
    assert 'group "Question' in tree
    assert 'textbox "Question (العربية)"' in tree
    assert 'combobox "Ask it' in tree
    page.get_by_role("textbox", name="Question (English)").fill("")
    page.get_by_role("button", name="Save the question").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    assert "Question: Please write the question in at least one language." in summary.inner_text()
    page.context.close()


def test_a_question_is_dragged_to_its_place(browser: Browser, served: tuple[House, str]) -> None:
    house, origin = served
    told = house.event()
    with house.sessions.begin() as session:
        asks(
            session, events.get(session, told.id), *(a_question(label={"en": name}) for name in ("One", "Two", "Three"))
        )
    page = an_organisers_page(browser, house, origin)
    page.goto(f"{origin}/registration/manage/{told.slug}/form")

    page.locator("[data-question]").last.scroll_into_view_if_needed()
    start = page.locator("[data-handle]").first.bounding_box()
    last = page.locator("[data-question]").last.bounding_box()
    assert start is not None
    assert last is not None
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(start["x"] + 5, last["y"] + last["height"] / 2 + 10, steps=12)
    page.mouse.up()

    expect(page.locator("[data-builder-said]")).to_have_text("“One” is now number 3 of 3.")
    assert labels_of(house, told.id) == ["Two", "Three", "One"]
    assert page.locator("[data-number]").all_inner_texts() == ["1", "2", "3"]
    page.context.close()


def test_an_order_that_does_not_work_goes_back_and_says_why(browser: Browser, served: tuple[House, str]) -> None:
    house, origin = served
    told = house.event()
    car = a_question(Kind.YES_NO, label={"en": "By car?"})
    with house.sessions.begin() as session:
        plate = a_question(label={"en": "Plate?"}, condition=after(car, "yes"))
        asks(session, events.get(session, told.id), car, plate)
    page = an_organisers_page(browser, house, origin)
    page.goto(f"{origin}/registration/manage/{told.slug}/form")

    page.get_by_role("button", name="Move down: By car?").click()

    expect(page.locator("[data-builder-said]")).to_contain_text("so it must come after it")
    assert page.locator("[data-question] h3").all_inner_texts() == ["By car?", "Plate?"]
    page.context.close()


def test_questions_come_and_go_with_the_answers(browser: Browser, served: tuple[House, str]) -> None:
    house, origin = served
    told = house.event()
    car = a_question(Kind.YES_NO, label={"en": "By car?"})
    plate = a_question(label={"en": "Plate?"}, condition=after(car, "yes"))
    with house.sessions.begin() as session:
        asks(session, events.get(session, told.id), car, plate)
    context = browser.new_context(locale="en")
    page = context.new_page()
    page.goto(f"{origin}/registration/{told.slug}/sign-up")

    expect(page.get_by_label("Plate?")).to_be_hidden()
    page.get_by_label("Yes", exact=True).check()
    expect(page.get_by_label("Plate?")).to_be_visible()
    page.get_by_label("No", exact=True).check()
    expect(page.get_by_label("Plate?")).to_be_hidden()
    context.close()


LOOKS = [("de", "light", 390), ("ar", "dark", 390), ("ar", "light", 1280), ("en", "dark", 320)]


@pytest.mark.parametrize(("language", "scheme", "width"), LOOKS)
def test_every_page_of_forms_is_sound(
    browser: Browser, served: tuple[House, str], language: str, scheme: str, width: int
) -> None:
    house, origin = served
    told = house.event(fields_of_study=("Maschinenbau",))
    kinds = one_of_each_kind()
    diet = a_question(sensitive=True, condition=after(kinds[2], "red"))
    with house.sessions.begin() as session:
        asks(session, events.get(session, told.id), *kinds, diet)
    sign_up(house.visitor(), told.slug, **{f"answers.{kinds[0].id}": "Zoë"})
    page = an_organisers_page(
        browser, house, origin, viewport={"width": width, "height": 844}, color_scheme=scheme, locale=language
    )
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    mine = my_page_of(house)
    manage = f"/registration/manage/{told.slug}"

    for address in (
        f"{manage}/form",
        f"{manage}/form/questions/{kinds[2].id}",
        f"{manage}/form/questions/new?kind=number",
        f"{manage}/form/preview",
        f"/registration/{told.slug}/sign-up",
        mine,
        f"{mine}/answers",
    ):
        answer = page.goto(origin + address)
        found = [(each["id"], each["nodes"][0]["html"]) for each in Axe().run(page).response["violations"]]
        edge = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert (address, answer and answer.status, found, edge, complaints) == (address, 200, [], 0, [])
    page.context.close()


def my_page_of(house: House) -> str:
    """The own page of the only registration."""
    with house.sessions.begin() as session:
        registration_id = session.scalars(select(Registration.id)).one()
    return f"/registration/my/{house.app.extensions['registration'].terms.links.page_token(registration_id)}"

"""The look of all pages, tried in a real browser on the living style guide, under the strict content policy."""

import gzip
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from flask import Flask, render_template_string
from playwright.sync_api import Browser, Page, Request, Route, sync_playwright
from werkzeug.serving import make_server

from deploy import vendor
from shared.http.app import new_app
from shared.http.forms import Form
from shared.http.layout.styleguide import FORMATS, PAGES, styleguide
from shared.http.statics import LAYOUT
from shared.languages import SHARED, Catalogues, Localised
from shared.settings import CommonSettings

STATIC = LAYOUT / "static"
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESKTOP, NARROW = {"width": 360, "height": 780}, {"width": 1280, "height": 900}, {"width": 320, "height": 700}
READERS = {
    "phone_german_light": (PHONE, "light", "de"),
    "desktop_english_dark": (DESKTOP, "dark", "en"),
    "phone_arabic_dark": (PHONE, "dark", "ar"),
    "desktop_arabic_light": (DESKTOP, "light", "ar"),
    "narrow_german_light": (NARROW, "light", "de"),
}
IMPORT = '{% import "layout/macros.html" as ui %}'


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application that has nothing but the style guide; it speaks the product's languages."""
    words = tmp_path_factory.mktemp("translations")
    for language in ("de", "ar"):
        (words / language / "LC_MESSAGES").mkdir(parents=True)
        head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n'
        (words / language / "LC_MESSAGES" / "messages.po").write_text(head, encoding="utf-8")
    common = CommonSettings(service="events", secret_key="x" * 40)
    no_database: dict[str, None] = {"sessions": None, "reading_sessions": None}
    app = new_app(__name__, common=common, catalogues=Catalogues(SHARED, words), **no_database)  # type: ignore[arg-type]
    app.register_blueprint(styleguide("/events"))
    return app


@pytest.fixture(scope="module")
def origin(app: Flask) -> Iterator[str]:
    """The application behind a real socket."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, origin: str) -> Iterator[Page]:
    """A phone without a past."""
    context = browser.new_context(viewport=PHONE, base_url=origin, locale="en")
    yield context.new_page()
    context.close()


def said(app: Flask, template: str, **facts: object) -> str:
    """What a macro makes of its arguments."""
    with app.test_request_context("/events/", base_url="http://127.0.0.1:8000"):
        return render_template_string(IMPORT + template, **facts)


@pytest.mark.parametrize(("language", "name"), [("ar", "\u2068e. &lt;V.&gt;\u2069"), ("de", "e. &lt;V.&gt;")])
def test_a_name_in_a_sentence_keeps_its_own_direction(app: Flask, language: str, name: str) -> None:
    with app.test_request_context(f"/events/?lang={language}", base_url="http://127.0.0.1:8000"):
        page = render_template_string("{{ _('%(name)s: %(number)s', name=name, number=3) }}", name="e. <V.>")

    assert page == f"{name}: 3"


@pytest.mark.browser
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", PAGES)
def test_every_part_can_be_used_by_everybody(browser: Browser, origin: str, name: str, reader: str) -> None:
    viewport, scheme, language = READERS[reader]
    context = browser.new_context(viewport=viewport, color_scheme=scheme, base_url=origin, locale=language)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto(f"/events/styleguide/{'' if name == 'parts' else name}?lang={language}", wait_until="networkidle")
    page.evaluate(AXE)
    found = page.evaluate("tags => axe.run({runOnly: tags}).then(result => result.violations)", RULES)

    assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found] == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert complaints == []
    assert _small_targets(page) == []
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_nothing_moves_while_a_page_loads(page: Page, name: str) -> None:
    page.add_init_script(
        """window.moved = 0;
        const add = list => list.getEntries().forEach(one => { window.moved += one.value });
        new PerformanceObserver(add).observe({type: 'layout-shift', buffered: true})"""
    )

    page.goto(f"/events/styleguide/{'' if name == 'parts' else name}?lang=de", wait_until="networkidle")

    assert page.evaluate("document.fonts.check('16px Figtree')")
    assert page.evaluate("window.moved") == 0


@pytest.mark.browser
def test_the_font_is_fetched_once(page: Page) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url) if "figtree-latin.woff2" in request.url else None)

    page.goto("/events/styleguide/catalogue", wait_until="networkidle")

    assert len(fetched) == 1


@pytest.mark.browser
def test_a_keyboard_skips_to_the_content_first(page: Page) -> None:
    page.goto("/events/styleguide/")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.browser
def test_languages_and_filters_work_without_scripts(browser: Browser, origin: str) -> None:
    context = browser.new_context(viewport=PHONE, base_url=origin, locale="en", java_script_enabled=False)
    page = context.new_page()
    page.goto("/events/styleguide/catalogue?q=gate")

    page.click(".filter-bar summary")
    page.select_option("select[name=format]", "fair")
    page.click(".filter-actions .button-primary")
    page.click(".language-switch summary")
    page.click(".language-switch a[lang=ar]")

    assert page.get_attribute("html", "dir") == "rtl"
    assert "format=fair" in page.url
    context.close()


@pytest.mark.browser
def test_free_places_stay_true_while_somebody_looks(page: Page) -> None:
    page.clock.install()
    page.route("**/places.json", lambda route: route.fulfill(json={"free": 0, "quotas": {"a": {"free": 0}}}))
    page.goto("/events/styleguide/event", wait_until="networkidle")
    assert page.inner_text(".places") == "4 of 10 places free"

    page.locator(".places").scroll_into_view_if_needed()
    page.evaluate("new Promise(done => new IntersectionObserver(done).observe(document.querySelector('.places')))")
    with page.expect_response("**/places.json"):
        page.clock.run_for(16_000)

    page.wait_for_selector(".places-full:visible")
    assert page.inner_text(".places") == "Full – waiting list open"
    assert page.evaluate("document.querySelector('.places meter').value") == 10


@pytest.mark.browser
def test_a_draft_says_when_it_was_kept_and_when_it_was_not(page: Page) -> None:
    kept: list[Request] = []

    def keep(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        kept.append(route.request)
        return route.fulfill(status=204 if len(kept) == 1 else 503)

    page.route("**/styleguide/form", keep)
    page.clock.install()
    page.goto("/events/styleguide/form")
    note = page.locator("[data-autosave-status]")

    page.fill("#field-company", "Feinwerk")
    page.clock.run_for(2_500)
    note.filter(has_text="Saved at").wait_for()
    page.fill("#field-company", "Feinwerk GmbH")
    page.clock.run_for(2_500)
    note.filter(has_text="Not saved yet").wait_for()

    assert [request.headers["x-autosave"] for request in kept] == ["1", "1"]


@pytest.mark.browser
@pytest.mark.parametrize(("answer", "done"), [(".button-secondary", 0), (".button-danger", 1)])
def test_a_dangerous_button_asks_before_it_acts(page: Page, answer: str, done: int) -> None:
    page.goto("/events/styleguide/")
    page.evaluate(
        """window.done = 0; addEventListener('click', event => {
            if (event.target.closest('[data-confirm]') && !event.defaultPrevented) window.done += 1;
        })"""
    )

    page.click("button[data-confirm]")
    assert page.inner_text("dialog[open] p") == "Cancel the event for all 12 people?"
    page.click(f"dialog[open] {answer}")

    assert page.locator("dialog[open]").count() == 0
    assert page.evaluate("window.done") == done


@pytest.mark.browser
def test_faults_are_named_on_top_and_lead_to_their_fields(page: Page) -> None:
    page.goto("/events/styleguide/form")

    assert page.evaluate("document.activeElement.className") == "error-summary"
    page.click(".error-summary a >> nth=0")
    assert page.evaluate("document.activeElement.id") == "field-email"
    assert page.get_attribute("#field-email", "aria-describedby") == "field-email-help field-email-error"
    assert page.get_attribute("#field-email", "aria-invalid") == "true"


@pytest.mark.browser
def test_paper_shows_the_list_and_nothing_to_press(page: Page) -> None:
    page.goto("/events/styleguide/attendance")
    page.emulate_media(media="print")

    assert page.locator(".site-header, .site-footer, .button >> visible=true").count() == 0
    assert page.is_visible(".print-head")
    assert page.locator("tbody tr").first.bounding_box()["height"] > 40  # type: ignore[index]


def test_what_people_typed_is_text_and_never_markup(app: Flask) -> None:
    evil = '"><script>alert(1)</script>'
    form = Form({"name": evil, "about": evil, "pick": evil}, {"name": [evil]})

    html = said(
        app,
        """{{ ui.field(form, "name", evil, help=evil) }}{{ ui.field(form, "about", "A", "textarea") }}
        {{ ui.field(form, "pick", "P", "cards", options=[(evil, evil, evil)]) }}{{ ui.said(evil) }}
        {{ ui.error_summary(form) }}{{ ui.copy(evil) }}
        {{ ui.event_card(evil, evil, "fair", evil, host=evil, seed=evil) }}{{ ui.message(evil, evil, evil) }}
        {{ ui.diff([(evil, evil, "b")]) }}{{ ui.badge("info", evil) }}{{ ui.notice("info", evil, title=evil) }}""",
        form=form,
        evil=evil,
    )

    assert "<script" not in html
    assert 'value="&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"' in html


def test_text_in_another_language_says_so(app: Flask) -> None:
    html = said(app, "{{ ui.said(text) }}", text=Localised("مرحبا", "ar"))

    assert html == '<span lang="ar" dir="rtl">مرحبا</span>'


def test_a_repeated_choice_keeps_all_that_was_chosen(app: Flask) -> None:
    form = Form({"days": ["mon", "wed"]})

    html = said(
        app,
        '{{ ui.field(form, "days", "Days", "checkboxes", options=[("mon", "Mo"), ("tue", "Tu"), ("wed", "We")]) }}',
        form=form,
    )

    assert re.findall(r'value="(\w+)"[^>]* checked', html) == ["mon", "wed"]


def test_every_format_has_a_name_and_a_picture(app: Flask) -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "covers.svg").read_text(encoding="utf-8")))

    names = {format_: said(app, "{{ ui.format_name(format) }}", format=format_) for format_ in FORMATS}

    assert set(FORMATS) <= drawn
    assert [format_ for format_, name in names.items() if name == format_] == []


def test_every_icon_that_a_template_names_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text(encoding="utf-8")))
    templates = "".join(path.read_text(encoding="utf-8") for path in _all_templates())

    named = set(re.findall(r'(?:\bicon\(|icon_name=)"([\w-]+)"', templates))

    assert named
    assert named <= drawn


def test_styles_know_neither_left_nor_right() -> None:
    sided = re.compile(r"(?<![\w-])(?:(?:margin|padding|border)-(?:left|right|top|bottom)|left|right|width|height)\s*:")
    styles = {path.name: path.read_text(encoding="utf-8") for path in STATIC.glob("*.css")}

    found = {name: sided.findall(re.sub(r"@media[^{]*", "", text)) for name, text in styles.items()}

    assert {name: sides for name, sides in found.items() if sides} == {}


def test_styles_scripts_and_pictures_stay_small() -> None:
    sizes = {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in STATIC.iterdir()}

    assert sum(size for name, size in sizes.items() if name.endswith(".css")) < 13_000
    assert sizes["werktor.js"] < 4_000
    assert sizes["icons.svg"] + sizes["covers.svg"] < 8_000


def test_no_template_carries_style_or_script_of_its_own() -> None:
    own = re.compile(r"<style|<script(?![^>]*\b(?:src=|type=\"application/ld\+json\"))|\sstyle=|\son\w+=")

    assert [path.name for path in _all_templates() if own.search(path.read_text(encoding="utf-8"))] == []


def test_vendored_files_are_those_that_were_reviewed() -> None:
    assert vendor.main(["--check"]) == 0


def test_a_changed_vendored_file_is_noticed(tmp_path: Path) -> None:
    lock: list[vendor.Entry] = [
        {"name": one.name, "version": one.version, "integrity": one.integrity, "files": {}} for one in vendor.PACKAGES
    ]
    lock[0]["files"] = {"font.woff2": "0" * 64}
    (tmp_path / "font.woff2").write_bytes(b"another font")

    with pytest.raises(vendor.VendorFault, match=r"font\.woff2"):
        vendor.check(lock, root=tmp_path)


def _all_templates() -> list[Path]:
    """Every page's template, of the layout and of the services; mails have their own rules."""
    return [*LAYOUT.rglob("*.html"), *vendor.ROOT.glob("services/*/web/templates/**/*.html")]


def _small_targets(page: Page) -> list[str]:
    """What can be pressed and is smaller than 24 by 24, links within sentences excepted (WCAG 2.2, 2.5.8)."""
    return page.evaluate(  # type: ignore[no-any-return]
        """() => [...document.querySelectorAll('a[href], button, summary, input:not([type=hidden]), select, textarea')]
        .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.closest('.visually-hidden, .skip-link'))
        .filter(one => !(one.matches('p a, h2 a, h3 a, .tile a') && getComputedStyle(one).display === 'inline'))
        .filter(one => { const box = one.getBoundingClientRect(); return box.width < 24 || box.height < 24; })
        .map(one => one.outerHTML.slice(0, 120))"""
    )

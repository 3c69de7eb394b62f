"""The scanner in a real browser: camera, hand scanner, typed codes; every verdict seen, heard and felt."""

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import qrcode
from playwright.sync_api import Browser, Error, Playwright, sync_playwright
from qrcode.image.pil import PilImage

from services.registration.storage.tables import CheckIn, Scan
from shared import clock
from shared.http.identity import ACCESS_COOKIE
from tests.registration import check_in_door
from tests.registration.check_in_door import a_quota, a_session, an_event
from tests.registration.check_in_site import Phone, Site, open_site

pytestmark = pytest.mark.browser
NAMES = (Path(__file__).parents[2] / "data" / "names.txt").read_text(encoding="utf-8").splitlines()
CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path) -> Iterator[Site]:
    with open_site(sqlite_url, tmp_path) as site:
        yield site


@pytest.fixture
def phone(site: Site, browser: Browser) -> Iterator[Phone]:
    phone = site.phone(browser)
    yield phone
    phone.close()


def ticket(code: str) -> str:
    return f"HTTPS://WERKTOR.EXAMPLE/T/{code}"


# ---- the camera ---------------------------------------------------------------------------------------------------


def test_a_ticket_before_the_camera_turns_the_screen_green_with_the_name(site: Site, phone: Phone) -> None:
    olena, page = site.door.attendee(), phone.open()
    site.door.attendee("Ng")
    page.fill("#gate", "Tor 1")
    page.click("[data-start]")

    phone.see(ticket(olena.code))

    assert phone.shows("admitted").split() == ["Let", "in", "Олена", "Шевченко"]
    box = page.locator(".verdict").bounding_box()
    assert box is not None
    assert box["height"] >= 0.3 * 844
    assert page.inner_text(".door-count").split()[:3] == ["1", "of", "2"]
    page.wait_for_function("() => document.querySelector('[data-announce]').textContent === 'Let in. Олена Шевченко'")
    assert page.evaluate("() => [window.wished.video.facingMode, window.buzzes]") == [{"ideal": "environment"}, [[60]]]
    assert [(each.device, each.registration_id) for each in site.door.rows(CheckIn)] == [("Tor 1", olena.id)]


def test_a_code_that_stays_in_view_is_one_scan(site: Site, phone: Phone) -> None:
    olena, page = site.door.attendee(), phone.open()
    page.click("[data-start]")
    phone.see(ticket(olena.code))
    phone.shows("admitted")

    page.wait_for_timeout(1500)

    assert len(site.door.rows(Scan)) == 1
    assert page.get_attribute("[data-door]", "data-showing") == "admitted"


def test_people_in_a_row_get_their_verdicts_without_a_touch(site: Site, phone: Phone) -> None:
    page = phone.open()
    page.click("[data-start]")
    row = [
        (site.door.attendee("Ng").code, "admitted"),
        (site.door.attendee("Cancelled", status="cancelled").code, "registration-is-cancelled-cancelled"),
        (site.door.attendee("Waiting", status="waiting").code, "not-confirmed-waiting"),
        ("0" * 26, "unknown-ticket"),
        (site.door.attendee("王小明").code, "admitted"),
    ]

    for code, verdict in row:
        phone.see(ticket(code))
        phone.shows(verdict)

    assert page.locator("[data-last] li").count() == 5
    assert [each.registration_id is not None for each in site.door.log()].count(True) == 4


def test_the_light_and_the_choice_of_cameras_are_offered_where_they_exist(phone: Phone) -> None:
    page = phone.open()
    page.click("[data-start]")

    page.click("[data-light]")
    page.click("[data-light]")

    assert page.evaluate("() => window.lights") == [True, False]
    assert page.locator("[data-cameras] option").all_inner_texts() == ["Back", "Front"]
    page.click("[data-stop]")
    assert page.is_visible("[data-start]")


@pytest.mark.parametrize("fault", ["NotAllowedError", "NotFoundError", "NotReadableError"])
def test_a_camera_that_does_not_open_says_why_and_typing_goes_on(site: Site, phone: Phone, fault: str) -> None:
    page = phone.open()
    page.evaluate("(fault) => { window.refuseCamera = fault; }", fault)

    page.click("[data-start]")

    page.wait_for_selector("[data-camera-fault]:not([hidden])")
    assert len(page.inner_text("[data-camera-fault]")) > 30
    phone.type(site.door.attendee().code)
    phone.shows("admitted")


def test_a_real_camera_stream_is_read_end_to_end(site: Site, playwright: Playwright, tmp_path: Path) -> None:
    olena = site.door.attendee()
    film = a_film(tmp_path, ticket(olena.code))
    flags = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", "--no-sandbox"]
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM, args=[*flags, f"--use-file-for-fake-video-capture={film}"]
    )
    phone = site.phone(browser, camera=False)

    phone.open().click("[data-start]")

    assert "Олена Шевченко" in phone.shows("admitted")
    assert len(site.door.rows(CheckIn)) == 1
    phone.close()
    browser.close()


def a_film(folder: Path, text: str) -> Path:
    """What Chromium takes for a camera: MJPEG, 30 pictures a second, yuvj420p, even sizes; it loops for ever."""
    code = qrcode.QRCode(box_size=12, border=4)
    code.add_data(text)
    code.make_image(image_factory=PilImage).save(folder / "code.png")
    pad = "scale=480:480,pad=1280:720:400:120:color=gray,fps=30,format=yuv420p"
    film = folder / "camera.mjpeg"
    command = ["ffmpeg", "-v", "error", "-y", "-loop", "1", "-i", str(folder / "code.png"), "-t", "1", "-vf", pad]
    subprocess.run(
        [*command, "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p", "-f", "mjpeg", str(film)], check=True
    )
    return film


# ---- hand scanners and typing -------------------------------------------------------------------------------------


def test_a_hand_scanner_works_wherever_the_focus_is(site: Site, phone: Phone) -> None:
    olena, ng, page = site.door.attendee(), site.door.attendee("Ng"), phone.open()

    page.keyboard.type(ticket(olena.code))
    page.keyboard.press("Enter")
    assert "Олена" in phone.shows("admitted")

    page.focus("#ticket")
    page.keyboard.type(ticket(ng.code))
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-result] :text('Ng')")

    assert len(site.door.rows(CheckIn)) == 2


def test_a_typed_code_forgives_case_gaps_and_look_alikes(site: Site, phone: Phone) -> None:
    olena = site.door.attendee()
    phone.open()

    phone.type(f" {olena.code.lower()[:13]}-{olena.code[13:].replace('0', 'o').replace('1', 'l')} ")

    assert "Олена" in phone.shows("admitted")
    assert phone.page.input_value("#ticket") == ""


def test_every_name_is_shown_letter_for_letter(site: Site, phone: Phone) -> None:
    page = phone.open()

    for name in NAMES:
        phone.type(site.door.attendee(name).code)
        page.wait_for_function(
            "(name) => document.querySelector('[data-result] [data-slot=name]').textContent === name", arg=name
        )

    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert len(site.door.rows(CheckIn)) == len(NAMES)


def test_without_scripts_a_form_does_the_same(site: Site, browser: Browser) -> None:
    olena, phone = site.door.attendee(), site.phone(browser, java_script_enabled=False, camera=False)
    page = phone.page
    page.goto(site.path)
    page.fill("#gate", "Tor 2")
    page.fill("#ticket", olena.code)
    page.click("form#typed button")
    assert page.inner_text("[data-result]").split() == ["Let", "in", "Олена", "Шевченко"]
    page.reload()
    assert page.inner_text("[data-result]").split()[:2] == ["Let", "in"]
    page.fill("#ticket", olena.code)
    page.click("form#typed button")
    words = page.inner_text("[data-result]")
    assert "Already in" in words
    assert "Tor 2" in words
    assert len(site.door.rows(Scan)) == 2
    phone.close()


def test_without_scripts_the_last_green_light_is_taken_back(site: Site, browser: Browser) -> None:
    olena, phone = site.door.attendee(), site.phone(browser, java_script_enabled=False, camera=False)
    phone.page.goto(site.path)
    phone.page.fill("#ticket", olena.code)
    phone.page.click("form#typed button")

    phone.page.click("[data-undo] button")

    assert "Taken back" in phone.page.inner_text("[data-result]")
    assert site.door.rows(CheckIn) == []
    phone.close()


# ---- verdicts -----------------------------------------------------------------------------------------------------


def test_the_second_door_is_told_when_and_at_which_door_the_first_scan_was(site: Site, browser: Browser) -> None:
    olena, doors = site.door.attendee(), [site.phone(browser) for _ in range(2)]
    for number, phone in enumerate(doors, 1):
        phone.open()
        phone.page.fill("#gate", f"Tor {number}")
    doors[0].type(olena.code)
    doors[0].shows("admitted")

    doors[1].type(olena.code)

    words = doors[1].shows("already-checked-in")
    time = site.door.rows(CheckIn)[0].scanned_at.astimezone(check_in_door.a_zone()).strftime("%-I:%M")
    assert f"First scan at {time}" in words.replace("\u202f", " ")
    assert words.rstrip().endswith("· Tor 1")
    assert doors[1].page.evaluate("() => window.buzzes") == [[220, 90, 220]]
    for phone in doors:
        phone.close()


def test_undo_takes_the_last_green_light_back_and_the_next_scan_gives_it_again(site: Site, phone: Phone) -> None:
    olena, page = site.door.attendee(), phone.open()
    phone.type(olena.code)
    phone.shows("admitted")

    page.click("[data-undo] button")

    assert "Олена Шевченко" in phone.shows("undone")
    assert site.door.rows(CheckIn) == []
    page.wait_for_selector("[data-checked-in]:text-is('0')")
    phone.type(olena.code)
    phone.shows("admitted")


def test_the_count_follows_other_doors(site: Site, phone: Phone) -> None:
    olena, page = site.door.attendee(), phone.open()
    assert page.inner_text("[data-checked-in]") == "0"
    site.door.scan(olena.code, now=clock.now())

    page.wait_for_selector("[data-checked-in]:text-is('1')", timeout=15_000)


def test_several_sessions_can_be_chosen(sqlite_url: str, tmp_path: Path, browser: Browser) -> None:
    start = int((clock.now() - check_in_door.START) / timedelta(minutes=1)) - 10
    now, later = a_session(start, title={"en": "Tour A"}), a_session(start + 300, title={"en": "Tour B"})
    quotas = (a_quota(session_id=now.id), a_quota(session_id=later.id))
    with open_site(sqlite_url, tmp_path, event=an_event(sessions=(now, later), quotas=quotas)) as site:
        hers, phone = site.door.attendee(quota_ids=(quotas[1].id,)), site.phone(browser)
        page = phone.open()

        page.select_option("#session", str(now.id))
        phone.type(hers.code)
        assert "This ticket is for the session at" in phone.shows("not-for-this-session")
        page.select_option("#session", str(later.id))
        phone.type(hers.code)

        assert "Tour B" in phone.shows("admitted")
        assert [each.session_id for each in site.door.rows(CheckIn)] == [later.id]
        phone.close()


# ---- no connection ------------------------------------------------------------------------------------------------


def test_a_scan_without_connection_is_kept_and_sent_with_the_same_id(site: Site, phone: Phone) -> None:
    olena, page = site.door.attendee(), phone.open()
    phone.context.set_offline(True)
    phone.type(olena.code)
    assert "No connection" in phone.shows("no-connection")
    assert site.door.rows(Scan) == []
    phone.type(olena.code)
    phone.shows("no-connection")
    assert page.inner_text("[data-unsent-number]") == "1"

    phone.context.set_offline(False)

    assert "Олена Шевченко" in phone.shows("admitted")
    assert len(site.door.rows(Scan)) == 1
    assert not page.is_visible("[data-unsent]")


def test_a_kept_scan_outlives_the_page(site: Site, phone: Phone) -> None:
    olena, page = site.door.attendee(), phone.open()
    page.route("**/api/v1/check-ins", lambda route: route.abort())
    phone.type(olena.code)
    phone.shows("no-connection")
    page.unroute("**/api/v1/check-ins")

    phone.open()

    page.wait_for_selector("[data-last] li")
    assert "Олена Шевченко" in page.inner_text("[data-last]")
    assert len(site.door.rows(CheckIn)) == 1


def test_an_answer_that_was_lost_is_no_second_scan(site: Site, phone: Phone) -> None:
    olena, page = site.door.attendee(), phone.open()
    lost: list[str] = []

    def lose(route: object) -> None:
        route.fetch()  # type: ignore[attr-defined]
        lost.append("answer")
        route.abort()  # type: ignore[attr-defined]

    page.route("**/api/v1/check-ins", lose, times=1)
    phone.type(olena.code)

    assert "Олена Шевченко" in phone.shows("admitted")
    assert lost == ["answer"]
    assert [each.verdict for each in site.door.rows(Scan)] == ["admitted"]


def test_a_sign_in_that_ends_at_the_door_keeps_the_scan(site: Site, phone: Phone) -> None:
    olena, page = site.door.attendee(), phone.open()
    phone.context.clear_cookies()
    phone.type(olena.code)
    assert "Not allowed to scan" in phone.shows("not-allowed")
    assert site.door.rows(Scan) == []

    access = site.access(site.door.helper)
    phone.context.add_cookies([{"name": ACCESS_COOKIE, "value": access, "url": site.origin}])
    page.click("[data-again]")

    assert "Олена Шевченко" in phone.shows("admitted")


# ---- for everybody ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["de", "ar"])
def test_every_verdict_is_accessible(site: Site, browser: Browser, lang: str, scheme: str) -> None:
    phone = site.phone(browser, color_scheme=scheme, locale=lang)
    page = phone.open(lang=lang)
    faults = phone.faults()
    attendees = {status: site.door.attendee(status, status=status) for status in ("confirmed", "pending", "waiting")}
    cancelled = site.door.attendee(NAMES[7], status="cancelled")
    page.click("[data-start]")

    for code, verdict in [
        (attendees["confirmed"].code, "admitted"),
        (attendees["confirmed"].code, "already-checked-in"),
        (attendees["pending"].code, "not-confirmed-pending"),
        (attendees["waiting"].code, "not-confirmed-waiting"),
        (cancelled.code, "registration-is-cancelled-cancelled"),
        ("nonsense", "unknown-ticket"),
    ]:
        phone.type(code)
        phone.shows(verdict)
        faults += phone.faults()
    phone.context.set_offline(True)
    phone.type("nothing")
    phone.shows("no-connection")
    faults += phone.faults()

    assert faults == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    phone.close()


def test_only_the_workers_own_script_may_compile_webassembly(site: Site, phone: Phone) -> None:
    page = phone.open()
    worker = page.get_attribute("[data-door]", "data-worker")
    answer = page.request.get(str(worker))
    shown = page.request.get(site.path)

    assert "'wasm-unsafe-eval'" in answer.headers["content-security-policy"]
    assert "wasm-unsafe-eval" not in shown.headers["content-security-policy"]
    assert "worker-src 'self'" in shown.headers["content-security-policy"]
    assert "camera=(self)" in shown.headers["permissions-policy"]
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    with pytest.raises(Error, match=r"unsafe-eval|wasm"):
        page.evaluate("() => WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))")

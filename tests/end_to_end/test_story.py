"""From a company's offer to a scanned ticket, lived in a browser: the story that the product exists for."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import sync_playwright

from tests.end_to_end.people import PHONE, Person, browser, pictured
from tests.end_to_end.product import Product, eventually, words
from tests.end_to_end.reading import Entry, film_of, is_invitation, qr_picture, qr_text
from tests.end_to_end.setting import ORGANISER

COMPANY = "kuehn@bergisch-praezision.example.com"
OLENA, YAROSLAV, LEILA = "olena@example.org", "yaroslav@example.org", "leila@example.org"
NAMES = {OLENA: "Олена Шевченко", YAROSLAV: "Ярослав Ґудзь-Іваненко", LEILA: "ليلى حدّاد"}
LINK = r"https?://\S+/events/account/link/[\w-]+"
MY_PAGE = r"https?://\S+/registration/my/[\w-]+"
CONFIRM = r"https?://\S+/registration/confirm/[\w-]+"
TITLE = "Ein Vormittag in der Lehrwerkstatt"


@pytest.mark.browser
@pytest.mark.timeout(420)
def test_a_tour_is_offered_found_attended_moved_counted_and_called_off(product: Product, tmp_path: Path) -> None:
    with sync_playwright() as playwright, browser(playwright) as started:
        company = Person(started, product.base, size=PHONE)
        organiser = Person(started, product.base)
        student = Person(started, product.base, language="ar", size=PHONE)
        scenes = Scenes(product, tmp_path)

        with pictured(tmp_path, company=company, organiser=organiser, student=student):
            scenes.company_offers_a_tour(company)
            scenes.organiser_asks_and_company_answers(organiser, company)
            scenes.organiser_accepts_a_date(organiser)
            scenes.company_changes_its_mind_about_the_meeting_point(company, organiser)
            slug = scenes.event_is_in_the_catalogue(student)
            scenes.three_people_sign_up_for_two_places(student, slug)
            scenes.ticket_and_invitation_arrive(OLENA)
            scenes.one_leaves_and_the_next_is_in(student)
            scenes.event_moves_by_an_hour(organiser, slug)
            with browser(playwright, *camera_that_sees(product, tmp_path)) as with_camera:
                door = Person(with_camera, product.base, size=PHONE, permissions=["camera"])
                scenes.ticket_is_scanned_at_the_door(door, slug)
            scenes.organiser_sees_who_came(organiser, slug)
            scenes.event_is_called_off(organiser)

        assert [*company.complaints, *organiser.complaints, *student.complaints] == []


def camera_that_sees(product: Product, folder: Path) -> list[str]:
    """Chromium's flags for a camera that looks at Olena's ticket."""
    film = film_of(qr_picture(ticket_mail(product, OLENA)), folder)
    fake = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    return [*fake, f"--use-file-for-fake-video-capture={film}"]


class Scenes:
    """One after the other; each begins where the last one ended."""

    def __init__(self, product: Product, folder: Path) -> None:
        self.product = product
        self.folder = folder
        self.day = datetime.now(UTC).date() + timedelta(days=30)  # noqa: TID251 - a day ahead of the running product

    def company_offers_a_tour(self, company: Person) -> None:
        page = company.go("/events/company/")
        organisers = page.locator("label", has_text="Torweg Netzwerk")
        if organisers.count():  # with one organiser there is nothing to choose
            organisers.first.click()
        company.fill(company_name="Bergisch Präzision GmbH", email=COMPANY)
        company.press("Start")
        company.fill(
            site__city="Wuppertal", site__street="Gießereiweg 12", site__postal_code="42289", contact_name="Petra Kühn"
        )
        company.press("Continue")
        company.fill(title=TITLE, description="Auszubildende zeigen, woran sie arbeiten.")
        company.press("Continue")
        page.locator("#field-date-1").fill(self.day.isoformat())
        page.locator("#field-time-1").fill("09:30")
        page.locator("#field-date-2").fill((self.day + timedelta(days=7)).isoformat())
        page.locator("#field-time-2").fill("09:30")
        company.fill(places="2")
        company.press("Continue")
        company.fill(meeting_point="Pforte 1")
        company.tick("languages", "de")
        company.press("Continue")
        company.tick("safety", "closed_shoes")
        company.press("Continue")
        assert company.sees("One thing left: confirm your address")

        company.go(self.product.link(COMPANY, LINK))
        page.locator("main form button").first.click()
        page.goto(page.url if "/check" in page.url else page.url.rstrip("/"))
        company.press("Send offer")

        assert TITLE in words(self.product.mail(ORGANISER, having=TITLE))

    def organiser_asks_and_company_answers(self, organiser: Person, company: Person) -> None:
        organiser.go("/events/account/sign-in")
        organiser.fill(email=ORGANISER)
        organiser.page.locator("main form button").first.click()
        organiser.go(self.product.link(ORGANISER, LINK))
        organiser.page.locator("main form button").first.click()
        organiser.go("/events/manage/offers")
        organiser.page.get_by_role("link", name=TITLE).first.click()
        organiser.fill(text="Geht auch Englisch?")
        organiser.press("Send question")
        assert "Geht auch Englisch?" in words(self.product.mail(COMPANY, having="Geht auch Englisch?"))

        company.go("/events/company/")
        company.page.get_by_role("link", name=TITLE).first.click()
        assert company.sees("Geht auch Englisch?")
        company.fill(text="Ja, gern.")
        company.press("Send answer")
        assert "Ja, gern." in words(self.product.mail(ORGANISER, having="Ja, gern."))

    def organiser_accepts_a_date(self, organiser: Person) -> None:
        organiser.page.reload()
        assert organiser.sees("Ja, gern.")
        organiser.page.locator("input[name='start']").nth(0).check(force=True)
        organiser.page.locator("input[name='publish']").check(force=True)
        organiser.press("Accept")
        self.product.mail(COMPANY, having="Your tour is accepted")

    def company_changes_its_mind_about_the_meeting_point(self, company: Person, organiser: Person) -> None:
        company.page.reload()
        company.page.get_by_role("link", name="Change something").click()
        company.fill(meeting_point="Pforte 2")
        company.press("Send change")
        self.product.mail(ORGANISER, having=TITLE, number=3)

        organiser.page.goto("/events/manage/offers")
        organiser.page.get_by_role("link", name=TITLE).first.click()
        assert organiser.sees("Pforte 1")
        assert organiser.sees("Pforte 2")
        organiser.press("Take the change over")
        self.product.mail(COMPANY, having=TITLE, number=3)

    def event_is_in_the_catalogue(self, student: Person) -> str:
        page = student.go("/events/?text=Lehrwerkstatt")
        page.get_by_role("link", name=TITLE).click()
        page.wait_for_url("**/events/*")
        data = json.loads(page.locator("script[type='application/ld+json']").first.inner_text())
        assert data["@type"] == "Event"
        assert data["name"] == TITLE
        assert "Pforte 2" in page.locator("main").inner_text()
        assert page.locator("html").get_attribute("dir") == "rtl"
        return page.url.rstrip("/").rsplit("/", 1)[1]

    def three_people_sign_up_for_two_places(self, student: Person, slug: str) -> None:
        for address, name in NAMES.items():
            student.go(f"/registration/{slug}/sign-up")
            student.fill(name=name, email=address)
            student.page.locator("select[name='locale']").select_option("ar" if address == LEILA else "en")
            student.page.locator("[name='consents.privacy']").check(force=True)
            student.page.locator("main form button[type='submit']").last.click()
            student.page.wait_for_url("**/received/*")
            student.go(self.product.link(address, CONFIRM))
            student.page.locator("main form button").first.click()
            student.page.wait_for_load_state()

        assert "1" in words(waiting := self.product.mail(LEILA, having=TITLE, number=2))
        assert not is_invitation(waiting)

    def ticket_and_invitation_arrive(self, address: str) -> None:
        ticket, invitation = ticket_mail(self.product, address), invitation_mail(self.product, address)
        entry = Entry(invitation)

        assert qr_text(qr_picture(ticket)).startswith(f"{self.product.base.upper()}/T/")
        assert (entry.method, entry.sequence) == ("REQUEST", 0)
        assert entry.attendee == NAMES[address]
        assert entry.start.date() == self.day

    def one_leaves_and_the_next_is_in(self, student: Person) -> None:
        first = Entry(invitation_mail(self.product, YAROSLAV))
        student.go(self.product.link(YAROSLAV, MY_PAGE))
        assert student.sees(NAMES[YAROSLAV])
        student.page.locator("a[href$='/cancel']").first.click()
        student.page.locator("main form button").first.click()

        cancelled = Entry(invitation_mail(self.product, YAROSLAV, number=2))
        promoted = Entry(invitation_mail(self.product, LEILA))
        assert (cancelled.method, cancelled.uid, cancelled.sequence) == ("CANCEL", first.uid, 1)
        assert (promoted.method, promoted.attendee) == ("REQUEST", NAMES[LEILA])
        assert qr_text(qr_picture(ticket_mail(self.product, LEILA)))

    def event_moves_by_an_hour(self, organiser: Person, slug: str) -> None:
        before = {address: Entry(invitation_mail(self.product, address)) for address in (OLENA, LEILA)}
        organiser.go("/events/manage/events")
        organiser.page.get_by_role("link", name=TITLE).first.click()
        organiser.page.get_by_role("link", name="Move").first.click()
        organiser.fill(sessions__0__starts_at=f"{self.day}T10:30", sessions__0__ends_at=f"{self.day}T12:30")
        organiser.page.locator("[name='reason.en']").first.fill("Die Halle wird vorher gereinigt.")
        organiser.press("Move the event")

        for address, old in before.items():
            new = Entry(invitation_mail(self.product, address, number=2))
            assert (new.method, new.uid, new.sequence) == ("REQUEST", old.uid, 1)
            assert new.start == old.start + timedelta(hours=1)
            self.product.mail(address, having="Die Halle wird vorher gereinigt.")
        self.product.mail(COMPANY, having="10:30")

    def ticket_is_scanned_at_the_door(self, door: Person, slug: str) -> None:
        door.go("/events/account/sign-in")
        door.fill(email=ORGANISER)
        door.page.locator("main form button").first.click()
        door.go(self.product.link(ORGANISER, LINK, number=2))
        door.page.locator("main form button").first.click()
        door.go(f"/registration/check-in/{slug}")
        door.page.locator("[data-start]").click()

        door.page.locator("[data-result] .verdict-good").wait_for(timeout=20_000)
        assert NAMES[OLENA] in door.page.locator("[data-result]").inner_text()
        door.page.locator("[data-stop]").click()
        code = qr_text(qr_picture(ticket_mail(self.product, OLENA))).rsplit("/", 1)[1]
        door.fill(ticket=code)
        door.press("Check")
        again = door.page.locator("[data-result] .verdict-stop")
        again.wait_for()
        assert NAMES[OLENA] in again.inner_text()
        assert [each for each in door.complaints if "409" not in each] == []

    def organiser_sees_who_came(self, organiser: Person, slug: str) -> None:
        page = organiser.go(f"/registration/manage/{slug}/attendance")
        rows = {row.locator("th").inner_text(): row.inner_text() for row in page.locator("tbody tr").all()}
        assert set(rows) == {NAMES[OLENA], NAMES[LEILA]}
        assert "Did not come" not in rows[NAMES[OLENA]].split("\n")[1]

        table = list(csv.reader(io.StringIO(self.download(organiser, "CSV file").decode("utf-8-sig")), delimiter=","))
        book = openpyxl.load_workbook(io.BytesIO(self.download(organiser, "Excel file")))
        assert NAMES[OLENA] in {cell for row in table for cell in row}
        assert NAMES[LEILA] in {cell for row in book.active.values for cell in row}

    def event_is_called_off(self, organiser: Person) -> None:
        organiser.go("/events/manage/events")
        organiser.page.get_by_role("link", name=TITLE).first.click()
        organiser.page.get_by_role("link", name="Call off").first.click()
        organiser.page.locator("[name='reason.en']").first.fill("Zu wenig Personal am Tag.")
        organiser.press("Call off the event")

        for address in (OLENA, LEILA):
            last = Entry(invitation_mail(self.product, address, number=3))
            assert (last.method, last.sequence) == ("CANCEL", 2)
            self.product.mail(address, having="Zu wenig Personal am Tag.")
        self.product.mail(COMPANY, having="Zu wenig Personal am Tag.")

    def download(self, organiser: Person, name: str) -> bytes:
        """What a link gives as a file."""
        with organiser.page.expect_download() as waiting:
            organiser.page.get_by_role("link", name=name).click()
        return Path(waiting.value.path()).read_bytes()


def ticket_mail(product: Product, address: str) -> object:
    """The one mail with a picture."""
    return _nth(product, address, 1, lambda mail: any(part.get_content_type() == "image/png" for part in mail.walk()))


def invitation_mail(product: Product, address: str, *, number: int = 1) -> object:
    """The n-th mail for the calendar."""
    return _nth(product, address, number, is_invitation)


def _nth(product: Product, address: str, number: int, fits: object) -> object:
    def found() -> object:
        matching = [each for each in product.mails() if address in str(each["To"]) and fits(each)]
        return matching[number - 1] if len(matching) >= number else None

    return eventually(found, what=f"mail {number} to {address}")

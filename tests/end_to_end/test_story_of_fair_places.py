"""Who gets a place, and who changes her mind: an organiser's and her attendees' days, lived in browsers on servers."""

import csv
import hashlib
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import sync_playwright

from shared import clock
from tests.end_to_end.people import PHONE, Person, browser, pictured
from tests.end_to_end.product import Product, eventually, words
from tests.end_to_end.reading import Entry, is_invitation
from tests.end_to_end.town import Town, address, done

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("product", [pytest.param("servers", marks=pytest.mark.servers)], indirect=True),
]
CONFIRM = r"https?://\S+/registration/confirm/[\w-]+"
MY_PAGE = r"https?://\S+/registration/my/[\w-]+"
FRIENDS_LINK = r"https?://\S+/registration/hand-overs/[\w-]+"
INVITATION = r"https?://\S+/registration/invitations/[\w-]+"


class Cast:
    """An organiser at her desk, an attendee with a phone, and what both need."""

    def __init__(self, town: Town, organiser: Person, attendee: Person, folder: Path) -> None:
        self.town, self.product = town, town.product
        self.organiser, self.attendee, self.folder = organiser, attendee, folder

    def signs_up(self, event: dict[str, Any], name: str, *, quota: str = "") -> str:
        """By the page, with the address confirmed by the mail; her address."""
        email = address()
        self.attendee.go(f"/registration/{event['slug']}/sign-up")
        self.fills_in_who_she_is(name, email)
        if quota:
            self.attendee.tick("quota_ids", quota)
        self.sends()
        self.confirms(email)
        return email

    def fills_in_who_she_is(self, name: str, email: str) -> None:
        self.attendee.fill(name=name, email=email)
        self.agrees()

    def agrees(self) -> None:
        self.attendee.page.locator("[name='consents.privacy']").check(force=True)

    def sends(self) -> None:
        """Press the form's own button, and wait for the page that comes."""
        with self.attendee.page.expect_navigation():
            self.attendee.page.locator("main form button[type='submit']:visible").last.click()

    def confirms(self, email: str) -> None:
        self.attendee.go(self.product.link(email, CONFIRM))
        self.sends()

    def opens_her_page(self, email: str) -> None:
        self.attendee.go(self.my_page(email))

    def my_page(self, email: str) -> str:
        return urlsplit(self.product.link(email, MY_PAGE)).path

    def invitation(self, email: str, number: int = 1) -> Entry:
        """The n-th calendar entry that came to her."""

        def found() -> Entry | None:
            hers = [each for each in self.product.mails() if email in str(each["To"]) and is_invitation(each)]
            return Entry(hers[number - 1]) if len(hers) >= number else None

        return eventually(found, what=f"calendar entry {number} of {email}")


@pytest.fixture
def cast(town: Town, tmp_path: Path) -> Iterator[Cast]:
    """Everybody with a browser of her own; the organiser is signed in."""
    with sync_playwright() as playwright, browser(playwright) as started:
        organiser, attendee = Person(started, town.base), Person(started, town.base, size=PHONE)
        organiser.go(town.link_of(town.member()))
        with organiser.page.expect_navigation():
            organiser.page.locator("main form button").first.click()
        with pictured(tmp_path, organiser=organiser, attendee=attendee):
            yield Cast(town, organiser, attendee, tmp_path)
            complaints = [*organiser.complaints, *attendee.complaints]
            assert [each for each in complaints if "422" not in each] == []  # a list with faults is answered so


def test_the_organiser_asks_and_chooses_among_those_who_applied(cast: Cast) -> None:
    event = cast.town.event(sign_up={"selection": "approval"})
    area = f"/registration/manage/{event['slug']}"
    _asks(cast.organiser, area, "yes_no", "Do you come by car?")
    _asks(cast.organiser, area, "text", "Number plate?", only_after="Do you come by car?")
    cast.organiser.go(f"{area}/form")
    cast.organiser.press("Publish the form")
    assert cast.organiser.sees("Published as version 1")

    olena = _applies(cast, event, "Олена Шевченко", plate="W-AB 123")
    lin = _applies(cast, event, "Lin Wei", plate="")
    cast.organiser.go(f"{area}/applications")
    for box in cast.organiser.page.locator("input[name='ids']").all():
        box.check()
    cast.organiser.press("Say yes")

    assert {cast.invitation(each).method for each in (olena, lin)} == {"REQUEST"}
    page = cast.organiser.go(f"{area}/attendees")
    page.get_by_role("checkbox", name="Number plate?").check(force=True)
    with page.expect_navigation():
        page.locator(".filter-actions button").first.click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV file").click()
    table = csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text("utf-8-sig")))
    assert "Number plate?" in (table.fieldnames or [])
    assert {row["Name"]: row["Number plate?"] for row in table} == {"Олена Шевченко": "W-AB 123", "Lin Wei": ""}


def _asks(organiser: Person, area: str, kind: str, label: str, *, only_after: str = "") -> None:
    page = organiser.go(f"{area}/form/questions/new?kind={kind}")
    organiser.fill(label__en=label, purpose__en="To keep a parking space")
    if only_after:
        options = page.locator("select[name='condition'] option").all()
        (yes,) = [each for each in options if only_after in each.inner_text() and "Yes" in each.inner_text()]
        page.locator("select[name='condition']").select_option(yes.get_attribute("value"))
    organiser.press("Save the question")
    organiser.page.wait_for_url("**/form*")


def _applies(cast: Cast, event: dict[str, Any], name: str, *, plate: str) -> str:
    email = address()
    page = cast.attendee.go(f"/registration/{event['slug']}/sign-up")
    cast.fills_in_who_she_is(name, email)
    hidden = page.get_by_label("Number plate?")
    assert not hidden.is_visible()
    page.get_by_role("radio", name="Yes" if plate else "No").check(force=True)
    if plate:
        hidden.fill(plate)
    cast.sends()
    assert cast.attendee.sees("Your application counts once you have confirmed your address")
    cast.confirms(email)
    assert cast.attendee.sees("You have applied")
    return email


def test_a_draw_is_done_at_its_moment_and_anybody_can_recompute_it(cast: Cast) -> None:
    rules = {"selection": "lottery", "decides_at": (clock.now() + timedelta(days=1)).isoformat()}
    event = cast.town.event(capacity=1, sign_up=rules)
    cast.attendee.go(f"/registration/{event['slug']}/draw")
    promised = cast.attendee.page.locator("code").first.inner_text()
    people = [address() for _ in range(3)]
    for each in people:
        done(cast.town.sign_up(event, email=each), 201)
        cast.confirms(each)
    rules["decides_at"] = (clock.now() + timedelta(seconds=2)).isoformat()
    path = f"/events/api/v1/events/{event['id']}"
    done(cast.town.call("PATCH", path, token=cast.town.organiser, json={"sign_up": rules}), 200)

    draw: dict[str, Any] = eventually(lambda: _drawn(cast.town, event), what="the draw is done", seconds=60)

    assert hashlib.sha256(draw["seed"].encode()).hexdigest() == draw["commitment"] == promised
    key = {lot: hashlib.sha256(f"{draw['seed']}:{lot}".encode()).hexdigest() for lot in draw["lots"]}
    assert draw["lots"] == sorted(draw["lots"], key=key.__getitem__)
    assert len(draw["lots"]) == 3
    assert cast.town.places(event)["waiting"] == 2
    eventually(lambda: _invited(cast.product, people), what="the one who was drawn has her entry")
    cast.attendee.go(f"/registration/{event['slug']}/draw")
    assert cast.attendee.sees(draw["lots"][0])


def _drawn(town: Town, event: dict[str, Any]) -> Any:
    found = town.call("GET", f"/registration/{event['slug']}/draw.json")
    return found.ok and found.json().get("seed") and found.json()


def _invited(product: Product, people: list[str]) -> bool:
    told = [str(each["To"]) for each in product.mails() if is_invitation(each)]
    return sum(any(person in to for to in told) for person in people) == 1


def test_two_people_swap_their_groups_and_neither_is_ever_without_a_place(cast: Cast) -> None:
    quotas = [{"name": {"en": f"Group {each}"}, "capacity": 1} for each in "AB"]
    event = _event_with(cast.town, quotas)
    first, second = (each["id"] for each in event["quotas"])
    olena, lin = cast.signs_up(event, "Olena", quota=first), cast.signs_up(event, "Lin Wei", quota=second)
    cast.invitation(lin)

    _wishes_for(cast, olena, second)
    assert cast.attendee.sees("Until the other place is yours, you keep this one:")
    _wishes_for(cast, lin, first)

    by_name = {each["name"]: each["places"] for each in cast.town.registrations(event)}
    assert {name: [place["quota_id"] for place in places] for name, places in by_name.items()} == {
        "Olena": [second],
        "Lin Wei": [first],
    }
    cast.opens_her_page(olena)
    assert cast.attendee.sees("Group B")
    assert cast.attendee.page.get_by_text("waiting list").count() == 0


def _event_with(town: Town, quotas: list[dict[str, Any]]) -> dict[str, Any]:
    wish = {
        "format": "career_workshop",
        "title": {"en": "Two groups"},
        "sessions": [{"starts_at": "2030-05-06T14:00", "place": {"name": "Werk", "city": "Berlin"}}],
        "quotas": quotas,
    }
    made = done(town.call("POST", "/events/api/v1/events", token=town.organiser, json=wish), 201)
    made = done(town.call("POST", f"/events/api/v1/events/{made['id']}/publish", token=town.organiser), 200)
    path = f"/registration/api/v1/events/{made['id']}/availability"
    eventually(lambda: town.call("GET", path).ok, what="registration knows the event")
    return dict(made)


def _wishes_for(cast: Cast, email: str, quota: str) -> None:
    cast.attendee.go(f"{cast.my_page(email)}/places")
    cast.attendee.tick("quota_ids", quota)
    cast.sends()


def test_a_place_is_handed_to_a_friend_who_says_yes(cast: Cast) -> None:
    event = cast.town.event(sign_up={"hand_over": True})
    olena, friend = cast.signs_up(event, "Olena"), address()
    hers = cast.invitation(olena)
    cast.attendee.go(f"{cast.my_page(olena)}/hand-over")
    cast.attendee.fill(name="Sara", email=friend)
    cast.sends()

    cast.attendee.go(cast.product.link(friend, FRIENDS_LINK))
    assert cast.attendee.sees("Olena cannot come and would like to give you the place.")
    cast.attendee.fill(name="Sara Ahmadi")
    cast.agrees()
    cast.sends()

    assert cast.invitation(friend).attendee == "Sara Ahmadi"
    gone = cast.invitation(olena, 2)
    assert (gone.method, gone.uid) == ("CANCEL", hers.uid)
    assert cast.town.places(event)["free"] == 9


def test_a_freed_place_is_offered_and_taken(cast: Cast) -> None:
    event = cast.town.event(capacity=1, sign_up={"offer_hours": 24})
    olena, mai = cast.signs_up(event, "Olena"), cast.signs_up(event, "Mai")
    assert cast.attendee.sees("You are number 1 on the waiting list")

    cast.attendee.go(f"{cast.my_page(olena)}/cancel")
    cast.sends()
    cast.product.mail(mai, having="/offer")
    cast.opens_her_page(mai)
    cast.attendee.press("Yes, I take the place")

    assert cast.invitation(mai).method == "REQUEST"


def test_a_list_is_tried_then_signed_up_and_somebody_is_invited(cast: Cast) -> None:
    event = cast.town.event()
    area, people, guest = f"/registration/manage/{event['slug']}", [address(), address()], address()
    page = cast.organiser.go(f"{area}/import")
    cast.organiser.fill(text=f"Name;E-Mail\nNguyễn Thị Ánh;{people[0]}\nAna-María;somewhere\n")
    cast.organiser.press("Check the list")
    assert cast.organiser.sees("Nothing is done as long as one row has a fault.")
    cast.organiser.fill(text=f"Name;E-Mail\nNguyễn Thị Ánh;{people[0]}\nAna-María;{people[1]}\n")
    cast.organiser.press("Check the list")
    page.locator("[name='has_read']").check(force=True)
    cast.organiser.press("Sign 2 people up")
    assert {cast.invitation(each).attendee for each in people} == {"Nguyễn Thị Ánh", "Ana-María"}

    cast.organiser.go(f"{area}/invitations")
    cast.organiser.fill(people=f"Sara Ahmadi; {guest}")
    cast.organiser.page.locator("[name='holds_place']").check(force=True)
    cast.organiser.press("Send the invitations")
    eventually(lambda: cast.town.places(event)["free"] == 7, what="a place is kept")
    cast.attendee.go(cast.product.link(guest, INVITATION))
    cast.agrees()
    cast.sends()
    assert cast.invitation(guest).attendee == "Sara Ahmadi"
    assert cast.town.places(event)["free"] == 7


def test_a_message_to_those_who_were_chosen_arrives_after_the_minute_to_think(cast: Cast) -> None:
    event = cast.town.event()
    told, other = address(), address()
    for email, name in ((told, "Olena"), (other, "Lin Wei")):
        done(cast.town.sign_up(event, token=cast.town.organiser, email=email, name=name), 201)
    page = cast.organiser.go(f"/registration/manage/{event['slug']}/attendees")
    page.get_by_label("Tick Olena").check()
    page.locator("select[name='action']").select_option("message")
    cast.organiser.press("Go on")
    cast.organiser.fill(subject__en="Bring a coat", text__en="The hall is cold.")
    page.locator("main form.form button[type='submit']").first.click()
    assert cast.organiser.sees("Nothing has been done yet")

    def came() -> bool:
        return any(told in str(each["To"]) and "The hall is cold." in words(each) for each in cast.product.mails())

    assert not came()
    _let_a_minute_pass(cast.product)
    eventually(came, what="the message is in her mailbox", seconds=120)
    assert not any(other in str(each["To"]) and "The hall is cold." in words(each) for each in cast.product.mails())


def _let_a_minute_pass(product: Product) -> None:
    """For what waits until its organiser has had time to think."""
    url = product.environment["REGISTRATION_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE batch SET due_at = due_at - interval '1 minute'")

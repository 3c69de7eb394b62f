"""After the event: the organiser's list, corrections, exports."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
import requests

from services.registration.storage.tables import AuditEntry, CheckIn
from shared.http.identity import ACCESS_COOKIE
from shared.policy import Actor, Role
from tests.registration.check_in_door import an_event
from tests.registration.check_in_site import Site, open_site

NAMES = (Path(__file__).parents[2] / "data" / "names.txt").read_text(encoding="utf-8").splitlines()
FORMULAS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+49 151 1234",
    "-2+3",
    "@SUM(A1:A9)",
    "＝1+1",
    "＋1",
    "－1",
    "＠a",
    ' ="x"',
    "'=1+1",
    '=HYPERLINK("https://evil.example","Klick")',
]


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path) -> Iterator[Site]:
    with open_site(sqlite_url, tmp_path) as site:
        yield site


def visit(site: Site, path: str, *, actor: Actor | None = None, lang: str = "en") -> requests.Response:
    url = f"{site.origin}/registration/manage/{site.door.event.slug}/{path}"
    return browser(site, actor or site.door.organiser).get(url, params={"lang": lang}, timeout=10)


def browser(site: Site, actor: Actor) -> requests.Session:
    session = requests.Session()
    session.cookies.set(ACCESS_COOKIE, site.access(actor))
    return session


def correct(site: Site, registration_id: object, *, is_present: bool, actor: Actor | None = None) -> requests.Response:
    session = browser(site, actor or site.door.organiser)
    page = session.get(f"{site.origin}/registration/manage/{site.door.event.slug}/attendance", timeout=10)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    return session.post(
        f"{site.origin}/registration/manage/{site.door.event.slug}/attendance/{registration_id}",
        data={
            "csrf_token": token[1] if token else "",
            "session_id": str(site.door.event.sessions[0].id),
            "is_present": str(is_present).lower(),
        },
        timeout=10,
        allow_redirects=False,
    )


def test_the_list_says_who_came_and_who_did_not(site: Site) -> None:
    olena = site.door.attendee()
    site.door.attendee("Zoë Müller")
    site.door.attendee("Never Confirmed", status="pending")
    site.door.scan(olena.code, device="Tor 1")

    page = visit(site, "attendance")

    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))
    assert page.status_code == 200
    assert re.search(r"Олена Шевченко Came .*? Tor 1", text)
    assert "Zoë Müller Not here yet" in text
    assert "Never Confirmed" not in text
    assert page.headers["Cache-Control"] == "no-store"


def test_the_organiser_corrects_what_the_door_missed(site: Site) -> None:
    olena = site.door.attendee()

    came = correct(site, olena.id, is_present=True)
    correct(site, olena.id, is_present=True)
    assert len(site.door.rows(CheckIn)) == 1
    correct(site, olena.id, is_present=False)
    correct(site, olena.id, is_present=False)

    assert came.status_code == 303
    assert site.door.rows(CheckIn) == []
    assert sorted(each.action for each in site.door.rows(AuditEntry)) == ["mark_absent", "mark_present"]
    assert [(each.kind, each.reason) for each in site.door.log()] == [("entry", "by_hand"), ("undo", "")]
    assert [name.split(".")[1] for name, _ in site.door.told()] == ["attendee_checked_in", "check_in_undone"]


def test_marking_absent_takes_back_all_green_lights(site: Site) -> None:
    olena = site.door.attendee()
    site.door.scan(olena.code, now=site.door.event.sessions[0].ends_at)
    site.door.scan(
        olena.code, scanned_at=site.door.event.sessions[0].starts_at, now=site.door.event.sessions[0].ends_at
    )

    correct(site, olena.id, is_present=False)

    assert site.door.rows(CheckIn) == []


def test_somebody_on_the_waiting_list_is_not_marked_present(site: Site) -> None:
    waiting = site.door.attendee(status="waiting")

    answer = correct(site, waiting.id, is_present=True)

    assert answer.status_code == 409
    assert (site.door.log(), site.door.rows(CheckIn)) == ([], [])


def test_a_registration_of_another_event_is_not_corrected_here(site: Site) -> None:
    other = site.door.add_event(an_event(slug="other", organiser=site.door.event.organiser))
    stranger = site.door.attendee(event=other)

    assert correct(site, stranger.id, is_present=True).status_code == 404
    assert site.door.log() == []


@pytest.mark.parametrize("path", ["attendance", "attendance.csv", "attendance.xlsx", "attendance/print", "devices"])
def test_helpers_may_not_and_strangers_find_nothing(site: Site, path: str) -> None:
    site.door.attendee()
    stranger = Actor(id=site.door.helper.id, kind="account", organisations={site.door.event.id: Role.ADMIN})

    answers = [visit(site, path, actor=actor) for actor in (site.door.helper, stranger)]
    nobody = requests.get(
        f"{site.origin}/registration/manage/{site.door.event.slug}/{path}", timeout=10, allow_redirects=False
    )

    assert [each.status_code for each in answers] == [403, 404]
    assert nobody.status_code == 303
    assert not any("Олена" in each.text for each in answers)
    assert site.door.rows(AuditEntry) == []


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_every_name_is_exported_letter_for_letter(site: Site, form: str) -> None:
    for name in NAMES:
        site.door.scan(site.door.attendee(name).code)

    rows = read(visit(site, f"attendance.{form}").content, form)

    assert sorted(row[0] for row in rows[1:]) == sorted(NAMES)


@pytest.mark.parametrize("lang", ["en", "de", "ar"])
def test_the_export_holds_what_the_organiser_needs(site: Site, lang: str) -> None:
    olena = site.door.attendee(email="olena@example.org", consents=("privacy", "photo"))
    site.door.attendee("Zoë Müller", email="zoe@example.org", status="waiting", quota_ids=())
    site.door.scan(olena.code, now=site.door.event.sessions[0].starts_at)

    tables = [read(visit(site, f"attendance.{form}", lang=lang).content, form) for form in ("csv", "xlsx")]

    assert tables[0] == tables[1]
    head, zoe, her = tables[0][0], *sorted(tables[0][1:], key=lambda row: row[0])
    assert len(head) == 6
    assert (her[0], her[1], her[3], her[4]) == ("Олена Шевченко", "olena@example.org", "Plätze", "2026-12-03 14:00")
    assert (zoe[0], zoe[1], zoe[4]) == ("Zoë Müller", "zoe@example.org", "")
    if lang == "en":
        assert head == ["Name", "E-mail address", "Status", "Places", "Attended: 2026-12-03 14:00", "Consents"]
        assert (her[2], her[5], zoe[2]) == ("Confirmed", "Photos, Privacy note read", "Waiting")


def test_no_exported_cell_computes(site: Site) -> None:
    for name in FORMULAS:
        site.door.attendee(name)

    text = visit(site, "attendance.csv").content.decode("utf-8-sig")
    book = openpyxl.load_workbook(io.BytesIO(visit(site, "attendance.xlsx").content))

    rows = list(csv.reader(io.StringIO(text)))
    assert sorted(row[0] for row in rows[1:]) == sorted(f"'{name}" for name in FORMULAS)
    assert all(line.startswith('"') for line in text.splitlines())
    cells = [cell for row in book.active.iter_rows(min_row=2) for cell in row if cell.value is not None]
    assert sorted(cell.value for cell in cells if cell.column == 1) == sorted(FORMULAS)
    assert {(cell.data_type, cell.hyperlink) for cell in cells} == {("s", None)}


def test_an_export_is_a_file_with_a_harmless_name_and_is_written_down(site: Site) -> None:
    answer = visit(site, "attendance.csv")

    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="attendance-betriebserkundung-metallbau-2026-12-03.csv"'
    )
    assert answer.content.startswith(b"\xef\xbb\xbf")
    (entry,) = site.door.rows(AuditEntry)
    assert (entry.action, entry.object_id, entry.facts) == ("export_attendance", site.door.event.id, {"form": "csv"})


def test_the_list_for_signature_names_people_and_no_address(site: Site) -> None:
    site.door.attendee(email="olena@example.org")

    page = visit(site, "attendance/print")

    assert "Олена Шевченко" in page.text
    assert "olena@example.org" not in page.text


def read(content: bytes, form: str) -> list[list[str]]:
    if form == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    return [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]

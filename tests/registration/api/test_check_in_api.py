"""The door as programs see it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import requests
from joserfc import jwt

from services.registration.storage import revoked_tokens
from services.registration.storage.tables import AuditEntry, CheckIn, Scan
from shared import clock
from shared.http.identity import ALGORITHM
from shared.policy import Role
from tests.registration import check_in_door
from tests.registration.check_in_door import an_event
from tests.registration.check_in_site import Site, open_site

CHECK_INS = "/registration/api/v1/check-ins"
NAMES = (Path(__file__).parents[2] / "data" / "names.txt").read_text(encoding="utf-8").splitlines()


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path) -> Iterator[Site]:
    with open_site(sqlite_url, tmp_path) as site:
        yield site


def scan(site: Site, ticket: str, **wish: object) -> requests.Response:
    role = wish.pop("role", Role.HELPER)
    organisation = wish.pop("organisation", None)
    wish.setdefault("scan_id", str(uuid4()))
    return site.ask("POST", CHECK_INS, role=role, organisation=organisation, json={"ticket": ticket, **wish})


def test_a_helper_scans_a_ticket_and_is_told_the_name_and_the_counts(site: Site) -> None:
    olena, scan_id = site.door.attendee(), str(uuid4())
    site.door.attendee("Ng")

    answer = scan(site, olena.code, scan_id=scan_id, device="Tor 1")

    session_id = str(site.door.event.sessions[0].id)
    assert answer.status_code == 201
    told = answer.json()
    assert told.pop("scanned_at")
    assert told == {
        "scan_id": scan_id,
        "event_id": str(site.door.event.id),
        "session_id": session_id,
        "name": "Олена Шевченко",
        "device": "Tor 1",
        "counts": [{"session_id": session_id, "checked_in": 1, "expected": 2}],
    }


def test_the_second_scan_is_a_problem_that_says_when_and_where_the_first_was(site: Site) -> None:
    olena = site.door.attendee()
    first = scan(site, olena.code, device="Tor 1").json()

    answer = scan(site, olena.code, device="Tor 2")

    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert (told["type"], told["name"], told["device"]) == (
        "urn:werktor:problem:already-checked-in",
        "Олена Шевченко",
        "Tor 1",
    )
    assert told["scanned_at"] == first["scanned_at"]
    assert [each.verdict for each in site.door.rows(Scan)].count("duplicate") == 1


@pytest.mark.parametrize(
    ("status", "code", "name"),
    [
        ("pending", 409, "not-confirmed"),
        ("waiting", 409, "not-confirmed"),
        ("cancelled", 409, "registration-is-cancelled"),
        ("expired", 409, "registration-is-cancelled"),
    ],
)
def test_a_refusal_is_told_and_logged(site: Site, status: str, code: int, name: str) -> None:
    attendee = site.door.attendee(status=status)

    answer = scan(site, attendee.code)

    told = answer.json()
    assert (answer.status_code, told["type"], told["state"]) == (code, f"urn:werktor:problem:{name}", status)
    assert [each.reason for each in site.door.rows(Scan)] == [name]
    assert site.door.rows(CheckIn) == []


def test_an_unknown_ticket_is_404_and_logged(site: Site) -> None:
    answer = scan(site, "0" * 26, event_id=str(site.door.event.id))

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:werktor:problem:unknown-ticket")
    assert [each.reason for each in site.door.rows(Scan)] == ["unknown-ticket"]


def test_a_ticket_of_another_event_says_nothing_about_its_holder(site: Site) -> None:
    other = site.door.add_event(an_event(slug="other", organiser=site.door.event.organiser))
    stranger = site.door.attendee("Arash Kiani", event=other)

    answer = scan(site, stranger.code, event_id=str(site.door.event.id))

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:werktor:problem:ticket-of-another-event")
    assert "Arash" not in answer.text


def test_the_same_scan_again_gives_the_same_answer(site: Site) -> None:
    olena, scan_id = site.door.attendee(), str(uuid4())

    answers = [scan(site, olena.code, scan_id=scan_id, device="Tor 1") for _ in range(3)]

    assert [each.status_code for each in answers] == [201, 201, 201]
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert len(site.door.rows(Scan)) == 1


def test_the_same_scan_id_with_another_ticket_is_a_conflict(site: Site) -> None:
    olena, scan_id = site.door.attendee(), str(uuid4())
    other = site.door.attendee("Ng")
    scan(site, olena.code, scan_id=scan_id)

    answer = scan(site, other.code, scan_id=scan_id)

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:werktor:problem:scan-id-is-taken")
    assert len(site.door.rows(CheckIn)) == 1


def test_a_scan_that_waited_keeps_its_own_time(site: Site) -> None:
    olena, made = site.door.attendee(), clock.now() - timedelta(minutes=5)
    scan(site, olena.code, device="Tor 2")

    answer = scan(site, olena.code, device="Tor 1", scanned_at=made.isoformat())

    assert answer.status_code == 201
    assert [(each.device, each.scanned_at) for each in site.door.rows(CheckIn)] == [("Tor 1", made)]


@pytest.mark.parametrize(
    "fault",
    [
        {"scan_id": "1"},
        {"scan_id": None},
        {"ticket": ""},
        {"ticket": 7},
        {"ticket": "x" * 501},
        {"device": "x" * 101},
        {"scanned_at": "yesterday"},
        {"scanned_at": "2026-12-03T14:00:00"},
        {"session_id": "no"},
        {"status": "admitted"},
    ],
)
def test_what_is_no_scan_is_refused_field_by_field(site: Site, fault: dict[str, object]) -> None:
    answer = scan(site, **{"ticket": "0" * 26, **fault})  # type: ignore[arg-type]

    assert (answer.status_code, list(answer.json()["errors"])) == (422, list(fault))
    assert site.door.rows(Scan) == []


def test_an_undo_lets_the_next_scan_in_again(site: Site) -> None:
    olena = site.door.attendee()
    first = scan(site, olena.code).json()

    undone = [site.ask("DELETE", f"{CHECK_INS}/{first['scan_id']}") for _ in range(2)]
    again = scan(site, olena.code)

    assert [each.status_code for each in undone] == [204, 204]
    assert again.status_code == 201
    assert [each.action for each in site.door.rows(AuditEntry)] == ["undo_check_in"]


def test_an_undo_of_a_refused_or_unknown_scan_changes_nothing(site: Site) -> None:
    olena, red = site.door.attendee(), str(uuid4())
    scan(site, olena.code)
    scan(site, olena.code, scan_id=red)

    refused, unknown = site.ask("DELETE", f"{CHECK_INS}/{red}"), site.ask("DELETE", f"{CHECK_INS}/{uuid4()}")

    assert (refused.status_code, unknown.status_code) == (409, 404)
    assert len(site.door.rows(CheckIn)) == 1


def test_another_organisation_finds_nothing(site: Site) -> None:
    olena, event = site.door.attendee(), site.door.event.id
    scan_id = scan(site, olena.code).json()["scan_id"]
    stranger = uuid4()

    answers = [
        scan(site, olena.code, organisation=stranger, role=Role.ADMIN),
        scan(site, olena.code, organisation=stranger, role=Role.ADMIN, event_id=str(event)),
        site.ask("DELETE", f"{CHECK_INS}/{scan_id}", role=Role.ADMIN, organisation=stranger),
        site.ask("GET", f"/registration/api/v1/events/{event}/attendance", role=Role.ADMIN, organisation=stranger),
        site.ask(
            "GET", f"/registration/api/v1/events/{event}/check-ins/summary", role=Role.ADMIN, organisation=stranger
        ),
    ]

    assert [each.status_code for each in answers] == [404] * 5
    assert not any("Олена" in each.text for each in answers)
    assert len(site.door.rows(CheckIn)) == 1


def test_nobody_scans_without_a_name(site: Site) -> None:
    olena = site.door.attendee()

    answer = requests.post(site.origin + CHECK_INS, json={"ticket": olena.code, "scan_id": str(uuid4())}, timeout=10)

    assert answer.status_code == 401
    assert site.door.rows(Scan) == []


def test_helpers_get_the_counts_and_organisers_the_list(site: Site) -> None:
    olena = site.door.attendee(email="olena@example.org")
    absent = site.door.attendee("Zoë Müller")
    site.door.attendee("Waiting", status="waiting")
    scan_id = scan(site, olena.code, device="Tor 1").json()["scan_id"]
    path = f"/registration/api/v1/events/{site.door.event.id}/attendance"

    helper, organiser = site.ask("GET", path).json(), site.ask("GET", path, role=Role.ORGANISER).json()

    (counts,), (listed,) = helper["sessions"], organiser["sessions"]
    assert (counts["checked_in"], counts["expected"], "attendees" in counts) == (1, 2, False)
    assert [(each["registration_id"], each["is_present"], each["scan_id"]) for each in listed["attendees"]] == [
        (str(absent.id), False, None),
        (str(olena.id), True, scan_id),
    ]
    assert (listed["attendees"][1]["email"], listed["attendees"][1]["device"]) == ("olena@example.org", "Tor 1")


def test_the_summary_counts_each_session_and_names_the_running_one(sqlite_url: str, tmp_path: Path) -> None:
    now = clock.now() - check_in_door.START
    minutes = int(now.total_seconds() // 60)
    running, later = check_in_door.a_session(minutes - 10), check_in_door.a_session(minutes + 600)
    quotas = (check_in_door.a_quota(), check_in_door.a_quota(session_id=later.id))
    with open_site(sqlite_url, tmp_path, event=an_event(sessions=(running, later), quotas=quotas)) as site:
        site.door.attendee()
        only_later = site.door.attendee("Ng", quota_ids=(quotas[1].id,))
        scan(site, only_later.code)

        told = site.ask("GET", f"/registration/api/v1/events/{site.door.event.id}/check-ins/summary").json()

    assert told["current_session_id"] == str(running.id)
    assert told["sessions"] == [
        {"session_id": str(running.id), "checked_in": 0, "expected": 1},
        {"session_id": str(later.id), "checked_in": 1, "expected": 2},
    ]


def test_every_name_comes_back_letter_for_letter(site: Site) -> None:
    answers = [scan(site, site.door.attendee(name).code).json()["name"] for name in NAMES]

    assert answers == NAMES


@pytest.mark.parametrize("way", ["sqlite_url", "postgres_url"])
def test_a_token_that_was_taken_back_opens_no_door(way: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with open_site(request.getfixturevalue(way), tmp_path) as site:
        olena, amal = site.door.attendee(), site.door.attendee("Amal")
        token = site.token(Role.HELPER)
        headers = {"Authorization": f"Bearer {token}"}

        def scanned(ticket: str) -> int:
            wish = {"scan_id": str(uuid4()), "ticket": ticket, "event_id": str(site.door.event.id)}
            return requests.post(site.origin + CHECK_INS, json=wish, headers=headers, timeout=20).status_code

        assert scanned(olena.code) == 201
        with site.door.sessions.begin() as session:
            claims = jwt.decode(token, site.key, algorithms=[ALGORITHM]).claims
            revoked_tokens.add(session, UUID(claims["jti"]), now=clock.now())

        assert [scanned(each) for each in (amal.code, olena.code, "nonsense")] == [401] * 3
        assert len(site.door.rows(CheckIn)) == len(site.door.rows(Scan)) == 1

"""A helper's phone: paired once, for one event, until it is taken back."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import requests
import time_machine

from services.registration.storage.tables import AuditEntry, Device
from shared.http.identity import ACCESS_COOKIE
from shared.policy import Actor
from tests.registration.check_in_door import START, an_event
from tests.registration.check_in_site import Site, open_site

API = "/registration/api/v1"


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path) -> Iterator[Site]:
    with open_site(sqlite_url, tmp_path) as site:
        yield site


@pytest.fixture
def organiser(site: Site) -> requests.Session:
    session = requests.Session()
    session.cookies.set(ACCESS_COOKIE, site.access(site.door.organiser))
    return session


def post(session: requests.Session, url: str, page: str = "", **form: str) -> requests.Response:
    token = re.search(r'name="csrf_token" value="([^"]+)"', session.get(page or url, timeout=10).text)
    return session.post(url, data={"csrf_token": token[1] if token else "", **form}, timeout=10, allow_redirects=False)


def pairing_link(site: Site, organiser: requests.Session, name: str = "Tor 1") -> str:
    url = f"{site.origin}/registration/manage/{site.door.event.slug}/devices"
    post(organiser, url, name=name)
    link = re.search(rf"{site.origin}/registration/check-in/pair/\w+", organiser.get(url, timeout=10).text)
    assert link
    return link[0]


def paired(site: Site, organiser: requests.Session) -> requests.Session:
    phone = requests.Session()
    assert post(phone, pairing_link(site, organiser)).status_code == 303
    return phone


def scan(site: Site, phone: requests.Session, ticket: str, **wish: str) -> requests.Response:
    page = phone.get(site.origin + site.path, timeout=10)
    token = re.search(r'data-csrf="([^"]+)"', page.text)
    return phone.post(
        f"{site.origin}{API}/check-ins",
        json={"ticket": ticket, "scan_id": str(uuid4()), **wish},
        headers={"X-CSRF-Token": token[1] if token else ""},
        timeout=10,
    )


def test_a_paired_phone_scans_and_is_named_after_its_door(site: Site, organiser: requests.Session) -> None:
    olena, phone = site.door.attendee(), paired(site, organiser)

    page, answer = phone.get(site.origin + site.path, timeout=10), scan(site, phone, olena.code)

    assert 'value="Tor 1"' in page.text
    assert (answer.status_code, answer.json()["name"]) == (201, "Олена Шевченко")


def test_looking_at_the_link_does_not_use_it_up(site: Site, organiser: requests.Session) -> None:
    link = pairing_link(site, organiser)

    looks = [requests.get(link, timeout=10).status_code for _ in range(3)]

    assert looks == [200, 200, 200]
    assert post(requests.Session(), link).status_code == 303


def test_a_link_pairs_one_phone(site: Site, organiser: requests.Session) -> None:
    link = pairing_link(site, organiser)
    second = requests.Session()
    token = re.search(r'name="csrf_token" value="([^"]+)"', second.get(link, timeout=10).text)
    post(requests.Session(), link)

    late = second.post(link, data={"csrf_token": token[1] if token else "", "name": ""}, timeout=10)

    assert (late.status_code, requests.get(link, timeout=10).status_code) == (410, 410)
    assert "registration_device" not in second.cookies


def test_two_phones_at_once_on_one_link_are_one_phone(site: Site, organiser: requests.Session) -> None:
    link, phones, start = pairing_link(site, organiser), [requests.Session() for _ in range(4)], threading.Barrier(4)
    tokens = [re.search(r'name="csrf_token" value="([^"]+)"', each.get(link, timeout=10).text) for each in phones]
    statuses: list[int] = []

    def pair(number: int) -> None:
        start.wait()
        token = tokens[number]
        form = {"csrf_token": token[1] if token else "", "name": ""}
        statuses.append(phones[number].post(link, data=form, timeout=20, allow_redirects=False).status_code)

    threads = [threading.Thread(target=pair, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [303, 410, 410, 410]


def test_a_link_is_good_for_a_day(site: Site, organiser: requests.Session) -> None:
    link = pairing_link(site, organiser)
    (device,) = site.door.rows(Device)

    with time_machine.travel(device.created_at + timedelta(hours=24, minutes=1)):
        assert requests.get(link, timeout=10).status_code == 410


def test_a_paired_phone_does_nothing_but_the_door_of_its_event(site: Site, organiser: requests.Session) -> None:
    other = site.door.add_event(an_event(slug="other", organiser=site.door.event.organiser))
    stranger, phone = site.door.attendee("Arash", event=other), paired(site, organiser)
    event, slug = site.door.event.id, site.door.event.slug

    foreign = scan(site, phone, stranger.code)
    statuses = {
        path: phone.get(site.origin + path, timeout=10, allow_redirects=False).status_code
        for path in (
            "/registration/check-in/other",
            f"{API}/events/{other.id}/attendance",
            f"{API}/events/{other.id}/check-ins/summary",
            f"{API}/events/{event}/check-ins/summary",
            f"{API}/events/{event}/registrations",
            f"/registration/manage/{slug}/attendance",
            f"/registration/manage/{slug}/attendance.csv",
            f"/registration/manage/{slug}/devices",
            f"/registration/manage/{slug}/",
        )
    }

    assert (foreign.status_code, "Arash" in foreign.text) == (409, False)
    assert scan(site, phone, stranger.code, event_id=str(other.id)).status_code == 404
    assert list(statuses.values()) == [404, 404, 404, 200, 403, 403, 403, 403, 403]
    attendance = phone.get(f"{site.origin}{API}/events/{event}/attendance", timeout=10).json()
    assert "attendees" not in attendance["sessions"][0]


def test_a_phone_that_was_taken_back_scans_no_more(site: Site, organiser: requests.Session) -> None:
    olena, phone = site.door.attendee(), paired(site, organiser)
    (device,) = site.door.rows(Device)
    page = f"{site.origin}/registration/manage/{site.door.event.slug}/devices"

    revoked = post(organiser, f"{page}/{device.id}/revoke", page)
    answer = scan(site, phone, olena.code)

    assert (revoked.status_code, answer.status_code in {400, 401}) == (303, True)
    assert site.door.log() == []
    assert [each.action for each in site.door.rows(AuditEntry)] == ["offer_pairing", "revoke_device"]


def test_a_pairing_ends_a_day_after_the_event(site: Site, organiser: requests.Session) -> None:
    phone = paired(site, organiser)
    statuses = []

    for after in (timedelta(hours=25), timedelta(hours=27)):
        with time_machine.travel(START + after, tick=True):
            answer = phone.get(site.origin + site.path, timeout=10, allow_redirects=False)
            statuses.append(answer.status_code)

    assert statuses == [200, 303]


def test_the_database_holds_no_secret_of_a_phone(site: Site, organiser: requests.Session) -> None:
    link, phone = pairing_link(site, organiser), requests.Session()
    post(phone, link)

    (device,) = site.door.rows(Device)

    assert (device.pairing_hash, len(device.token_hash)) == (None, 64)
    assert phone.cookies["registration_device"] not in str(vars(device))


def test_somebody_signed_in_for_something_else_still_scans_with_a_paired_phone(
    site: Site, organiser: requests.Session
) -> None:
    olena, phone = site.door.attendee(), paired(site, organiser)
    phone.cookies.set(ACCESS_COOKIE, site.access(Actor(id=uuid4(), kind="account", companies=frozenset({uuid4()}))))

    assert scan(site, phone, olena.code).status_code == 201

"""Pages that are kept: never older than what they show, never somebody else's."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from services.events.storage.tables import Availability, Company, Event, Organisation
from services.events.use_cases.cancel_event import cancel_event
from services.events.web.kept_pages import Drawn, KeptPages, Page
from services.events.web.public_pages import kept_pages
from shared import clock
from tests.events.builders import BASE_URL
from tests.events.doors import Counted, House, post
from tests.events.web.test_catalogue_pages import an_event, coming

CATALOGUE = "/events/"


def text(house: House, path: str = CATALOGUE, language: str = "en") -> str:
    return str(house.visitor(language).get(path).text)


def statements(house: House, path: str = CATALOGUE) -> int:
    with Counted(house.engine) as counted:
        assert house.visitor().get(path).status_code == 200
    return len(counted)


@pytest.mark.parametrize("path", [CATALOGUE, "/events/?free=true", "/events/{slug}"])
def test_a_page_is_drawn_once_and_asked_for_in_one_statement(house: House, path: str) -> None:
    path = path.format(slug=an_event(house).slug)

    first, again = statements(house, path), statements(house, path)

    assert (first > 1, again) == (True, 1)


def test_while_it_is_trusted_the_database_is_not_asked(house: House) -> None:
    an_event(house)
    kept_pages(house.app).trusted = 60
    text(house)

    assert statements(house) == 0


def renamed_company(house: House, event: Event) -> None:
    with house.sessions.begin() as session:
        company = session.query(Company).one()
        company.name = "Neuwerk"


def renamed_organisation(house: House, event: Event) -> None:
    with house.sessions.begin() as session:
        session.query(Organisation).one().name = "Neue Brücke"


def taken_places(house: House, event: Event) -> None:
    with house.sessions.begin() as session:
        facts = {"quota_id": event.quotas[0].id, "event_id": event.id, "version": 1}
        session.merge(Availability(capacity=10, free=3, waiting=0, **facts))


def called_off(house: House, event: Event) -> None:
    with house.sessions.begin() as session:
        row = session.get_one(Event, event.id)
        cancel_event(row, reason={}, base_url=BASE_URL, session=session, now=clock.now())


CHANGES: list[tuple[Callable[[House, Event], None], str, str]] = [
    (renamed_company, CATALOGUE, "Neuwerk"),
    (taken_places, CATALOGUE, ">3</strong>"),
    (called_off, CATALOGUE, "Cancelled"),
    (lambda house, _: an_event(house, title={"de": "Ganz neu"}) and None, CATALOGUE, "Ganz neu"),
    (renamed_company, "/events/{slug}", "Neuwerk"),
    (renamed_organisation, "/events/{slug}", "Neue Brücke"),
    (taken_places, "/events/{slug}", ">3</strong>"),
    (called_off, "/events/{slug}", "has been cancelled"),
]


@pytest.mark.parametrize(("change", "path", "said"), CHANGES)
def test_a_change_is_seen_at_once(house: House, change: Callable[[House, Event], None], path: str, said: str) -> None:
    event = an_event(house)
    with house.sessions.begin() as session:
        company = Company(name="Altwerk", created_at=clock.now())
        session.add(company)
        session.get_one(Event, event.id).company = company
    path = path.format(slug=event.slug)
    before = house.visitor().get(path)

    change(house, event)

    after = house.visitor().get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert (said in before.text, said in after.text) == (False, True)


def test_an_event_that_has_places_again_comes_back_into_the_list(house: House) -> None:
    event, path = an_event(house), "/events/?free=true"
    facts = {"quota_id": event.quotas[0].id, "event_id": event.id, "capacity": 10}
    with house.sessions.begin() as session:
        session.add(Availability(version=1, free=0, waiting=1, **facts))
    assert "Goldschmiede" not in text(house, path)

    with house.sessions.begin() as session:
        session.merge(Availability(version=2, free=1, waiting=0, **facts))

    assert "Goldschmiede" in text(house, path)


def test_who_writes_through_this_process_sees_it_though_pages_are_trusted(house: House) -> None:
    event = an_event(house)
    kept_pages(house.app).trusted = 60
    text(house)
    organiser = house.signed_in()

    answer = post(organiser, f"/events/manage/events/{event.id}/cancel", {"reason.de": "Krank"})

    assert answer.status_code == 303
    assert "Cancelled" in text(house)


def test_what_is_over_goes_by_itself(house: House) -> None:
    an_event(house)
    an_event(house, title={"de": "Später"}, sessions=(coming(9),))
    assert "2 events" in text(house)

    with time_machine.travel(clock.now() + timedelta(days=8), tick=False):
        assert "1 event<" in text(house)
    assert "2 events" in text(house)


def test_a_sign_up_that_opens_is_offered(house: House) -> None:
    event = an_event(house, sign_up_opens_at=clock.now() + timedelta(days=1))
    path = f"/events/{event.slug}"
    assert "/sign-up" not in text(house, path)

    with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        assert "/sign-up" in text(house, path)


def test_everybody_reads_her_own_language(house: House) -> None:
    an_event(house)
    kept_pages(house.app).trusted = 60
    german, english, arabic = (text(house, language=each) for each in ("de", "en", "ar"))

    assert ('lang="de"' in german, 'lang="en"' in english, 'dir="rtl"' in arabic) == (True, True, True)
    assert [text(house, language=each) for each in ("de", "en", "ar")] == [german, english, arabic]


def test_a_chosen_language_is_remembered_by_the_browser_that_chose(house: House) -> None:
    an_event(house)
    kept_pages(house.app).trusted = 60
    browser = house.visitor("en")

    for _ in range(2):  # drawn, and kept
        chosen = house.visitor("en").get("/events/?l%61ng=de")
        assert chosen.headers["Set-Cookie"].startswith("lang=de")
        assert chosen.headers["Cache-Control"] == "private, no-cache"
    browser.get("/events/?lang=de")

    assert 'lang="de"' in browser.get(CATALOGUE).text
    assert 'lang="en"' in text(house)


def test_what_proxies_are_told(house: House) -> None:
    event = an_event(house)
    kept_pages(house.app).trusted = 60

    for path in (CATALOGUE, f"/events/{event.slug}"):
        for _ in range(2):
            answer = house.visitor().get(path)
            assert answer.headers["Cache-Control"] == "public, no-cache"
            assert set(answer.vary) == {"Accept-Language", "Cookie"}
            assert answer.headers["Content-Language"] == "en"
            assert "Set-Cookie" not in answer.headers
            assert "csrf" not in answer.text


def test_a_page_of_somebody_who_is_signed_in_is_hers_alone(house: House) -> None:
    event = an_event(house)
    kept_pages(house.app).trusted = 60
    organiser = house.signed_in(name="Mina Öz")

    for path in (CATALOGUE, f"/events/{event.slug}"):
        stranger = text(house, path)
        own = organiser.get(path)
        assert ("Mina Öz" in own.text, own.headers["Cache-Control"]) == (True, "no-store")
        assert text(house, path) == stranger
        assert "Mina Öz" not in stranger
        assert "Mina Öz" in organiser.get(path).text


def test_a_notice_is_shown_to_whom_it_is_meant(house: House) -> None:
    an_event(house)
    kept_pages(house.app).trusted = 60
    text(house)
    browser = house.visitor()
    with browser.session_transaction() as session:
        session["_flashes"] = [("success", "Nur für dich")]

    own = browser.get(CATALOGUE)

    assert "Nur für dich" in own.text
    assert own.headers["Cache-Control"] == "private, no-cache"
    assert "Nur für dich" not in text(house)
    assert "Nur für dich" not in browser.get(CATALOGUE).text


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize(
    ("told", "status"),
    [("{tag}", 304), ("W/{tag}", 304), ('"x", W/{tag}', 304), ("*", 304), ('"x"', 200), ('W/"x"', 200), ("", 200)],
)
def test_a_page_that_is_known_is_not_sent(house: House, method: str, told: str, status: int) -> None:
    an_event(house)
    kept_pages(house.app).trusted = 60
    tag = house.visitor().get(CATALOGUE).headers["ETag"]

    answer: Any = getattr(house.visitor(), method)(CATALOGUE, headers={"If-None-Match": told.format(tag=tag)})

    assert answer.status_code == status
    assert answer.headers["ETag"] == tag
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert set(answer.vary) == {"Accept-Language", "Cookie"}
    assert bool(answer.data) == (status == 200 and method == "get")
    assert ("Content-Type" in answer.headers) == (status == 200)


def test_a_page_of_faults_is_not_kept(house: House) -> None:
    an_event(house)

    assert [house.visitor().get("/events/?from=gestern").status_code for _ in range(2)] == [422, 422]
    assert len(kept_pages(house.app)) == 0


def a_page(letters: int) -> Page:
    return Page(Drawn(html="x" * letters, version=1), drawn_at=clock.now(), asked=0)


def test_memory_is_bounded_in_bytes_and_the_unread_goes_first() -> None:
    kept = KeptPages(most_bytes=1000)
    for number in range(10):
        kept.keep(number, a_page(100))
    assert kept.find(0) is not None

    kept.keep("new", a_page(250))

    assert (kept.size, len(kept)) == (950, 8)
    assert [number for number in range(10) if kept.find(number) is None] == [1, 2, 3]


def test_memory_is_bounded_in_number_and_takes_no_giants() -> None:
    kept = KeptPages(most_pages=3, most_bytes=1000)
    for number in range(5):
        kept.keep(number, a_page(1))
    kept.keep(4, a_page(251))

    assert (len(kept), kept.size, kept.find(4)) == (2, 2, None)


def passed_through(house: House, path: str = CATALOGUE, **headers: str) -> bool:
    """Whether the application itself had to answer."""
    calls: list[str] = []
    house.app.before_request_funcs[None].append(lambda: calls.append(path))
    try:
        browser = house.app.test_client(use_cookies=False)  # it would put its own in the place of ours
        base = {"HTTP_HOST": "127.0.0.1:8000", "HTTP_ACCEPT_LANGUAGE": "en"}
        answer = browser.get(path, headers=headers, environ_base=base)
    finally:
        house.app.before_request_funcs[None].pop()
    assert answer.status_code in {200, 304}
    return bool(calls)


def test_who_asks_in_the_same_words_gets_the_same_answer_at_once(house: House) -> None:
    an_event(house)
    kept_pages(house.app).trusted = 60
    first = house.visitor().get(CATALOGUE)

    again = house.visitor().get(CATALOGUE)

    assert not passed_through(house)
    assert again.data == first.data
    ids = [dict(each.headers).pop("X-Request-Id") for each in (first, again)]
    assert ids[0] != ids[1]
    told = [{name: text for name, text in each.headers if name != "X-Request-Id"} for each in (first, again)]
    assert told[0] == told[1]


def test_who_knows_the_page_is_told_so_at_once(house: House) -> None:
    an_event(house)
    kept_pages(house.app).trusted = 60
    tag = house.visitor().get(CATALOGUE).headers["ETag"]
    first = house.visitor().get(CATALOGUE, headers={"If-None-Match": tag})

    again = house.visitor().get(CATALOGUE, headers={"If-None-Match": tag})

    assert not passed_through(house, **{"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert {name for name, _ in first.headers} == {name for name, _ in again.headers}
    assert house.visitor().get(CATALOGUE, headers={"If-None-Match": '"x"'}).status_code == 200
    assert house.visitor().get(CATALOGUE, headers={"If-None-Match": f"W/{tag}"}).status_code == 304


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept-Language": "de"},
        {"Host": "localhost:8000"},
        {"Cookie": "events_session=x"},
        {"Cookie": "lang=de; sid=x"},
        {"Authorization": "Bearer x"},
        {"Range": "bytes=0-1"},
        {"If-None-Match": '"x"'},
        {"If-None-Match": "*"},
    ],
)
def test_other_words_go_the_usual_way(house: House, headers: dict[str, str]) -> None:
    an_event(house)
    kept_pages(house.app).trusted = 60
    text(house)
    assert not passed_through(house)

    assert passed_through(house, **headers)


def test_a_foreign_host_is_refused_as_before(house: House) -> None:
    an_event(house)
    kept_pages(house.app).trusted = 60
    text(house)

    assert house.visitor().get(CATALOGUE, headers={"Host": "evil.example"}).status_code == 400


def test_the_head_of_a_kept_page_has_no_body(house: House) -> None:
    an_event(house)
    kept_pages(house.app).trusted = 60
    whole = house.visitor().get(CATALOGUE)

    for _ in range(3):
        head = house.visitor().head(CATALOGUE)
        assert (head.data, head.headers["Content-Length"]) == (b"", whole.headers["Content-Length"])


def test_an_answer_does_not_outlive_its_page(house: House) -> None:
    event = an_event(house)
    kept = kept_pages(house.app)
    kept.trusted = 60
    before = text(house)
    called_off(house, event)
    assert text(house) == before

    kept.doubt()

    assert "Cancelled" in text(house)
    assert "Cancelled" in text(house)

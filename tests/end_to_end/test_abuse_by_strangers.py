"""What somebody without any right tries, from outside and over HTTP."""

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from tests.end_to_end.product import eventually, text_of
from tests.end_to_end.town import Answer, Town, address, done

NOBODY = "00000000-0000-4000-8000-000000000000"
CODE = "0123456789ABCDEFGHJKMNPQRS"
pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]


def test_somebody_elses_registration_is_as_unknown_as_one_that_does_not_exist(town: Town) -> None:
    """Case 1: reading and cancelling by id."""
    registered = town.attendee(town.event())
    path = "/registration/api/v1/registrations/"

    for asker in (town.rival, ""):
        for method in ("GET", "DELETE"):
            foreign = town.call(method, path + registered["id"], token=asker)
            unknown = town.call(method, path + NOBODY, token=asker)
            assert foreign.status_code == unknown.status_code == (404 if asker else 401)
            assert _without_request(foreign) == _without_request(unknown)

    assert done(town.call("GET", path + registered["id"], token=town.organiser), 200) == registered


def test_a_foreign_event_and_its_lists_are_as_unknown_as_ones_that_do_not_exist(town: Town) -> None:
    """Case 1: events, lists, exports, mails of another organisation."""
    event, draft = town.event(), town.event(is_published=False)
    town.attendee(event)
    reads = ["/registration/api/v1/events/{}/registrations", "/registration/api/v1/events/{}/attendance"]
    reads += ["/registration/api/v1/events/{}/check-ins/summary"]

    for path in reads:
        answers = [town.call("GET", path.format(each), token=town.rival) for each in (event["id"], NOBODY)]
        assert [each.status_code for each in answers] == [404, 404]
        assert _without_request(answers[0]) == _without_request(answers[1])
    hidden = [town.call("GET", f"/events/api/v1/events/{each}", token=town.rival) for each in (draft["id"], NOBODY)]
    assert _without_request(hidden[0]) == _without_request(hidden[1])
    assert hidden[0].status_code == 404
    assert done(town.call("GET", "/notifications/api/v1/mails", token=town.rival), 200)["items"] == []


def test_no_number_in_sequence_shows_in_addresses_and_answers(town: Town) -> None:
    """Case 1: ids cannot be counted up."""
    event = town.event()
    first, second = town.attendee(event), town.attendee(event)

    for one, other in ((first["id"], second["id"]), (event["id"], town.event()["id"])):
        assert one[14] == other[14] == "4"  # a random UUID
        assert one[:8] != other[:8]
    assert town.call("GET", "/registration/api/v1/registrations/1", token=town.organiser).status_code == 404


def test_pages_behind_a_token_are_there_for_nobody_who_guesses(town: Town) -> None:
    """Case 1: her own page, the ticket, the confirmation, the pairing of phones, offers of companies."""
    visitor = town.visitor()
    guesses = ["a" * 26, "a" * 43, NOBODY, "1", "%2e%2e", "*", "' or 1=1--"]

    for page in ("/registration/my/{}", "/registration/my/{}/ticket", "/registration/confirm/{}"):
        assert {visitor.get(page.format(each)).status_code for each in guesses} == {404}
    assert visitor.get(f"/registration/check-in/pair/{'a' * 26}").status_code in {404, 410}
    assert visitor.get(f"/events/account/link/{'a' * 43}").status_code == 410
    foreign = visitor.get(f"/events/company/offers/{NOBODY}")
    assert foreign.status_code == 303
    assert foreign.headers["Location"].startswith("/events/account/sign-in?")


def test_signing_in_tells_nobody_whether_an_address_is_known(town: Town) -> None:
    """Case 2: same status, same page, same time; only the owner's mailbox differs."""
    known, unknown = town.member(), address()

    def ask(email: str) -> Answer:
        return town.visitor().fill("/events/account/sign-in", {"email": email, "next": ""})

    answers = {each: ask(each) for each in (known, unknown)}
    assert {each.status_code for each in answers.values()} == {200}
    pages = [_plain(answer, email) for email, answer in answers.items()]
    assert pages[0] == pages[1]
    _ensure_alike(lambda: ask(known), lambda: ask(unknown))
    town.product.mail(known)
    assert not [each for each in town.product.mails() if unknown in str(each["To"])]


def test_signing_up_by_json_tells_nobody_whether_an_address_is_known(town: Town) -> None:
    """Case 2: the answer is one's like another's; the owner gets the mail that says so."""
    event, known = town.event(capacity=50), address()
    done(town.sign_up(event, email=known), 201)
    taken = len(town.registrations(event))

    again = town.sign_up(event, email=known.upper().replace("EXAMPLE.ORG", "example.org"))
    fresh = town.sign_up(event, email=address())

    assert again.status_code == fresh.status_code == 201
    assert again.json().keys() == fresh.json().keys()
    assert {**again.json(), **_unique(fresh)} == fresh.json()
    assert len(town.registrations(event)) == taken + 1
    eventually(
        lambda: len([each for each in town.product.mails() if known in str(each["To"]).lower()]) >= 2,
        what="a second mail to the owner",
    )


def test_signing_up_by_form_tells_nobody_whether_an_address_is_known(town: Town) -> None:
    """Case 2: the same page after it, in the same time."""
    event, known = town.event(capacity=100), address()

    def send(email: str) -> Answer:
        return _by_form(town, event, email)

    send(known)
    answers = [town.visitor().get(send(email).headers["Location"]) for email in (known, address())]
    assert [each.status_code for each in answers] == [200, 200]
    assert _plain(answers[0]) == _plain(answers[1])
    _ensure_alike(
        lambda: town.sign_up(event, email=known),
        lambda: town.sign_up(event, email=address()),
    )


def test_a_forged_ticket_opens_no_door(town: Town) -> None:
    """Case 3: a code that nobody has, and one that differs in one letter."""
    event, email = town.event(), address()
    town.attendee(event, email=email)
    ticket = town.ticket_of(email)
    altered = ticket[:-1] + ("7" if ticket[-1] != "7" else "8")

    for forged in (CODE, altered, altered.lower(), f"{town.base}/T/{altered}", "x", "0", "٠" * 26, "' or 1=1 --"):
        refused = town.scan(forged, event_id=event["id"])
        assert refused.status_code == 404
        assert refused.json()["type"] == "urn:werktor:problem:unknown-ticket"
        assert "Lin" not in refused.text

    assert _counts(town, event) == [(0, 1)]


def test_a_ticket_of_another_event_is_refused_without_saying_whose_it_is(town: Town) -> None:
    """Case 3: event A's ticket at event B's door."""
    here, there, email = town.event(), town.event(), address()
    town.attendee(there, email=email, name="Nadia Al-Sayed")
    ticket = town.ticket_of(email)

    refused = town.scan(ticket, event_id=here["id"])

    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:werktor:problem:ticket-of-another-event"
    assert "Nadia" not in refused.text
    assert email not in refused.text
    assert _counts(town, here) == [(0, 0)]
    assert _counts(town, there) == [(0, 1)]


def test_a_ticket_tells_a_foreign_organisation_and_a_finder_nothing(town: Town) -> None:
    """Case 3: somebody who found a ticket, and a door of another organisation."""
    event, email = town.event(), address()
    town.attendee(event, email=email, name="Nadia Al-Sayed")
    ticket = town.ticket_of(email)

    found = [town.visitor().get(path + code) for path in ("/t/", "/T/", "/registration/t/") for code in (ticket, CODE)]
    foreign = [town.scan(ticket, token=town.rival), town.scan(ticket, token=town.rival, event_id=event["id"])]

    assert {each.status_code for each in found} == {200}
    assert {each.status_code for each in foreign} == {404}
    assert not [each for each in (*found, *foreign) if "Nadia" in each.text or event["title"]["de"] in each.text]
    assert town.scan(ticket, token="").status_code == 201  # it was not used up: the helper's door still takes it


def test_a_copied_ticket_lets_one_person_in_however_many_doors_scan_it_at_once(town: Town) -> None:
    """Case 4: replay and screenshot, twelve doors at the same moment, then once more."""
    event, email = town.event(), address()
    town.attendee(event, email=email)
    ticket = town.ticket_of(email)

    with ThreadPoolExecutor(12) as doors:
        answers = list(doors.map(lambda number: town.scan(ticket, device=f"Tor {number}"), range(12)))
    later = town.scan(ticket, device="Tor 99")

    green = [each.json() for each in answers if each.status_code == 201]
    assert len(green) == 1
    for refused in (*[each for each in answers if each.status_code != 201], later):
        assert refused.status_code == 409
        assert refused.json()["type"] == "urn:werktor:problem:already-checked-in"
        assert refused.json()["device"] == green[0]["device"]
        assert refused.json()["scanned_at"][:19] == green[0]["scanned_at"][:19]
    assert _counts(town, event) == [(1, 1)]


def test_only_the_events_door_takes_a_check_in_back(town: Town) -> None:
    """Case 4: undoing needs a role."""
    event, email = town.event(), address()
    town.attendee(event, email=email)
    scan = done(town.scan(town.ticket_of(email)), 201)
    path = f"/registration/api/v1/check-ins/{scan['scan_id']}"

    assert town.call("DELETE", path).status_code == 401
    assert town.call("DELETE", path, token=town.rival).status_code == 404
    assert _counts(town, event) == [(1, 1)]
    assert town.call("DELETE", path, token=town.helper).status_code == 204
    assert _counts(town, event) == [(0, 1)]


def test_the_same_scan_sent_again_is_one_scan_and_its_id_cannot_be_used_for_another_ticket(town: Town) -> None:
    """Case 5: a phone that was offline sends everything twice, and a wrong one sends another's id."""
    event, emails = town.event(), [address(), address()]
    tickets = [town.attendee(event, email=each) and town.ticket_of(each) for each in emails]
    scan = {"scan_id": str(uuid4()), "event_id": event["id"], "scanned_at": "2026-11-01T10:00:00+01:00"}

    first, again = town.scan(tickets[0], **scan), town.scan(tickets[0], **scan)
    stolen = town.scan(tickets[1], **scan)

    assert first.status_code == again.status_code == 201
    assert {**again.json(), "counts": []} == {**first.json(), "counts": []}
    assert stolen.status_code == 409
    assert _counts(town, event) == [(1, 2)]


@pytest.mark.parametrize(
    "extra",
    [
        {"status": "confirmed"},
        {"position": 1},
        {"id": NOBODY},
        {"paid": True},
        {"confirm_by": None},
        {"event_id": NOBODY},
        {"number": 0},
        {"ticket_hash": "x"},
        {"source": "organiser"},
        {"cancelled_by": "attendee"},
        {"__class__": "x"},
        {"consents": {"privacy": True, "admin": True}},
        {"answers": {"is_vip": "yes"}},
    ],
    ids=lambda each: next(iter(each)),
)
def test_facts_that_are_not_the_askers_to_set_are_refused_when_signing_up(town: Town, extra: dict[str, Any]) -> None:
    """Case 35: mass assignment."""
    event = _event_for_wishes(town)

    answers = [town.sign_up(event, **extra), town.sign_up(event, token=town.organiser, **extra)]

    assert [each.status_code for each in answers] == [422, 422]
    assert all(each.json()["errors"] for each in answers)
    assert town.registrations(event) == []


@pytest.mark.parametrize("extra", ["status", "position", "id", "stamp2", "consents.admin", "confirm_by", "quota_id"])
def test_facts_that_are_not_the_askers_to_set_are_refused_by_the_form_too(town: Town, extra: str) -> None:
    """Case 35: the same through the page."""
    event = _event_for_wishes(town)

    refused = _by_form(town, event, address(), **{extra: "confirmed"})

    assert refused.status_code == 422
    assert town.registrations(event) == []


@pytest.mark.parametrize(
    "extra",
    [
        {"status": "published"},
        {"id": NOBODY},
        {"version": 9},
        {"organisation_id": NOBODY},
        {"published_at": "2026-01-01T00:00:00Z"},
        {"url": "https://evil.example"},
    ],
    ids=lambda each: next(iter(each)),
)
def test_facts_that_are_not_the_askers_to_set_are_refused_of_events(town: Town, extra: dict[str, Any]) -> None:
    """Case 35: events are planned and changed by what the description names."""
    event = _event_for_wishes(town)
    path = "/events/api/v1/events"

    planned = town.call("POST", path, token=town.organiser, json={"format": "conference", "title": "Neu"} | extra)
    changed = town.call("PATCH", f"{path}/{event['id']}", token=town.organiser, json=extra)

    assert [planned.status_code, changed.status_code] == [422, 422]
    assert done(town.call("GET", f"{path}/{event['id']}"), 200)["version"] == event["version"]


def _event_for_wishes(town: Town) -> dict[str, Any]:
    """One for all refusals: nothing must ever happen to it."""
    if not hasattr(town, "untouched"):
        town.untouched = town.event()  # type: ignore[attr-defined]
    return town.untouched  # type: ignore[attr-defined,no-any-return]


def _by_form(town: Town, event: dict[str, Any], email: str, **more: str) -> Answer:
    return town.fill_in(event, name="Lin Wei", email=email, **more)


def _ensure_alike(one: Callable[[], Answer], other: Callable[[], Answer], *, times: int = 15) -> None:
    """Within 50 ms in the median, measured in turns so that a busy machine is equally busy for both."""
    taken: dict[int, list[float]] = {0: [], 1: []}
    for _ in range(times):
        for which, act in enumerate((one, other)):
            begun = time.perf_counter()
            assert act().ok
            taken[which].append(time.perf_counter() - begun)
    assert abs(statistics.median(taken[0]) - statistics.median(taken[1])) < 0.05


def _plain(answer: Answer, *private: str) -> str:
    """The page without what differs with every page and what the asker typed herself."""
    page = answer.text
    for each in private:
        page = page.replace(each, "…")
    for name in ("csrf_token", "stamp"):
        page = "".join(line for line in page.splitlines() if f'name="{name}"' not in line)
    path = answer.request.path_url
    return page.replace(path, "…").replace(path.replace("&", "&amp;"), "…")


def _unique(answer: Answer) -> dict[str, Any]:
    return {name: answer.json()[name] for name in ("id", "confirm_by")}


def _without_request(answer: Answer) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "request_id"}


def _counts(town: Town, event: dict[str, Any]) -> list[tuple[int, int]]:
    path = f"/registration/api/v1/events/{event['id']}/check-ins/summary"
    found = done(town.call("GET", path, token=town.organiser), 200)["sessions"]
    return [(each["checked_in"], each["expected"]) for each in found]


def test_mails_to_an_address_show_nothing_of_another(town: Town) -> None:
    """Case 2: the mail about a repeated sign-up goes to the owner with her own name, not with what was typed."""
    event, known = town.event(capacity=20), address()
    done(town.sign_up(event, email=known, name="Nadia Al-Sayed"), 201)

    done(town.sign_up(event, email=known, name="Böser Scherz"), 201)

    mail = town.product.mail(known, number=2)
    assert "Böser Scherz" not in f"{mail['To']}{mail['Subject']}{text_of(mail)}"


def test_the_log_names_nobody_and_holds_no_key(town: Town) -> None:
    """Case 21: a whole sign-up with its links, a sign-in, refusals and odd requests; then the log is read."""
    event, email = town.event(), f"secret-{address()}"
    done(town.sign_up(event, email=email, name="Geheime Person"), 201)
    confirmation = town.product.link(email, r"/registration/confirm/[0-9a-z]+")
    town.visitor().fill(confirmation, {})
    ticket = town.ticket_of(email)
    town.scan(ticket)
    member = town.member()
    link = town.link_of(member)
    town.visitor().fill(link, {})
    town.visitor().get(f"/registration/{event['slug']}/sign-up", params={"email": email, "name": "Geheime Person"})
    town.call("POST", "/registration/api/v1/check-ins", token=town.organiser, data=email.encode())

    log = town.product.log.read_text(errors="replace")

    secrets = [email, member, "Geheime Person", confirmation.rpartition("/")[2], ticket, link.rpartition("/")[2]]
    assert [each for each in (*secrets, town.organiser, town.admin) if each in log] == []

"""Each check of the fault run can fail: it is shown a world in which just that is broken."""

import time
from dataclasses import replace
from typing import Any

import pytest

from tests.faults import check_answers, check_mails, check_messages, check_places
from tests.faults.plan import EMBEDDED, ON_SERVERS, ROLES, planned, short
from tests.faults.record import Answer, Delivery, Fault, Person, Plan, Record, Scan
from tests.faults.truth import Mail, Post, Quota, Registration, Truth

EVENT = "e1"
SNAPSHOT: dict[str, Any] = {
    "title": {"de": "Rundgang"},
    "status": "published",
    "quotas": [{"capacity": 2}],
    "sessions": [{"local_start": "2030-05-06T14:00:00", "starts_at": "2030-05-06T12:00:00+00:00"}],
}


def quota(**facts: Any) -> Quota:
    usual = Quota("q1", EVENT, "published", capacity=2, taken=1, waiting=0, version=3, held_by=1, waited_for_by=0)
    return replace(usual, **facts)


def registration(who: int = 1, **facts: Any) -> Registration:
    usual = Registration(f"r{who}", EVENT, f"p{who}@example.org", "confirmed", "held", None, is_ever_confirmed=True)
    return replace(usual, **facts)


def person(number: int = 1, **facts: Any) -> Person:
    usual = Person(
        f"p{number}@example.org",
        EVENT,
        "organiser",
        registration_id=f"r{number}",
        signed_up="answered",
        told="confirmed",
    )
    return replace(usual, **facts)


def calendar(
    method: str = "REQUEST", sequence: int = 0, start: str = "20300506T120000Z", title: str = "Rundgang"
) -> str:
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:u1\r\n"
        f"SEQUENCE:{sequence}\r\nDTSTAMP:20300101T000000Z\r\nDTSTART:{start}\r\nSUMMARY:{title}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def mail(message_id: str, ics: str = "", *, ticket: bool = False, more: str = "") -> bytes:
    kind = 'image/png\r\nContent-Disposition: inline; filename="ticket.png"' if ticket else "text/plain"
    kind = "text/calendar" if ics else kind
    return f"Message-ID: <{message_id}>\r\nContent-Type: {kind}\r\n\r\n{ics}{more}".encode()


def delivered(*mails: bytes, answered: bool = True) -> list[Delivery]:
    return [Delivery(time.monotonic(), "p1@example.org", each, answered) for each in mails]


def well() -> tuple[Truth, Record]:
    """A world in which everything holds."""
    post = Post(unsent=0, given=3, positions={}, waiting=[], parked=[])
    truth = Truth(
        quotas=[quota()],
        registrations=[registration()],
        scans={"s1": "admitted"},
        check_ins={"r1": 1},
        events={EVENT: SNAPSHOT},
        copies={"registration": {EVENT: SNAPSHOT}, "notifications": {EVENT: SNAPSHOT}},
        availability={"q1": (2, 1, 0)},
        mails=[Mail("<t>", "ticket", "r1", "p1@example.org", "sent", "")],
        posts={name: replace(post) for name in ("events", "registration", "notifications")},
    )
    plan = Plan(EVENT, "rundgang", "s", {"Rundgang"}, {2}, {"2030-05-06T14:00"}, {"published"})
    record = Record(
        people=[person()],
        scans=[Scan("s1", "p1@example.org", "Tor 1", 201)],
        plans={EVENT: plan},
        deliveries=delivered(mail("t", ticket=True), mail("i", calendar())),
        answers=[Answer("GET", "/events/", 200)],
    )
    return truth, record


def test_a_world_in_which_everything_holds_has_no_violation() -> None:
    truth, record = well()

    assert check_places.places(truth, record) == []
    assert check_answers.promises(truth, record) == []
    assert check_answers.answers(record, may_be_down=False) == []
    assert check_mails.mails(truth, record) == []
    assert check_messages.copies(truth, {EVENT: (2, 1, 0)}) == []
    assert check_messages.messages(truth, "") == []


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"taken": 3, "held_by": 3}, "oversold"),
        ({"held_by": 3}, "oversold"),
        ({"taken": 0}, "counted wrongly"),
        ({"waiting": 1}, "counted wrongly"),
        ({"waiting": 1, "waited_for_by": 1}, "a place is free and somebody waits"),
    ],
)
def test_wrong_places_are_seen(facts: dict[str, int], why: str) -> None:
    assert any(each.startswith(why) for each in check_places.counters([quota(**facts)]))


def test_whoever_waits_of_a_called_off_event_is_no_violation() -> None:
    assert check_places.counters([quota(event_status="cancelled", waiting=1, waited_for_by=1)]) == []


@pytest.mark.parametrize(("number", "seen"), [(2, 1), (None, 0)])
def test_somebody_who_was_overtaken_is_seen(number: int | None, seen: int) -> None:
    truth, record = well()
    truth.registrations = [registration(1, place="waiting", number=1), registration(2, number=number)]
    record.people = [person(1, counts_since=10.0), person(2, asked_at=11.0)]

    assert len(check_places.overtaken(truth, record)) == seen


@pytest.mark.parametrize(
    ("told", "rows"),
    [
        ({}, [registration(status="waiting")]),
        ({}, [registration(status="cancelled")]),
        ({}, [registration(id="another")]),
        ({}, []),
        ({}, [registration(), registration()]),
        ({"told": "waiting"}, [registration(status="pending")]),
        ({"told": "pending"}, [registration()]),
        ({"told": "pending"}, [registration(status="expired")]),
        ({"told": "pending", "confirmed": "answered"}, [registration(status="pending")]),
        ({"told": "pending", "confirmed": "refused 410"}, [registration(status="pending")]),
        ({"cancelled": "answered"}, [registration()]),
        ({"signed_up": "refused"}, [registration()]),
        ({"signed_up": "unknown"}, [registration(), registration()]),
    ],
)
def test_a_broken_promise_is_seen(told: dict[str, str], rows: list[Registration]) -> None:
    truth, record = well()
    truth.registrations, record.people = rows, [person(**told)]

    assert check_answers.promises(truth, record) != []


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"told": "waiting"}, "confirmed"),
        ({"told": "pending", "confirmed": "asked"}, "pending"),
        ({"told": "pending", "confirmed": "asked"}, "waiting"),
        ({"cancelled": "asked"}, "confirmed"),
        ({"cancelled": "asked"}, "cancelled"),
        ({"signed_up": "unknown", "registration_id": ""}, "confirmed"),
    ],
)
def test_what_nobody_promised_is_no_violation(told: dict[str, str], status: str) -> None:
    truth, record = well()
    truth.registrations, record.people = [registration(status=status)], [person(**told)]

    assert check_answers.promises(truth, record) == []


@pytest.mark.parametrize(
    ("scans", "verdicts", "check_ins"),
    [
        ([("s1", 201, "")], {"s1": "duplicate"}, {"r1": 1}),
        ([("s1", 201, "")], {}, {}),
        ([("s1", 409, "x:already-checked-in")], {"s1": "admitted"}, {"r1": 1}),
        ([("s1", 201, ""), ("s2", 201, "")], {"s1": "admitted", "s2": "admitted"}, {"r1": 1}),
        ([], {}, {"r1": 2}),
    ],
)
def test_a_wrong_light_at_the_door_is_seen(
    scans: list[tuple[str, int, str]], verdicts: dict[str, str], check_ins: dict[str, int]
) -> None:
    truth, record = well()
    truth.scans, truth.check_ins = verdicts, check_ins
    record.scans = [Scan(name, "p1@example.org", "Tor", status, reason) for name, status, reason in scans]

    assert check_answers.promises(truth, record) != []


@pytest.mark.parametrize(
    "change",
    [
        {"title": {"de": "Anders"}},
        {"status": "cancelled"},
        {"quotas": [{"capacity": 9}]},
        {"sessions": [{**SNAPSHOT["sessions"][0], "local_start": "2031-01-01T10:00:00"}]},
    ],
)
def test_an_event_that_is_not_as_its_organiser_was_told_is_seen(change: dict[str, Any]) -> None:
    truth, record = well()
    truth.events = {EVENT: SNAPSHOT | change}

    assert len(check_answers.promises(truth, record)) == 1


GOOD_PAGE = {"content_type": "text/html; charset=utf-8", "retry_after": "2", "body": '<html lang="de">'}
GOOD_JSON = {"content_type": "application/problem+json", "retry_after": "2", "body": '{"title": "x", "detail": "y"}'}


@pytest.mark.parametrize(
    ("path", "facts", "seen"),
    [
        ("/events/", {"status": 500}, 1),
        ("/events/", {"status": 502}, 1),
        ("/events/", {"status": 0}, 1),
        ("/events/", {"status": 503, **GOOD_PAGE}, 0),
        ("/events/", {"status": 503, **GOOD_PAGE, "retry_after": ""}, 1),
        ("/events/", {"status": 503, **GOOD_PAGE, "body": '<html lang="en">'}, 1),
        ("/events/", {"status": 503, **GOOD_JSON}, 1),
        ("/events/api/v1/events", {"status": 503, **GOOD_JSON}, 0),
        ("/events/api/v1/events", {"status": 503, **GOOD_PAGE}, 1),
        ("/events/api/v1/events", {"status": 503, **GOOD_JSON, "body": "{}"}, 1),
    ],
)
def test_a_bare_failure_is_seen(path: str, facts: dict[str, Any], seen: int) -> None:
    record = Record(answers=[Answer("GET", path, language="de", **facts)])

    assert len(check_answers.answers(record, may_be_down=False)) == seen


@pytest.mark.parametrize(
    "mails",
    [
        [mail("i", calendar())],
        [mail("t", ticket=True)],
        [mail("t", ticket=True), mail("t2", ticket=True), mail("i", calendar())],
        [mail("t", ticket=True), mail("i", calendar(start="20300507T120000Z"))],
        [mail("t", ticket=True), mail("i", calendar(title="Anders"))],
        [mail("t", ticket=True), mail("i", calendar()), mail("c", calendar("CANCEL", 1))],
        [mail("t", ticket=True), mail("c", calendar("CANCEL", 1)), mail("i", calendar())],
        [mail("t", ticket=True), mail("i", calendar(sequence=2)), mail("i2", calendar(sequence=1))],
        [mail("t", ticket=True), mail("t", ticket=True), mail("i", calendar())],
    ],
)
def test_a_wrong_set_of_mails_is_seen(mails: list[bytes]) -> None:
    truth, record = well()
    record.deliveries = delivered(*mails)

    assert check_mails.mails(truth, record) != []


def test_a_calendar_that_still_shows_what_was_cancelled_is_seen() -> None:
    truth, record = well()
    truth.registrations = [registration(status="cancelled")]

    assert any("still stands" in each for each in check_mails.mails(truth, record))


def test_a_copy_is_allowed_only_after_a_lost_answer_and_byte_for_byte() -> None:
    once = mail("i", calendar())
    again, other = delivered(once), delivered(mail("i", calendar(), more="\r\n"))

    assert len(check_mails.copies(Record(deliveries=delivered(once) + again))) == 1
    assert check_mails.copies(Record(deliveries=delivered(once, answered=False) + again)) == []
    assert len(check_mails.copies(Record(deliveries=delivered(once, answered=False) + other))) == 1
    fault = Fault("kill", "kill deliver", time.monotonic() - 1, time.monotonic())
    assert check_mails.copies(Record(deliveries=delivered(once) + again, faults=[fault])) == []


@pytest.mark.parametrize(
    ("state", "recipient", "seen"),
    [
        ("sent", "p1@example.org", 1),
        ("queued", "p1@example.org", 1),
        ("failed", "p1@example.org", 1),
        ("failed", "nobody-1@example.org", 0),
        ("superseded", "p1@example.org", 0),
    ],
)
def test_a_queue_that_is_mistaken_is_seen(state: str, recipient: str, seen: int) -> None:
    truth, record = well()
    truth.mails = [Mail("<never came>", "ticket", "r1", recipient, state, "")]

    assert len(check_mails.mails(truth, record)) == seen


def test_a_copy_of_an_event_that_differs_is_seen() -> None:
    truth, _ = well()
    shown = {EVENT: (2, 1, 0)}

    truth.copies["notifications"] = {EVENT: SNAPSHOT | {"status": "cancelled"}}
    assert len(check_messages.copies(truth, shown)) == 1
    truth.copies["notifications"] = {}
    assert len(check_messages.copies(truth, shown)) == 1


def test_a_catalogue_that_is_wrong_about_free_places_is_seen() -> None:
    truth, _ = well()

    assert len(check_messages.copies(truth, {EVENT: (2, 2, 0)})) == 1
    truth.availability = {"q1": (2, 2, 0)}
    assert len(check_messages.copies(truth, {EVENT: (2, 1, 0)})) == 1


@pytest.mark.parametrize(
    "facts",
    [
        {"unsent": 1},
        {"waiting": ["something"]},
        {"parked": [("poison", "x"), ("other", "y")]},
        {"parked": []},
        {"parked": [("poison", "x")], "positions": {"events": 2}},
    ],
)
def test_a_message_that_was_left_somewhere_is_seen(facts: dict[str, Any]) -> None:
    truth, _ = well()
    for post in truth.posts.values():
        post.parked = [("poison", "x")]
    assert check_messages.messages(truth, "poison") == []
    truth.posts["notifications"] = replace(truth.posts["notifications"], **facts)

    assert len(check_messages.messages(truth, "poison")) == 1


@pytest.mark.parametrize(("way", "kinds"), [("embedded", EMBEDDED), ("servers", ON_SERVERS)])
@pytest.mark.parametrize("seconds", [20.0, 300.0])
def test_a_plan_has_every_kind_of_fault_and_comes_from_its_seed_alone(
    way: str, kinds: tuple[str, ...], seconds: float
) -> None:
    plan = planned(way, "some seed", seconds)

    assert {each.kind for each in plan} == set(kinds)
    assert plan == planned(way, "some seed", seconds)
    assert plan != planned(way, "another seed", seconds)
    assert all(0 <= each.at <= seconds for each in plan)
    assert {each.target.partition(".")[2] for each in plan if each.target and way == "servers"} >= (
        {"web", "web master", "relay", "consume", "schedule", "deliver"} if way == "servers" else set()
    )


def test_the_short_plan_kills_every_role_and_troubles_every_server() -> None:
    plan = short("some seed")

    assert {each.target.partition(".")[2] for each in plan if each.kind == "kill"} == {*ROLES, "deliver"}
    assert {each.kind.partition(" ")[0] for each in plan} == {each.partition(" ")[0] for each in ON_SERVERS} - {"clock"}
    assert [each.at for each in plan] == sorted(each.at for each in plan)
    assert [each.kind for each in plan] == [each.kind for each in short("another seed")]

"""2 and 6: what clients were told is what the database says, and nobody was answered with a bare failure."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable

from tests.faults.record import Answer, Person, Record, Scan
from tests.faults.truth import Registration, Truth

LIVING = frozenset({"pending", "confirmed", "waiting"})


def promises(truth: Truth, record: Record) -> list[str]:
    """Sign-ups, confirmations, cancellations, check-ins and what organisers were told of their events."""
    by_email: dict[str, list[Registration]] = defaultdict(list)
    for row in truth.registrations:
        by_email[row.email].append(row)
    found = [fault for each in record.people for fault in _person(each, by_email[each.email], record)]
    found += [fault for each in record.scans for fault in _scan(each, truth)]
    found += _admitted_twice(record)
    found += [f"{row} is in {count} times" for row, count in truth.check_ins.items() if count > 1]
    return found + [fault for each in record.plans.values() for fault in _plan(each.id, truth, record)]


def answers(record: Record, *, may_be_down: bool) -> list[str]:
    """`may_be_down`: the one process is killed now and then, and nobody answers in its place."""
    return [f"{each.method} {each.path}: {why}" for each in record.answers for why in _answer(each, may_be_down)]


def _person(person: Person, rows: list[Registration], record: Record) -> Iterable[str]:
    told = f"told {person.told or person.signed_up}, confirmed {person.confirmed}, cancelled {person.cancelled}"
    name = f"{person.email} ({person.by}; {told})"
    if person.signed_up == "refused" and rows:
        yield f"{name} was refused and is registered as {rows[0].status}"
    if person.signed_up == "answered" and len(rows) != 1:
        yield f"{name} has {len(rows)} registrations"
    if len(rows) > 1:
        yield f"{name} is registered {len(rows)} times"
    if person.signed_up != "answered" or len(rows) != 1:
        return
    if person.registration_id not in {"", rows[0].id}:
        yield f"{name} was told another id than {rows[0].id}"
    if rows[0].status not in _allowed(person, record):
        yield f"{name} is {rows[0].status}"
    if person.confirmed.startswith("refused") and not (person.cancelled or record.may_expire):
        yield f"{name} was not let confirm in time: {person.confirmed}"


def _allowed(person: Person, record: Record) -> set[str]:
    if person.cancelled == "answered" and not record.may_expire:
        return {"cancelled"}
    given = {"confirmed": {"confirmed"}, "waiting": {"waiting", "confirmed"}}
    if person.told == "pending":
        allowed = set()
        if person.confirmed != "answered":
            allowed |= {"pending"} | ({"expired"} if record.may_expire else set())
        if person.confirmed in {"asked", "answered"}:
            allowed |= {"confirmed", "waiting"}
    else:
        allowed = set(given[person.told])
    if person.cancelled == "answered":  # a clock that ran ahead may have ended it before she did
        return {"cancelled"} | (allowed & {"expired"})
    return allowed | ({"cancelled"} if person.cancelled == "asked" else set())


def _scan(scan: Scan, truth: Truth) -> Iterable[str]:
    known = truth.scans.get(scan.scan_id, "nothing")
    told = "duplicate" if scan.reason.endswith("already-checked-in") else "refused"
    # 401: a clock that was set back takes the helper's token for one of the future; nothing was said of the ticket
    expected = {0: known, 201: "admitted", 401: "nothing"}.get(scan.status, told)
    if scan.status and known != expected:
        yield f"scan {scan.scan_id} of {scan.email} was answered {scan.status} {scan.reason}, the log says {known}"


def _admitted_twice(record: Record) -> list[str]:
    green = Counter(each.email for each in record.scans if each.status == 201)
    return [f"the ticket of {email} got {count} green lights" for email, count in green.items() if count > 1]


def _plan(event_id: str, truth: Truth, record: Record) -> Iterable[str]:
    plan, event = record.plans[event_id], truth.events.get(event_id)
    if event is None:
        yield f"event {event_id} was planned and is not there"
        return
    facts = {
        "title": (event["title"]["de"], plan.titles),
        "capacity": (event["quotas"][0]["capacity"], plan.capacities),
        "status": (event["status"], plan.statuses),
    }
    for name, (is_now, told) in facts.items():
        if is_now not in told:
            yield f"the {name} of event {event_id} is {is_now!r}, its organiser was told {sorted(map(str, told))}"
    if not any(_local(event).startswith(each) for each in plan.starts):
        yield f"event {event_id} starts at {_local(event)}, its organiser was told {sorted(plan.starts)}"


def _local(event: dict[str, object]) -> str:
    (session,) = event["sessions"]  # type: ignore[misc]
    return str(session["local_start"])


def _answer(answer: Answer, may_be_down: bool) -> Iterable[str]:
    if answer.status == 0:
        if not may_be_down:
            yield f"no answer after {answer.seconds:.1f} s: {answer.body}"
    elif answer.status >= 500:
        if answer.status != 503:
            yield f"{answer.status} {answer.body[:300]!r}"
            return
        if not answer.retry_after.isdigit():
            yield "503 that does not say when to try again"
        yield from _kindness(answer)


def _kindness(answer: Answer) -> Iterable[str]:
    is_api = answer.path.split("/")[2:3] == ["api"]
    if is_api:
        if not answer.content_type.startswith("application/problem+json"):
            yield f"503 as {answer.content_type}, not as a problem document: {answer.body[:200]!r}"
        elif not {"title", "detail"} <= json.loads(answer.body).keys():
            yield f"503 without a word: {answer.body[:200]!r}"
    elif not answer.content_type.startswith("text/html"):
        yield f"503 as {answer.content_type}: {answer.body[:200]!r}"
    elif f'lang="{answer.language}"' not in answer.body:
        yield f"503 page not in {answer.language!r}: {answer.body[:200]!r}"

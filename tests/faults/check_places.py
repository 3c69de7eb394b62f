"""1: no quota above its capacity, the waiting list in order, no free place while someone waits."""

from collections.abc import Iterable

from tests.faults.record import Record
from tests.faults.truth import Quota, Truth


def counters(quotas: Iterable[Quota]) -> list[str]:
    """What must hold at any moment."""
    return [fault for each in quotas for fault in _counter(each)]


def places(truth: Truth, record: Record) -> list[str]:
    """All of it, once all is quiet."""
    return counters(truth.quotas) + overtaken(truth, record)


def overtaken(truth: Truth, record: Record) -> list[str]:
    """Somebody still waits though her address was known to be hers before one behind her signed up and got a place."""
    people = {each.registration_id: each for each in record.people if each.registration_id}
    found = []
    for first in truth.registrations:
        person = people.get(first.id)
        if first.place != "waiting" or first.number is None or person is None or person.counts_since is None:
            continue
        for other in truth.registrations:
            later = people.get(other.id)
            is_behind = other.event_id == first.event_id and other.number is not None and other.number > first.number
            if is_behind and other.place == "held" and later and later.asked_at > person.counts_since:
                found.append(
                    f"number {other.number} of event {first.event_id} has a place, number {first.number} waits"
                )
    return found


def _counter(each: Quota) -> Iterable[str]:
    counts = f"capacity {each.capacity}, taken {each.taken}, held by {each.held_by}"
    waiting = f"waiting {each.waiting}, waited for by {each.waited_for_by}"
    name = f"quota {each.id} of event {each.event_id} ({counts}, {waiting})"
    if max(each.taken, each.held_by) > each.capacity:
        yield f"oversold: {name}"
    if (each.taken, each.waiting) != (each.held_by, each.waited_for_by):
        yield f"counted wrongly: {name}"
    if each.event_status == "published" and each.waiting and each.taken < each.capacity:
        yield f"a place is free and somebody waits: {name}"

"""4 and 5: every copy equals its original, and no message is left anywhere but the poisoned one."""

from collections.abc import Mapping

from tests.faults.truth import Truth


def copies(truth: Truth, catalogue: Mapping[str, tuple[int, int, int]]) -> list[str]:
    """`catalogue`: event -> capacity, free, waiting as its page's JSON shows them."""
    found = []
    for event_id, event in truth.events.items():
        if event["status"] == "draft":
            continue
        for service, known in truth.copies.items():
            if known.get(event_id) != event:
                found.append(f"{service} knows another event {event_id}: {_difference(known.get(event_id), event)}")
    for quota in truth.quotas:
        free = 0 if quota.waited_for_by else max(0, quota.capacity - quota.held_by)
        real = (quota.capacity, free, quota.waited_for_by)
        if truth.availability.get(quota.id) != real:
            found.append(f"the catalogue was told {truth.availability.get(quota.id)} of {quota.id}, true is {real}")
        if catalogue.get(quota.event_id) != real:
            found.append(f"the catalogue shows {catalogue.get(quota.event_id)} for {quota.event_id}, true is {real}")
    return found


def messages(truth: Truth, poison: str) -> list[str]:
    """`poison` is the id of the one message that must be parked, everywhere it is heard."""
    found = []
    for service, post in truth.posts.items():
        if post.unsent:
            found.append(f"{post.unsent} messages of {service} were not sent")
        found += [f"{service} has not handled {each}" for each in post.waiting]
        found += [f"{service} has parked {what}" for message_id, what in post.parked if message_id != poison]
        for producer, position in post.positions.items():
            if position != truth.posts[producer].given:
                found.append(f"{service} has {position} of {truth.posts[producer].given} from {producer}")
    for service in ("registration", "notifications"):
        if poison and poison not in {message_id for message_id, _ in truth.posts[service].parked}:
            found.append(f"{service} has not parked the poisoned message")
    return found


def _difference(known: dict[str, object] | None, event: dict[str, object]) -> str:
    if known is None:
        return "nothing"
    return ", ".join(
        f"{name} {known.get(name)!r} for {event[name]!r}" for name in event if known.get(name) != event[name]
    )

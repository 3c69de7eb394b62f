"""Messages of one aggregate come in order, those of different ones in any: the end must be the same."""

import dataclasses
import random
from pathlib import Path
from uuid import UUID

import pytest

from services.notifications.use_cases.desk import Desk
from shared.contracts.events import EventCancelled, EventChanged, EventPublished, EventRescheduled
from shared.contracts.message import Message
from tests.notifications.builders import an_event, an_id, asked, cancelled, confirmed, moved, waitlisted
from tests.notifications.office import Office, ics_of, parsed

ONE = an_event()
TWO = moved(ONE)
THREE = dataclasses.replace(TWO, version=3, title={"de": "Neuer Titel"})
GONE = dataclasses.replace(THREE, version=4, status="cancelled", cancelled_reason={"de": "Krank"})


def streams(*, is_cancelled: bool) -> list[list[Message]]:
    """What is said about each aggregate, in its order."""
    event: list[Message] = [
        EventPublished(event=ONE),
        EventRescheduled(event=TWO, previous=ONE.sessions, reason={"de": "Wartung"}),
        EventChanged(event=THREE),
    ]
    stays: list[Message] = [asked(name="stays"), confirmed(name="stays", version=2)]
    leaves: list[Message] = [confirmed(name="leaves"), cancelled(name="leaves", version=2, event=TWO)]
    waits: list[Message] = [
        waitlisted(name="waits"),
        confirmed(name="waits", version=2, event=TWO, from_waiting_list=True),
    ]
    if is_cancelled:
        event.append(EventCancelled(event=GONE))
        stays.append(cancelled(name="stays", by="event", version=3, event=GONE))
        waits.append(cancelled(name="waits", by="event", version=3, event=GONE))
    return [event, stays, leaves, waits]


def shuffled(parts: list[list[Message]], chance: random.Random) -> list[Message]:
    """Any order that keeps each part's own, with every message sometimes said twice."""
    queues, found = [list(part) for part in parts], []
    while any(queues):
        queue = chance.choice([each for each in queues if each])
        message = queue.pop(0)
        found += [message] * chance.choice([1, 1, 2])
    return found


def shown(office: Office) -> dict[UUID, list[tuple[str, str]]]:
    """What each attendee's calendar shows after all mails, as a calendar would: highest SEQUENCE, then DTSTAMP."""
    newest: dict[str, tuple[tuple[int, str], str, dict[str, str], UUID]] = {}
    for row in office.rows():
        if not row.uid or row.registration_id is None:
            continue
        text = ics_of(parsed(row.raw)).replace(b"\r\n ", b"").decode()
        event = dict(line.split(":", 1) for line in text.partition("BEGIN:VEVENT\r\n")[2].split("\r\n") if ":" in line)
        order = (int(event["SEQUENCE"]), event["DTSTAMP"])
        if row.uid not in newest or order >= newest[row.uid][0]:
            newest[row.uid] = (order, "CANCEL" if "METHOD:CANCEL" in text else "REQUEST", event, row.registration_id)
    found: dict[UUID, list[tuple[str, str]]] = {}
    for _, method, event, registration in newest.values():
        if method == "REQUEST":
            start = next(value for name, value in event.items() if name.startswith("DTSTART"))
            found.setdefault(registration, []).append((start, event["SUMMARY"]))
    return found


@pytest.mark.parametrize("is_cancelled", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_any_order_and_repetition_ends_the_same(tmp_path: Path, desk: Desk, seed: int, is_cancelled: bool) -> None:
    parts = streams(is_cancelled=is_cancelled)
    ends = []
    for name, messages in (
        ("plain", [message for part in parts for message in part]),
        ("shuffled", shuffled(parts, random.Random(seed))),
    ):
        with Office.opened(f"sqlite:///{tmp_path}/{name}.db", desk) as office:
            office.hear(*messages)
            ends.append(shown(office))
            causes = [row.cause for row in office.rows()]
            assert len(causes) == len(set(causes))
            cancelled_letters = [row.registration_id for row in office.rows("event_cancelled")]
            assert len(cancelled_letters) == len(set(cancelled_letters))
            assert (an_id("registration of stays") in cancelled_letters) == is_cancelled
            assert (an_id("registration of waits") in cancelled_letters) == is_cancelled

    assert ends[0] == ends[1]
    assert len(ends[0]) == (0 if is_cancelled else 2)

"""Letting somebody in by one statement logs, tells and answers what the statements one after another do."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from services.registration.domain.check_in import WantedScan
from services.registration.storage import attendance, revoked_tokens
from services.registration.storage.tables import CheckIn, Registration, Scan
from services.registration.use_cases.check_in import Verdict
from services.registration.use_cases.check_in_quickly import check_in_quickly
from shared.direct import Direct
from shared.messaging.tables import outbox
from shared.policy import ANONYMOUS, Actor, Role
from tests.registration.check_in_door import Attendee, Door, a_quota, a_session, an_event, at, open_door

FIRST, LATER = a_session(0), a_session(24 * 60)


@pytest.fixture
def door(postgres_url: str) -> Iterator[Door]:
    """PostgreSQL: SQLite always takes the statements one after another."""
    door = open_door(postgres_url)
    yield door
    door.close()


def quickly(door: Door, ticket: str, *, scan_id: UUID | None = None, **more: Any) -> Verdict | None:
    """The helper scans a ticket, and the short way is tried."""
    told, actor = more.pop("told", door.event), more.pop("actor", door.helper)
    now = more.pop("now", at(2))
    scan = WantedScan(scan_id=scan_id or uuid4(), ticket=ticket, event_id=told.id, **more)
    green = check_in_quickly(scan, told=told, actor=actor, direct=Direct(door.engine), now=now)
    if green is None:
        return None
    verdict, counts = green
    with door.sessions() as session:
        assert counts == attendance.counts(session, told)
    return verdict


def nothing_happened(door: Door) -> bool:
    return not (door.rows(Scan) or door.rows(CheckIn) or door.told())


def everything(door: Door) -> list[list[dict[str, Any]]]:
    """All rows that a scan leaves, but for what is drawn by lot."""
    drawn = {"id", "message_id", "created_at"}
    with door.sessions() as session:
        return [
            [
                {key: value for key, value in row._mapping.items() if key not in drawn}
                for row in session.execute(select(table))
            ]
            for table in (Scan.__table__, CheckIn.__table__, outbox)
        ]


def test_both_ways_log_and_tell_and_answer_the_same(door: Door) -> None:
    olena, scan_id = door.attendee(), uuid4()
    verdicts, seen = [], []

    for way in (quickly, Door.scan):
        verdicts.append(way(door, olena.code, scan_id=scan_id, device="Tor 1", scanned_at=at(1), now=at(2)))
        seen.append(everything(door))
        with door.engine.begin() as connection:
            for table in ("check_in", "scan", "outbox"):
                connection.exec_driver_sql(f"DELETE FROM {table}")

    assert seen[0] == seen[1]
    assert [len(each) for each in seen[0]] == [1, 1, 1]
    assert verdicts[0] == verdicts[1]


def test_a_second_scan_is_left_to_the_long_way(door: Door) -> None:
    olena = door.attendee()
    quickly(door, olena.code)

    assert quickly(door, olena.code) is None
    assert len(door.rows(Scan)) == 1


def test_the_same_scan_again_is_left_to_the_long_way_and_gets_the_same_answer(door: Door) -> None:
    olena, scan_id = door.attendee(), uuid4()
    first = quickly(door, olena.code, scan_id=scan_id)

    assert quickly(door, olena.code, scan_id=scan_id) is None
    assert door.scan(olena.code, scan_id=scan_id) == first


def test_a_scan_id_that_another_ticket_used_lets_nobody_in(door: Door) -> None:
    olena, amal, scan_id = door.attendee(), door.attendee(name="Amal"), uuid4()
    quickly(door, olena.code, scan_id=scan_id)

    assert quickly(door, amal.code, scan_id=scan_id) is None
    assert [each.registration_id for each in door.rows(CheckIn)] == [olena.id]


def test_after_an_undo_the_long_way_counts_the_messages(door: Door) -> None:
    olena, scan_id = door.attendee(), uuid4()
    quickly(door, olena.code, scan_id=scan_id)
    door.undo(scan_id, now=at(3))

    assert quickly(door, olena.code, now=at(4)) is None
    assert door.scan(olena.code, now=at(4)).rejection is None


@pytest.mark.parametrize("status", ["pending", "waiting", "cancelled", "expired"])
def test_a_ticket_that_does_not_count_is_left_to_the_long_way(door: Door, status: str) -> None:
    olena = door.attendee(status=status)

    assert quickly(door, olena.code) is None
    assert nothing_happened(door)


def test_nobody_else_is_let_in_by_it(door: Door) -> None:
    olena = door.attendee()
    stranger = Actor(id=uuid4(), kind="account", organisations={uuid4(): Role.ORGANISER})
    unknown = "0" * 26
    old = replace(door.event, version=door.event.version + 1)
    away = replace(door.event, status="cancelled")

    for refused in (
        quickly(door, olena.code, actor=ANONYMOUS),
        quickly(door, olena.code, actor=stranger),
        quickly(door, unknown),
        quickly(door, "nonsense"),
        quickly(door, olena.code, session_id=uuid4()),
        quickly(door, olena.code, told=old),
        quickly(door, olena.code, told=away),
    ):
        assert refused is None
    assert nothing_happened(door)


def test_a_place_in_another_session_is_left_to_the_long_way(postgres_url: str) -> None:
    quotas = a_quota(session_id=FIRST.id), a_quota(session_id=LATER.id)
    door = open_door(postgres_url, event=an_event(sessions=(FIRST, LATER), quotas=quotas))
    olena = door.attendee(quota_ids=(quotas[0].id,))
    both = door.attendee(quota_ids=(quotas[0].id, quotas[1].id))

    assert quickly(door, olena.code, session_id=LATER.id) is None
    assert quickly(door, olena.code) is None  # which session depends on her ticket
    assert nothing_happened(door)
    assert quickly(door, olena.code, session_id=FIRST.id) is not None
    assert quickly(door, both.code, session_id=LATER.id) is not None
    door.close()


def test_many_doors_scanning_the_same_ticket_let_one_person_in(door: Door) -> None:
    people = [door.attendee() for _ in range(5)]

    for olena in people:
        greens = _all_at_once(door, olena, doors=8)
        assert greens == 1

    assert len(door.rows(CheckIn)) == len(people) == len(door.told())
    assert sum(each.verdict == "admitted" for each in door.rows(Scan)) == len(people)


def test_whoever_cancels_at_the_same_moment_is_let_in_before_or_not_at_all(door: Door) -> None:
    olena = door.attendee()
    begun, verdicts = threading.Event(), []

    def scan() -> None:
        begun.set()
        verdicts.append(quickly(door, olena.code))

    with door.sessions.begin() as session:
        session.get_one(Registration, olena.id, with_for_update=True).status = "cancelled"
        session.flush()
        scanner = threading.Thread(target=scan)
        scanner.start()
        assert begun.wait(20)
    scanner.join()

    assert verdicts == [None]
    assert nothing_happened(door)


def _all_at_once(door: Door, olena: Attendee, *, doors: int) -> int:
    """How many of so many doors, every third of which goes the long way, see a green light."""
    start, lights = threading.Barrier(doors), []

    def scan(number: int) -> None:
        start.wait(20)
        verdict = quickly(door, olena.code) if number % 3 else None
        verdict = verdict or door.scan(olena.code, now=at(2))
        lights.append(verdict.rejection is None)

    threads = [threading.Thread(target=scan, args=(number,)) for number in range(doors)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return sum(lights)


def test_a_program_whose_token_was_taken_back_lets_nobody_in(door: Door) -> None:
    olena, amal = door.attendee(), door.attendee(name="Amal")
    program = replace(door.organiser, id=uuid4(), kind="token")
    assert program.id

    assert quickly(door, olena.code, actor=program) is not None
    with door.sessions.begin() as session:
        revoked_tokens.add(session, program.id, now=at(2))

    assert quickly(door, amal.code, actor=program) is None
    assert [each.registration_id for each in door.rows(CheckIn)] == [olena.id]

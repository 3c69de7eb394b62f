"""Who is let in, and what is written down about it."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.registration.domain.check_in import NothingToUndo, ScanIdIsTaken
from services.registration.storage.tables import AuditEntry, CheckIn
from services.registration.use_cases.check_in import Verdict
from shared.errors import NotFound, NotSignedIn
from shared.policy import ANONYMOUS, Actor, Role
from tests.registration.check_in_door import START, Door, a_quota, a_session, an_event, at, open_door

FIRST, LATER = a_session(0), a_session(24 * 60)


@pytest.fixture
def door(sqlite_url: str) -> Iterator[Door]:
    door = open_door(sqlite_url)
    yield door
    door.close()


@pytest.fixture
def any_door(database_url: str) -> Iterator[Door]:
    door = open_door(database_url)
    yield door
    door.close()


def reason(verdict: Verdict) -> str:
    return verdict.rejection.slug() if verdict.rejection else "admitted"


def test_a_confirmed_ticket_lets_its_holder_in_and_the_others_hear_of_it(any_door: Door) -> None:
    olena = any_door.attendee()

    verdict = any_door.scan(olena.code, device="Tor 1", now=at(2))

    assert (verdict.name, reason(verdict), verdict.scanned_at) == ("Олена Шевченко", "admitted", at(2))
    assert verdict.session_id == any_door.event.sessions[0].id
    assert [(each.registration_id, each.device, each.scanned_at) for each in any_door.rows(CheckIn)] == [
        (olena.id, "Tor 1", at(2))
    ]
    ((type_name, body),) = any_door.told()
    assert type_name == "registration.attendee_checked_in.v1"
    assert (body["registration_id"], body["scan_id"]) == (str(olena.id), str(verdict.scan_id))


def test_the_second_scan_says_when_and_where_the_first_was(any_door: Door) -> None:
    olena = any_door.attendee()
    first = any_door.scan(olena.code, device="Tor 1", now=at(2))

    second = any_door.scan(olena.code, device="Tor 2", now=at(3))

    assert second.rejection is not None
    assert second.rejection.facts == {
        "name": "Олена Шевченко",
        "scanned_at": at(2).isoformat(),
        "device": "Tor 1",
        "session_id": str(first.session_id),
    }
    assert [(each.verdict, each.reason) for each in any_door.log()] == [
        ("admitted", ""),
        ("duplicate", "already-checked-in"),
    ]
    assert len(any_door.told()) == 1


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("confirmed", "admitted"),
        ("pending", "not-confirmed"),
        ("waiting", "not-confirmed"),
        ("cancelled", "registration-is-cancelled"),
        ("expired", "registration-is-cancelled"),
    ],
)
def test_the_state_of_the_registration_decides(door: Door, status: str, expected: str) -> None:
    attendee = door.attendee(status=status)

    verdict = door.scan(attendee.code)

    assert reason(verdict) == expected
    assert len(door.rows(CheckIn)) == (expected == "admitted")
    assert [each.reason for each in door.log()] == ["" if expected == "admitted" else expected]
    if verdict.rejection:
        assert verdict.rejection.facts == {"name": attendee.name, "state": status}


@pytest.mark.parametrize("ticket", ["", "hello", "0" * 26, "HTTPS://EVIL.EXAMPLE/T/" + "Z" * 26, "💥" * 200])
def test_what_is_no_ticket_is_refused_and_logged(door: Door, ticket: str) -> None:
    door.attendee()

    verdict = door.scan(ticket)

    assert (reason(verdict), verdict.name) == ("unknown-ticket", "")
    assert [(each.verdict, each.registration_id) for each in door.log()] == [("refused", None)]
    assert door.rows(CheckIn) == []


def test_a_ticket_of_another_event_is_refused_without_a_word_about_its_holder(door: Door) -> None:
    other = door.add_event(an_event(slug="other", organiser=door.event.organiser))
    stranger = door.attendee("Arash Kiani", event=other)

    verdict = door.scan(stranger.code)

    assert (reason(verdict), verdict.name) == ("ticket-of-another-event", "")
    assert verdict.rejection is not None
    assert verdict.rejection.facts == {}
    assert [each.registration_id for each in door.log()] == [None]
    assert door.rows(CheckIn) == []


def test_nobody_is_let_in_to_an_event_that_was_called_off(sqlite_url: str) -> None:
    door = open_door(sqlite_url, event=an_event(status="cancelled"))

    verdict = door.scan(door.attendee().code)

    assert reason(verdict) == "event-is-cancelled"
    assert door.rows(CheckIn) == []
    door.close()


def test_a_session_that_the_event_does_not_have_is_refused(door: Door) -> None:
    verdict = door.scan(door.attendee().code, session_id=uuid4())

    assert reason(verdict) == "no-such-session"
    assert [each.session_id for each in door.log()] == [None]


def test_an_event_without_sessions_has_no_door(sqlite_url: str) -> None:
    door = open_door(sqlite_url, event=an_event(sessions=()))

    assert reason(door.scan(door.attendee().code)) == "no-such-session"
    door.close()


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(-60 * 24, FIRST), (-5, FIRST), (0, FIRST), (119, FIRST), (120, LATER), (24 * 60 + 5, LATER), (10**5, LATER)],
)
def test_the_running_or_next_session_is_meant_when_none_is_named(
    sqlite_url: str, minutes: int, expected: object
) -> None:
    door = open_door(sqlite_url, event=an_event(sessions=(LATER, FIRST)))

    verdict = door.scan(door.attendee().code, now=at(minutes))

    assert verdict.session_id == expected.id  # type: ignore[attr-defined]
    door.close()


def test_each_session_lets_the_same_ticket_in_once(sqlite_url: str) -> None:
    door = open_door(sqlite_url, event=an_event(sessions=(FIRST, LATER)))
    olena = door.attendee()

    verdicts = [door.scan(olena.code, session_id=each.id) for each in (FIRST, LATER, FIRST, LATER)]

    assert [reason(each) for each in verdicts] == ["admitted", "admitted", "already-checked-in", "already-checked-in"]
    assert len(door.rows(CheckIn)) == 2
    door.close()


def test_a_place_in_one_session_does_not_open_another(sqlite_url: str) -> None:
    early, late = a_quota(session_id=FIRST.id), a_quota(session_id=LATER.id)
    door = open_door(sqlite_url, event=an_event(sessions=(FIRST, LATER), quotas=(early, late)))
    olena = door.attendee(quota_ids=(late.id,))

    wrong = door.scan(olena.code, session_id=FIRST.id)
    by_itself = door.scan(olena.code, now=at(5))

    assert wrong.rejection is not None
    assert wrong.rejection.facts == {
        "name": olena.name,
        "session_id": str(LATER.id),
        "starts_at": LATER.starts_at.isoformat(),
    }
    assert (reason(by_itself), by_itself.session_id) == ("admitted", LATER.id)
    door.close()


def test_without_an_event_the_ticket_says_which_door_it_is(door: Door) -> None:
    olena = door.attendee()

    verdict = door.scan(olena.code, event_id=None)

    assert (reason(verdict), verdict.event_id) == ("admitted", door.event.id)


def test_a_session_of_another_event_says_which_door_it_is(door: Door) -> None:
    other = door.add_event(an_event(slug="other", organiser=door.event.organiser))

    verdict = door.scan(door.attendee().code, event_id=None, session_id=other.sessions[0].id)

    assert (reason(verdict), verdict.event_id, verdict.name) == ("ticket-of-another-event", other.id, "")


# ---- the same scan again -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["confirmed", "waiting", "cancelled"])
def test_the_same_scan_again_gives_the_same_answer_and_changes_nothing(any_door: Door, status: str) -> None:
    attendee, scan_id = any_door.attendee(status=status), uuid4()
    first = any_door.scan(attendee.code, scan_id=scan_id, device="Tor 1", scanned_at=at(1), now=at(1))

    again = any_door.scan(attendee.code, scan_id=scan_id, device="Tor 1", scanned_at=at(1), now=at(60))

    assert replace(again, rejection=None) == replace(first, rejection=None)
    assert (reason(again), facts(again)) == (reason(first), facts(first))
    assert len(any_door.log()) == 1
    assert len(any_door.told()) == (status == "confirmed")


def test_a_repeated_red_scan_stays_red_with_the_same_words(door: Door) -> None:
    olena, scan_id = door.attendee(), uuid4()
    door.scan(olena.code, device="Tor 1", now=at(1))
    first = door.scan(olena.code, scan_id=scan_id, now=at(2))

    again = door.scan(olena.code, scan_id=scan_id, now=at(3))

    assert (reason(again), facts(again)) == (reason(first), facts(first))


def test_a_scan_sent_again_after_its_undo_does_not_let_her_in_again(door: Door) -> None:
    olena, scan_id = door.attendee(), uuid4()
    door.scan(olena.code, scan_id=scan_id)
    door.undo(scan_id)

    again = door.scan(olena.code, scan_id=scan_id)

    assert reason(again) == "admitted"
    assert door.rows(CheckIn) == []


@pytest.mark.parametrize("change", [{"device": "Tor 9"}, {"session_id": uuid4()}, {"scanned_at": at(1)}])
def test_the_same_scan_id_with_other_content_is_refused(door: Door, change: dict[str, object]) -> None:
    olena, scan_id = door.attendee(), uuid4()
    door.scan(olena.code, scan_id=scan_id)

    with pytest.raises(ScanIdIsTaken):
        door.scan(olena.code, scan_id=scan_id, **change)

    assert len(door.log()) == 1


def test_the_same_scan_id_for_another_ticket_lets_nobody_in(door: Door) -> None:
    olena, arash, scan_id = door.attendee(), door.attendee("آرش کیانی"), uuid4()
    door.scan(olena.code, scan_id=scan_id)

    with pytest.raises(ScanIdIsTaken):
        door.scan(arash.code, scan_id=scan_id)

    assert [each.registration_id for each in door.rows(CheckIn)] == [olena.id]


def test_a_ticket_in_groups_or_as_an_address_is_the_same_content(door: Door) -> None:
    olena, scan_id = door.attendee(), uuid4()
    door.scan(f"HTTPS://WERKTOR.EXAMPLE/T/{olena.code}", scan_id=scan_id)

    assert reason(door.scan(olena.code.lower(), scan_id=scan_id)) == "admitted"


# ---- scans that arrive late ---------------------------------------------------------------------------------------


def test_a_scan_that_waited_becomes_the_first_and_takes_no_green_light_back(any_door: Door) -> None:
    olena = any_door.attendee()
    live = any_door.scan(olena.code, device="Tor 2", now=at(5))

    late = any_door.scan(olena.code, device="Tor 1", scanned_at=at(2), now=at(9))
    third = any_door.scan(olena.code, device="Tor 3", now=at(10))

    assert (reason(live), reason(late)) == ("admitted", "admitted")
    assert [(each.scan_id, each.device, each.scanned_at) for each in any_door.rows(CheckIn)] == [
        (late.scan_id, "Tor 1", at(2))
    ]
    assert [each.verdict for each in any_door.log()] == ["admitted", "admitted", "duplicate"]
    assert facts(third)["device"] == "Tor 1"
    assert [body["scan_id"] for _, body in any_door.told()] == [str(live.scan_id), str(late.scan_id)]


def test_a_scan_that_waited_but_was_made_after_the_first_is_the_second(door: Door) -> None:
    olena = door.attendee()
    door.scan(olena.code, device="Tor 2", now=at(5))

    late = door.scan(olena.code, device="Tor 1", scanned_at=at(6), now=at(9))

    assert (reason(late), facts(late)["device"]) == ("already-checked-in", "Tor 2")


def test_a_slower_network_does_not_make_a_live_scan_the_first(door: Door) -> None:
    olena = door.attendee()
    door.scan(olena.code, scanned_at=at(seconds=1), now=at(seconds=1.2))

    slower = door.scan(olena.code, scanned_at=at(seconds=0.5), now=at(seconds=2.5))

    assert reason(slower) == "already-checked-in"


def test_a_phone_whose_clock_runs_ahead_cannot_scan_in_the_future(door: Door) -> None:
    verdict = door.scan(door.attendee().code, scanned_at=at(600), now=at(1))

    assert verdict.scanned_at == at(1)


# ---- undo ---------------------------------------------------------------------------------------------------------


def test_after_an_undo_she_is_out_and_the_next_scan_lets_her_in_again(any_door: Door) -> None:
    olena = any_door.attendee()
    first = any_door.scan(olena.code, now=at(1))

    any_door.undo(first.scan_id, now=at(2))
    assert any_door.rows(CheckIn) == []
    second = any_door.scan(olena.code, now=at(3))

    assert reason(second) == "admitted"
    assert [(each.kind, each.verdict) for each in any_door.log()] == [
        ("entry", "admitted"),
        ("undo", "undone"),
        ("entry", "admitted"),
    ]
    assert [name.split(".")[1] for name, _ in any_door.told()] == [
        "attendee_checked_in",
        "check_in_undone",
        "attendee_checked_in",
    ]
    assert [(each.action, each.object_id) for each in any_door.rows(AuditEntry)] == [("undo_check_in", olena.id)]


def test_undoing_twice_is_undoing_once(door: Door) -> None:
    first = door.scan(door.attendee().code)
    door.undo(first.scan_id)

    door.undo(first.scan_id)

    assert len(door.log()) == 2
    assert len(door.told()) == 2
    assert len(door.rows(AuditEntry)) == 1


def test_undoing_one_of_two_green_lights_leaves_her_in(door: Door) -> None:
    olena = door.attendee()
    live = door.scan(olena.code, device="Tor 2", now=at(5))
    late = door.scan(olena.code, device="Tor 1", scanned_at=at(2), now=at(9))

    door.undo(late.scan_id, now=at(10))

    assert [each.scan_id for each in door.rows(CheckIn)] == [live.scan_id]
    assert door.told()[-1][0] == "registration.attendee_checked_in.v1"


def test_a_red_scan_cannot_be_undone(door: Door) -> None:
    olena = door.attendee()
    door.scan(olena.code)
    red = door.scan(olena.code)

    with pytest.raises(NothingToUndo):
        door.undo(red.scan_id)

    assert len(door.rows(CheckIn)) == 1
    assert len(door.log()) == 2


def test_an_unknown_scan_cannot_be_undone(door: Door) -> None:
    with pytest.raises(NotFound):
        door.undo(uuid4())


# ---- who may ------------------------------------------------------------------------------------------------------


def test_nobody_unknown_scans(door: Door) -> None:
    with pytest.raises(NotSignedIn):
        door.scan(door.attendee().code, actor=ANONYMOUS)

    assert door.log() == []


@pytest.mark.parametrize("named", [True, False])
def test_a_stranger_cannot_tell_a_ticket_from_nonsense(door: Door, named: bool) -> None:
    stranger = Actor(id=uuid4(), kind="account", organisations={uuid4(): Role.ADMIN})
    olena = door.attendee()

    if named:
        with pytest.raises(NotFound):
            door.scan(olena.code, actor=stranger)
    else:
        verdict = door.scan(olena.code, event_id=None, actor=stranger)
        assert (reason(verdict), verdict.event_id, verdict.name) == ("unknown-ticket", None, "")
        assert [each.registration_id for each in door.log()] == [None]

    assert door.rows(CheckIn) == []


def test_a_stranger_learns_nothing_by_sending_a_scan_id_again(door: Door) -> None:
    stranger = Actor(id=uuid4(), kind="account", organisations={uuid4(): Role.ADMIN})
    olena, scan_id = door.attendee(), uuid4()
    door.scan(olena.code, scan_id=scan_id)

    with pytest.raises(NotFound):
        door.scan(olena.code, scan_id=scan_id, actor=stranger)
    with pytest.raises(NotFound):
        door.undo(scan_id, actor=stranger)

    assert len(door.rows(CheckIn)) == 1


def test_a_paired_phone_scans_its_own_event_and_no_other(door: Door) -> None:
    other = door.add_event(an_event(slug="other", organiser=door.event.organiser))
    phone = Actor(id=uuid4(), kind="device", event_id=door.event.id)
    olena, stranger = door.attendee(), door.attendee("Arash", event=other)

    own = door.scan(olena.code, event_id=None, actor=phone)
    foreign = door.scan(stranger.code, event_id=None, actor=phone)

    assert (reason(own), reason(foreign), foreign.name) == ("admitted", "ticket-of-another-event", "")
    with pytest.raises(NotFound):
        door.scan(stranger.code, event_id=other.id, actor=phone)


# ---- races --------------------------------------------------------------------------------------------------------


def at_once(door: Door, number: int, ticket: str, scan_ids: list[UUID]) -> list[str]:
    """So many doors scan the same ticket in the same moment."""
    start, verdicts = threading.Barrier(number), list[str]()

    def scan(index: int) -> None:
        start.wait()
        now = START + timedelta(milliseconds=index)
        verdicts.append(reason(door.scan(ticket, scan_id=scan_ids[index], now=now, device=f"Tor {index}")))

    threads = [threading.Thread(target=scan, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(verdicts)


def test_two_doors_scanning_the_same_ticket_let_one_person_in(any_door: Door) -> None:
    olena = any_door.attendee()

    verdicts = at_once(any_door, 8, olena.code, [uuid4() for _ in range(8)])

    assert verdicts == ["admitted"] + ["already-checked-in"] * 7
    assert len(any_door.rows(CheckIn)) == 1
    assert [each.verdict for each in any_door.log()].count("admitted") == 1
    assert len(any_door.told()) == 1


def test_a_scan_sent_twice_at_once_is_one_scan(any_door: Door) -> None:
    olena, scan_id = any_door.attendee(), uuid4()
    start, verdicts = threading.Barrier(6), list[str]()

    def send() -> None:
        start.wait()
        verdicts.append(reason(any_door.scan(olena.code, scan_id=scan_id)))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert verdicts == ["admitted"] * 6
    assert len(any_door.log()) == 1


def facts(verdict: Verdict) -> dict[str, object]:
    return verdict.rejection.facts if verdict.rejection else {}

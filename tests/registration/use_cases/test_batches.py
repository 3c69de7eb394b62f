"""Actions on many: announced, undone in time, carried out exactly once."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from services.registration.domain.batches import Action, BatchHasBegun, BatchWish, NothingToTakeBack
from services.registration.domain.rejections import NotWaiting
from services.registration.domain.selection import Selection
from services.registration.storage import batches, registrations
from services.registration.storage.tables import AuditEntry, BatchItem, CheckIn, Event, HistoryLine, Registration
from services.registration.use_cases.carry_out_batches import carry_out_batches
from services.registration.use_cases.correct_attendance import mark_absent, mark_present
from services.registration.use_cases.move_in_waiting_list import move_in_waiting_list
from services.registration.use_cases.start_batch import start_batch
from services.registration.use_cases.undo_batch import undo_batch
from shared.contracts.events import SignUpRules
from shared.database import sessions_for
from shared.errors import InvalidInput, NotFound
from shared.policy import Actor, Role
from tests.registration.builders import (
    LINKS,
    NOW,
    ORGANISATION,
    TERMS,
    a_registration,
    a_snapshot,
    an_event,
    later,
    messages,
    names_of,
)

ORGANISER = Actor(id=uuid4(), kind="account", name="Mina Öz", organisations={ORGANISATION: Role.ORGANISER})
DUE = later(seconds=61)


def started(session: Session, event: Event, action: Action, *ids: UUID, **more: Any) -> UUID:
    """An action that waits."""
    wish = BatchWish(action=action, selection=Selection(ids=ids or None), **more)
    return start_batch(wish, event=event, actor=ORGANISER, session=session, now=NOW).id


def carried_out(session: Session, now: Any = DUE) -> None:
    """The job, until nothing is left."""
    for _ in range(20):
        carry_out_batches(session=session, now=now, links=LINKS)


def statuses(session: Session) -> dict[str, str]:
    """Who is what."""
    session.expire_all()
    return dict(session.execute(select(Registration.name, Registration.status)).all())  # type: ignore[arg-type]


def test_nothing_happens_before_the_grace_is_over(session: Session) -> None:
    event = an_event(session)
    a_registration(session, event, name="A")
    started(session, event, Action.CANCEL)
    before = len(messages(session))

    carried_out(session, later(seconds=59))

    assert statuses(session) == {"A": "confirmed"}
    assert len(messages(session)) == before


def test_an_undo_in_time_leaves_no_trace(session: Session) -> None:
    event = an_event(session)
    a_registration(session, event, name="A")
    batch_id = started(session, event, Action.CANCEL)
    before = len(messages(session))

    undo_batch(batch_id, actor=ORGANISER, session=session, now=later(seconds=30))
    carried_out(session)

    assert statuses(session) == {"A": "confirmed"}
    assert len(messages(session)) == before
    with pytest.raises(NothingToTakeBack):
        undo_batch(batch_id, actor=ORGANISER, session=session, now=later(seconds=31))


def test_a_bulk_cancel_gives_each_place_to_the_next_and_is_done_once(session: Session) -> None:
    event = an_event(session, capacity=2)
    first, second, *_ = [a_registration(session, event, name=name).id for name in "ABCD"]
    batch_id = started(session, event, Action.CANCEL, first, second, reason="Room is closed")

    carried_out(session)
    carried_out(session, later(hours=1))

    assert statuses(session) == {"A": "cancelled", "B": "cancelled", "C": "confirmed", "D": "confirmed"}
    assert names_of(messages(session)).count("RegistrationCancelled") == 2
    assert batches.counts(session, batch_id) == {"done": 2}
    entries = session.scalars(select(AuditEntry.action)).all()
    assert entries.count("cancel_registration") == 2


def test_what_has_begun_cannot_be_undone(session: Session) -> None:
    event = an_event(session)
    a_registration(session, event, name="A")
    batch_id = started(session, event, Action.CANCEL)
    carried_out(session)

    with pytest.raises(BatchHasBegun):
        undo_batch(batch_id, actor=ORGANISER, session=session, now=DUE)

    assert statuses(session) == {"A": "cancelled"}


def test_who_left_meanwhile_is_passed_over_and_named(session: Session) -> None:
    event = an_event(session)
    a_registration(session, event, name="A")
    batch_id = started(session, event, Action.CANCEL)
    second = started(session, event, Action.CANCEL)

    carried_out(session)

    assert batches.counts(session, batch_id).keys() | batches.counts(session, second).keys() == {"done", "skipped"}
    outcomes = session.scalars(select(BatchItem.outcome).where(BatchItem.state == "skipped")).all()
    assert outcomes == ["not-living"]


def test_a_silent_cancel_says_so(session: Session) -> None:
    event = an_event(session)
    a_registration(session, event)
    started(session, event, Action.CANCEL, with_mail=False)

    carried_out(session)

    assert [each.silent for each in messages(session) if type(each).__name__ == "RegistrationCancelled"] == [True]  # type: ignore[attr-defined]


def test_one_address_gets_a_message_once_and_three_a_day(session: Session) -> None:
    event = an_event(session)
    a_registration(session, event, email="anna@example.org")
    started(session, event, Action.CANCEL)
    carried_out(session)
    a_registration(session, event, email="anna@example.org", now=later(seconds=90))
    words = {"subject": {"de": "Hallo"}, "text": {"de": "Bis morgen"}}

    for _ in range(4):
        started(session, event, Action.MESSAGE, **words)
        carried_out(session, later(seconds=200))

    written = [each for each in messages(session) if type(each).__name__ == "OrganiserMessageWritten"]
    assert len(written) == 3
    assert written[0].registration.status == "confirmed"  # type: ignore[attr-defined]
    assert "many-messages" in session.scalars(select(BatchItem.outcome)).all()
    assert session.scalars(select(HistoryLine.kind)).all().count("organiser_message_written") == 3


def test_a_message_needs_words_in_the_same_languages(session: Session) -> None:
    event = an_event(session)
    a_registration(session, event)

    for words in ({}, {"subject": {"de": "Hallo"}, "text": {"ar": "مرحبا"}}):
        with pytest.raises(InvalidInput):
            started(session, event, Action.MESSAGE, **words)

    assert batches.of_event(session, event.id, 10) == []


def test_each_gets_the_mail_again_that_fits_her_status(session: Session) -> None:
    event = an_event(session, capacity=1)
    a_registration(session, event, name="Holder")
    a_registration(session, event, name="Waiter")
    a_registration(session, event, name="Pending", terms=TERMS)
    before = len(names_of(messages(session)))
    started(session, event, Action.RESEND)

    carried_out(session)

    new = names_of(messages(session))[before:]
    assert sorted(new) == ["AddressConfirmationRequested", "RegistrationWaitlisted", "TicketRequested"]


def test_moving_up_keeps_the_order_of_the_moved_and_gives_no_place(session: Session) -> None:
    event = an_event(session, capacity=1)
    ids = [a_registration(session, event, name=name).id for name in "HABCD"]
    started(session, event, Action.MOVE_UP, ids[3], ids[4], reason="Came from far")

    carried_out(session)

    found = {name: registrations.positions(session, each) for name, each in zip("HABCD", ids, strict=True)}
    assert [next(iter(found[name].values())) for name in "CDAB"] == [1, 2, 3, 4]
    assert statuses(session)["H"] == "confirmed"
    assert list(statuses(session).values()).count("confirmed") == 1
    reasons = [each.facts["reason"] for each in session.scalars(select(AuditEntry)) if each.action.startswith("move")]
    assert reasons == ["Came from far", "Came from far"]


@pytest.mark.parametrize(("position", "order"), [(1, "CAB"), (2, "ACB"), (3, "ABC"), (99, "ABC")])
def test_a_move_shifts_only_those_between(session: Session, position: int, order: str) -> None:
    event = an_event(session, capacity=0)
    ids = {name: a_registration(session, event, name=name).id for name in "ABC"}
    quota = event.quotas[0].id

    how = {"reason": "She has a train to catch", "actor": ORGANISER, "session": session, "now": NOW}
    move_in_waiting_list(ids["C"], quota, position=position, **how)

    assert sorted("ABC", key=lambda name: registrations.positions(session, ids[name])[quota]) == list(order)


def test_a_move_needs_a_reason_a_wait_and_the_right(session: Session) -> None:
    event = an_event(session, capacity=1)
    holder, waiter = (a_registration(session, event, name=name).id for name in "HW")
    quota = event.quotas[0].id
    stranger = Actor(id=uuid4(), kind="account", organisations={uuid4(): Role.ORGANISER})

    for who, reason, actor, no in (
        (waiter, " ", ORGANISER, InvalidInput),
        (holder, "Why not", ORGANISER, NotWaiting),
        (waiter, "Why not", stranger, NotFound),
    ):
        with pytest.raises(no):
            move_in_waiting_list(who, quota, position=1, reason=reason, actor=actor, session=session, now=NOW)

    assert session.scalars(select(AuditEntry)).all() == []


def test_attendance_is_marked_at_once_and_taken_back_later(session: Session) -> None:
    event = an_event(session)
    a_registration(session, event, name="A")
    place = UUID(event.snapshot["sessions"][0]["id"])
    batch_id = started(session, event, Action.MARK_PRESENT, session_id=place)

    carried_out(session, NOW)
    present = len(session.scalars(select(CheckIn)).all())
    undo_batch(batch_id, actor=ORGANISER, session=session, now=later(hours=1))
    carried_out(session, later(hours=1))

    assert present == 1
    assert session.scalars(select(CheckIn)).all() == []
    assert batches.get(session, batch_id).state == "undone"


def test_taking_a_batch_back_leaves_what_others_saw_since(session: Session) -> None:
    event = an_event(session)
    anna, _berta = (a_registration(session, event, name=name).id for name in ("A", "B"))
    place = UUID(event.snapshot["sessions"][0]["id"])
    batch_id = started(session, event, Action.MARK_PRESENT, session_id=place)
    carried_out(session, NOW)
    by_hand: Any = {"event": event, "actor": ORGANISER, "session": session}
    mark_absent(anna, place, now=later(minutes=5), **by_hand)
    mark_present(anna, place, now=later(minutes=10), **by_hand)

    undo_batch(batch_id, actor=ORGANISER, session=session, now=later(hours=1))
    carried_out(session, later(hours=1))

    assert session.scalars(select(CheckIn.registration_id)).all() == [anna]


def test_a_stranger_starts_and_undoes_nothing(session: Session) -> None:
    event = an_event(session)
    a_registration(session, event)
    batch_id = started(session, event, Action.CANCEL)
    stranger = Actor(id=uuid4(), kind="account", organisations={uuid4(): Role.ORGANISER})

    with pytest.raises(NotFound):
        undo_batch(batch_id, actor=stranger, session=session, now=NOW)
    with pytest.raises(NotFound):
        wish = BatchWish(action=Action.CANCEL, selection=Selection())
        start_batch(wish, event=event, actor=stranger, session=session, now=NOW)

    assert batches.get(session, batch_id).state == "waiting"


@pytest.mark.servers
def test_undo_and_job_at_the_same_moment_do_all_or_nothing(either_engine: Engine) -> None:
    sessions = sessions_for(either_engine)
    with sessions.begin() as session:
        event = an_event(session, capacity=30)
        for _ in range(30):
            a_registration(session, event)
        batch_id = started(session, event, Action.CANCEL)
    said: list[str] = []

    def undo() -> None:
        try:
            with sessions.begin() as session:
                undo_batch(batch_id, actor=ORGANISER, session=session, now=DUE)
            said.append("undone")
        except BatchHasBegun:
            said.append("too late")

    def work() -> None:
        for _ in range(5):
            with sessions.begin() as session:
                carry_out_batches(session=session, now=DUE + timedelta(seconds=1), links=LINKS)

    threads = [threading.Thread(target=each) for each in (undo, work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with sessions.begin() as session:
        found = set(statuses(session).values())
        cancelled = names_of(messages(session)).count("RegistrationCancelled")
    assert (said, found, cancelled) in ((["undone"], {"confirmed"}, 0), (["too late"], {"cancelled"}, 30))


def test_who_applied_is_not_said_to_stand_in_a_line_when_her_mail_is_sent_again(session: Session) -> None:
    told = replace(a_snapshot(), sign_up=SignUpRules(selection="approval"))
    event = an_event(session, told)
    receipt = a_registration(session, event)
    started(session, event, Action.RESEND, receipt.id)

    carried_out(session)

    assert names_of(messages(session)) == ["ApplicationReceived", "ApplicationReceived"]

"""What was committed is numbered without a hole and sent until every reader has it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from shared.contracts.envelope import Envelope, Position
from shared.database import reading_sessions_for, sessions_for
from shared.messaging import outbox, relay, retries
from shared.messaging.broker import BrokerGone
from shared.messaging.readers import Readers
from shared.messaging.tables import inbox, outbox_reader, outbox_stream
from shared.messaging.tables import outbox as outbox_table
from shared.messaging.wakeup import woken
from tests.shared.messaging.world import (
    HANDLERS,
    NOW,
    Said,
    Unwell,
    Wire,
    database,
    effects,
    envelopes,
    eventually,
    in_order,
    murmur,
    receive,
    say,
    say_in,
    states,
)


def test_a_message_of_a_transaction_that_failed_was_never_said(speaker: Engine) -> None:
    with pytest.raises(Unwell), sessions_for(speaker).begin() as session:
        say_in(session, "a")
        raise Unwell

    assert envelopes(speaker) == []


def test_the_same_version_of_an_aggregate_cannot_be_told_twice(speaker: Engine) -> None:
    with pytest.raises(IntegrityError), sessions_for(speaker).begin() as session:
        for _ in range(2):
            outbox.add(session, Said(aggregate="a", version=1), aggregate="thing:a", version=1)

    assert envelopes(speaker) == []


def test_two_hundred_writers_at_once_give_numbers_without_a_hole(speaker: Engine) -> None:
    wire, over = Wire(), threading.Event()

    def keep_sending() -> None:
        while not over.is_set():
            relay.step(speaker, "events", wire, now=NOW)

    say(speaker, "0")
    senders = [threading.Thread(target=keep_sending) for _ in range(2)]
    for each in senders:
        each.start()
    with ThreadPoolExecutor(24) as pool:
        list(pool.map(lambda number: say(speaker, str(number % 10)), range(200)))
    over.set()
    for each in senders:
        each.join()
    while relay.step(speaker, "events", wire, now=NOW):
        pass

    said = envelopes(speaker)
    assert [each.seq for each in said] == list(range(1, 202))
    assert {each.seq for each in wire.sent} == set(range(1, 202))
    assert in_order([(each.subject, each.version) for each in said])


def test_what_the_broker_did_not_confirm_is_sent_again(speaker: Engine) -> None:
    class Broken:
        def publish(self, _envelopes: object, *, reader: str | None = None) -> None:
            raise BrokerGone("no confirm")

    say(speaker)
    with pytest.raises(BrokerGone):
        relay.step(speaker, "events", Broken(), now=NOW)

    wire = Wire()
    assert relay.step(speaker, "events", wire, now=NOW) == 1
    assert relay.step(speaker, "events", wire, now=NOW) == 0
    assert [each.seq for each in wire.sent] == [1]


def test_the_trace_of_a_request_goes_with_its_messages_and_on_to_what_they_cause(
    speaker: Engine, hearer: Engine
) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with sessions_for(speaker).begin() as session:
        session.info["traceparent"] = trace
        say_in(session, "a")
    (envelope,) = envelopes(speaker)

    def answer(_message: object, *, session, now: object) -> None:  # type: ignore[no-untyped-def]
        say_in(session, "b")

    from shared.messaging import inbox as taking

    taking.receive(hearer, dict.fromkeys(HANDLERS, answer), envelope, now=NOW)

    assert [each.traceparent for each in envelopes(hearer)] == [trace]


def sent(engine: Engine, count: int) -> tuple[list[Envelope], Readers]:
    """So many messages, all sent."""
    for _ in range(count):
        say(engine)
    wire = Wire()
    while relay.step(engine, "events", wire, now=NOW):
        pass
    return wire.sent, Readers(engine, "events")


def ask(said: list[Envelope], position: int, before: int | None = None) -> Position:
    return Position(reader="notifications", epoch=said[0].epoch, position=position, before=before, resend=True)


def test_a_reader_that_lost_messages_is_sent_just_those(speaker: Engine) -> None:
    said, readers = sent(speaker, 10)
    wire = Wire()

    readers.answer(ask(said, 4, before=8), wire, now=NOW)

    assert [each.seq for each in wire.sent] == [5, 6, 7, 8]
    assert [each.after for each in wire.sent] == [4, 5, 6, 7]
    assert set(wire.to) == {"notifications"}


def test_many_old_reports_at_once_cause_one_answer(speaker: Engine) -> None:
    said, readers = sent(speaker, 10)
    wire = Wire()

    for _ in range(50):
        readers.answer(ask(said, 0), wire, now=NOW)
    assert len(wire.sent) == 10

    readers.answer(ask(said, 0), wire, now=NOW + timedelta(seconds=2))
    assert len(wire.sent) == 10
    readers.answer(ask(said, 0), wire, now=NOW + timedelta(seconds=6))
    assert len(wire.sent) == 20


def test_a_clock_that_was_set_back_does_not_keep_a_reader_waiting(speaker: Engine) -> None:
    said, readers = sent(speaker, 10)
    wire = Wire()

    readers.answer(ask(said, 0), wire, now=NOW + timedelta(hours=2))
    readers.answer(ask(said, 0), wire, now=NOW)

    assert len(wire.sent) == 20


def test_a_new_reader_is_sent_what_is_left_and_told_what_is_not(speaker: Engine, hearer: Engine) -> None:
    sent(speaker, 5)
    with sessions_for(speaker).begin() as session:
        for name in ("registration", "notifications"):
            session.execute(insert(outbox_reader).values(name=name, position=5, seen_at=NOW))
    with sessions_for(speaker).begin() as session:
        relay.prune(session, "events", now=NOW + timedelta(days=8))
    assert [each.seq for each in envelopes(speaker)] == [5]
    wire = Wire()

    new = Position(reader="notifications", epoch="", position=0, resend=True)
    Readers(speaker, "events").answer(new, wire, now=NOW)
    for each in wire.sent:
        receive(hearer, each)

    assert effects(hearer) == [("a", 5)]


def test_nothing_is_pruned_that_one_reader_still_lacks_or_that_is_young(speaker: Engine) -> None:
    sent(speaker, 5)
    with sessions_for(speaker).begin() as session:
        session.execute(insert(outbox_reader).values(name="registration", position=5, seen_at=NOW))
        relay.prune(session, "events", now=NOW + timedelta(days=8))
    assert len(envelopes(speaker)) == 5

    with sessions_for(speaker).begin() as session:
        session.execute(insert(outbox_reader).values(name="notifications", position=3, seen_at=NOW))
        relay.prune(session, "events", now=NOW + timedelta(days=6))
    assert len(envelopes(speaker)) == 5

    with sessions_for(speaker).begin() as session:
        relay.prune(session, "events", now=NOW + timedelta(days=8))
    assert [each.seq for each in envelopes(speaker)] == [4, 5]


def test_a_producer_restored_from_a_backup_begins_a_new_epoch_and_nothing_is_seen_twice(
    speaker: Engine, hearer: Engine
) -> None:
    said, readers = sent(speaker, 5)
    for each in said:
        receive(hearer, each)
    with sessions_for(speaker).begin() as session:  # back to the state after three, then two others are said
        session.execute(outbox_table.delete().where(outbox_table.c.seq > 3))
        session.execute(update(outbox_stream).values(last_seq=3, sent_seq=3))
    for _ in range(2):
        say(speaker, "after the restore")
    wire = Wire()

    readers.answer(ask(said, 5), wire, now=NOW)
    readers.answer(ask(said, 6), wire, now=NOW)
    while relay.step(speaker, "events", wire, now=NOW):
        pass
    for each in wire.sent:
        receive(hearer, each)

    assert len({each.epoch for each in envelopes(speaker)} | {said[0].epoch}) == 2
    assert effects(hearer)[5:] == [("after the restore", 1), ("after the restore", 2)]
    assert effects(hearer)[:5] == [("a", version) for version in range(1, 6)]


def test_a_producer_whose_database_was_made_anew_is_heard(
    speaker: Engine, hearer: Engine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for _ in range(3):
        say(speaker)
    for each in envelopes(speaker):
        receive(hearer, each)

    anew = database(f"sqlite:///{tmp_path_factory.mktemp('anew')}/anew.db")
    with sessions_for(anew).begin() as session:
        relay.begin_epoch(session, "events", now=NOW + timedelta(days=1))
    say(anew, "new")
    for each in envelopes(anew):
        receive(hearer, each)
    anew.dispose()

    assert effects(hearer)[3:] == [("new", 1)]


def test_echoes_of_an_epoch_that_was_given_up_are_ignored(speaker: Engine, hearer: Engine) -> None:
    say(speaker)
    (old,) = envelopes(speaker)
    with sessions_for(speaker).begin() as session:
        relay.begin_epoch(session, "events", now=NOW + timedelta(days=1))
    (new,) = envelopes(speaker)

    for each in (new, old, new, old):
        receive(hearer, each)

    assert old.epoch < new.epoch
    assert effects(hearer) == [("a", 1)]


def test_a_long_gap_with_much_behind_it_closes_in_order(speaker: Engine, hearer: Engine) -> None:
    for number in range(30):
        say(speaker, "ab"[number % 2])
    murmur(speaker, 1)
    said = envelopes(speaker)

    for each in reversed(said):
        receive(hearer, each)
    retries.drain(hearer, HANDLERS, now=NOW, seconds=10)

    assert len(effects(hearer)) == 30
    assert in_order(effects(hearer))
    assert set(states(hearer).values()) == {"done"}
    with reading_sessions_for(hearer).begin() as session:
        assert session.scalar(select(func.count()).select_from(inbox).where(inbox.c.message_id == uuid4())) == 0


def test_a_commit_of_another_process_wakes_the_relay(speaker: Engine, urls: tuple[str, str]) -> None:
    import subprocess
    import sys

    stop = threading.Event()
    with woken(speaker, stop) as wake:
        wake.wait(0.3)  # the first look at a file counts as news
        wake.clear()
        script = f"from tests.shared.messaging.world import *; import time; say(database({urls[0]!r})); time.sleep(.5)"
        talking = subprocess.Popen([sys.executable, "-c", script])
        assert talking.wait(60) == 0
        eventually(wake.is_set)

"""Several messages share a transaction, and none of them notices."""

import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, select

from shared.contracts.envelope import Envelope
from shared.database import reading_sessions_for, sessions_for
from shared.messaging import attempts, inbox, relay, retries
from shared.messaging.inbox import Arrival
from shared.messaging.tables import inbox as inbox_table
from tests.shared.messaging.test_workers import Process, memory_url, pair_of, running, start, waiting_in
from tests.shared.messaging.world import (
    HANDLERS,
    NOW,
    effects,
    envelopes,
    eventually,
    in_order,
    murmur,
    receive,
    say,
    states,
    two_databases,
)

__all__ = ["memory_url", "start"]


def receive_all(engine: Engine, arrivals: Sequence[Arrival], seconds: float = 60.0) -> list[int]:
    """As the consumer does it; how many went together each time."""
    left, counts = list(arrivals), []
    while left:
        counts.append(inbox.receive_first(engine, HANDLERS, left, now=NOW, seconds=seconds).count)
        del left[: counts[-1]]
    return counts


def arrivals(found: Sequence[Envelope], *, suspect: bool = False) -> list[Arrival]:
    return [Arrival(each, suspect=suspect) for each in found]


def attempts_made(engine: Engine) -> dict[int, int]:
    with reading_sessions_for(engine).begin() as session:
        query = select(inbox_table.c.seq, inbox_table.c.attempts).where(inbox_table.c.attempts > 0)
        return dict(session.execute(query).all())


def test_what_comes_together_is_handled_together_and_in_order(speaker: Engine, hearer: Engine) -> None:
    for number in range(30):
        say(speaker, "abc"[number % 3])
    murmur(speaker, 1)

    assert receive_all(hearer, arrivals(envelopes(speaker))) == [31]

    assert effects(hearer) == [("abc"[number % 3], number // 3 + 1) for number in range(30)]
    assert states(hearer) == dict.fromkeys(range(1, 31), "done")


def test_many_messages_take_hardly_more_statements_than_one(speaker: Engine, hearer: Engine) -> None:
    statements: list[str] = []
    event.listen(hearer, "before_cursor_execute", lambda *args: statements.append(args[2]))
    for number in range(40):
        murmur(speaker, number + 1)
    first, *others = envelopes(speaker)

    receive(hearer, first)
    alone = len(statements)
    statements.clear()
    receive_all(hearer, arrivals(others))

    assert len(statements) <= alone


def test_one_that_fails_in_the_middle_harms_no_neighbour(speaker: Engine, hearer: Engine) -> None:
    for number in range(10):
        say(speaker, "abc"[number % 3], "fail" if number == 4 else "")

    receive_all(hearer, arrivals(envelopes(speaker)))

    assert [each for each in effects(hearer) if each[0] != "b"] == [
        ("abc"[n % 3], n // 3 + 1) for n in range(10) if n % 3 != 1
    ]
    assert [each for each in effects(hearer) if each[0] == "b"] == [("b", 1)]
    assert {seq for seq, state in states(hearer).items() if state == "pending"} == {5, 8}
    assert attempts_made(hearer) == {5: 1}


def test_a_batch_in_which_all_fail_leaves_all_for_later(speaker: Engine, hearer: Engine) -> None:
    for number in range(6):
        say(speaker, str(number), "fail")

    receive_all(hearer, arrivals(envelopes(speaker)))

    assert effects(hearer) == []
    assert attempts_made(hearer) == dict.fromkeys(range(1, 7), 1)


def test_the_same_message_twice_in_a_batch_has_its_effect_once(speaker: Engine, hearer: Engine) -> None:
    say(speaker)
    say(speaker)
    first, second = envelopes(speaker)

    receive_all(hearer, arrivals([first, first, second, first, second]))
    receive_all(hearer, arrivals([second, first]))

    assert effects(hearer) == [("a", 1), ("a", 2)]


def test_the_same_message_twice_beyond_a_gap_waits_once(speaker: Engine, hearer: Engine) -> None:
    for _ in range(3):
        say(speaker)
    first, second, third = envelopes(speaker)

    receive_all(hearer, arrivals([third, third, second, second, third]))
    assert states(hearer) == {2: "pending", 3: "pending"}
    receive_all(hearer, arrivals([first, second, third]))
    retries.drain(hearer, HANDLERS, now=NOW, seconds=5)

    assert effects(hearer) == [("a", 1), ("a", 2), ("a", 3)]


def test_a_gap_inside_a_batch_makes_what_follows_wait(speaker: Engine, hearer: Engine) -> None:
    for number in range(6):
        say(speaker, "ab"[number % 2])
    found = envelopes(speaker)

    receive_all(hearer, arrivals([*found[:2], *found[3:]]))
    assert effects(hearer) == [("a", 1), ("b", 1)]
    assert states(hearer) == {1: "done", 2: "done", 4: "pending", 5: "pending", 6: "pending"}

    receive_all(hearer, arrivals([found[2]]))
    retries.drain(hearer, HANDLERS, now=NOW, seconds=5)
    assert len(effects(hearer)) == 6
    assert in_order(effects(hearer))


def test_a_batch_that_comes_again_is_kept_first_and_then_handled_once(speaker: Engine, hearer: Engine) -> None:
    for number in range(12):
        say(speaker, "abc"[number % 3])
    found = envelopes(speaker)
    receive_all(hearer, arrivals(found[:5]))

    receive_all(hearer, arrivals(found, suspect=True))
    assert len(effects(hearer)) == 5
    assert [states(hearer)[seq] for seq in range(6, 13)] == ["pending"] * 7
    assert retries.drain(hearer, HANDLERS, now=NOW, seconds=5) == 7

    assert len(effects(hearer)) == 12
    assert in_order(effects(hearer))


def test_a_new_epoch_ends_a_batch(speaker: Engine, hearer: Engine) -> None:
    say(speaker)
    old = envelopes(speaker)
    with sessions_for(speaker).begin() as session:
        relay.begin_epoch(session, "events", now=NOW + timedelta(days=1))
    say(speaker)
    new = envelopes(speaker)

    assert receive_all(hearer, arrivals([*old, *new, *old])) == [1, 2, 1]

    assert effects(hearer) == [("a", 1), ("a", 2)]


def test_a_batch_of_what_was_sent_again_steps_over_what_the_producer_lost(speaker: Engine, hearer: Engine) -> None:
    for _ in range(6):
        say(speaker)
    *_, fourth, fifth, sixth = envelopes(speaker)

    receive_all(hearer, arrivals([replace(fourth, after=0), replace(fifth, after=4), replace(sixth, after=5)]))

    assert effects(hearer) == [("a", 4), ("a", 5), ("a", 6)]


def test_a_transaction_ends_in_time_however_much_has_come(speaker: Engine, hearer: Engine) -> None:
    for _ in range(5):
        say(speaker)

    assert receive_all(hearer, arrivals(envelopes(speaker)), seconds=-1) == [1, 1, 1, 1, 1]

    assert effects(hearer) == [("a", version) for version in range(1, 6)]


def test_of_those_that_are_tried_together_only_the_failing_one_has_had_its_attempt(
    speaker: Engine, hearer: Engine
) -> None:
    for number in range(8):
        say(speaker, str(number), "fail" if number in (2, 5) else "")
    receive_all(hearer, arrivals(envelopes(speaker), suspect=True))

    retries.drain(hearer, HANDLERS, now=NOW, seconds=30)

    assert sorted(effects(hearer)) == [(str(number), 1) for number in range(8) if number not in (2, 5)]
    assert {seq: count for seq, count in attempts_made(hearer).items() if states(hearer)[seq] == "pending"} == {
        3: 1,
        6: 1,
    }


def test_two_consumers_with_the_same_batches_do_no_harm(speaker: Engine, hearer: Engine) -> None:
    for number in range(120):
        say(speaker, "abcdefg"[number % 7])
    found = arrivals(envelopes(speaker))
    both = [threading.Thread(target=receive_all, args=(hearer, found, 0.01)) for _ in range(2)]

    for each in both:
        each.start()
    for each in both:
        each.join()
    retries.drain(hearer, HANDLERS, now=NOW, seconds=30)

    assert len(effects(hearer)) == 120
    assert in_order(effects(hearer))
    assert set(states(hearer).values()) == {"done"}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    spoken=st.lists(st.sampled_from("abc"), min_size=1, max_size=10),
    chance=st.randoms(use_true_random=False),
    echoes=st.integers(0, 10),
)
def test_any_order_in_any_batches_has_the_same_effects(
    spoken: list[str], chance: Random, echoes: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("batches")
    with two_databases(f"sqlite:///{folder}/speaker.db", f"sqlite:///{folder}/hearer.db") as (speaker, hearer):
        ill = folder / "ill"
        ill.touch()
        for each in spoken:
            say(speaker, each, chance.choice(["", "", "", f"fail-while:{ill}"]))
        said = envelopes(speaker)
        coming = said + [chance.choice(said) for _ in range(echoes)]
        chance.shuffle(coming)
        while coming:
            count = chance.randint(1, 6)
            receive_all(hearer, [Arrival(each, suspect=chance.random() < 0.2) for each in coming[:count]])
            del coming[:count]
        ill.unlink()
        for minutes in range(1, 2 * attempts.LIMIT):
            retries.drain(hearer, HANDLERS, now=NOW + timedelta(minutes=minutes), seconds=5)

        assert len(effects(hearer)) == len(spoken)
        assert in_order(effects(hearer))


def test_what_was_handled_together_is_gone_from_the_broker(speaker: Engine, hearer: Engine, broker_url: str) -> None:
    with running(*pair_of(speaker, hearer, broker_url)):
        for number in range(150):
            say(speaker, str(number % 7))
        eventually(lambda: len(effects(hearer)) == 150)
        eventually(lambda: not waiting_in(broker_url, "werktor.notifications"))  # what was sent twice is on its way
        say(speaker, "last")  # and behind it, in the same queue, this
        eventually(lambda: len(effects(hearer)) == 151)

    assert waiting_in(broker_url, "werktor.notifications") == 0
    assert set(states(hearer).values()) == {"done"}


def test_a_message_that_ends_the_process_in_mid_batch_takes_no_other_with_it(
    pair: tuple[Engine, Engine], urls: tuple[str, str], broker_url: str, start: Callable[..., Process], tmp_path: Path
) -> None:
    speaker, hearer = pair
    deadly = tmp_path / "deadly"
    deadly.touch()
    for number in range(40):
        say(speaker, str(number % 10), f"die-while:{deadly}" if number == 25 else "")
    start("events", urls[0], broker_url, "relay")

    for _ in range(3):
        assert start("notifications", urls[1], broker_url, "consume").wait(60) == -signal.SIGKILL
    deadly.rename(tmp_path / "tame")
    start("notifications", urls[1], broker_url, "consume")
    eventually(lambda: len(effects(hearer)) >= 40, seconds=90)

    assert len(effects(hearer)) == 40
    assert in_order(effects(hearer))
    assert all(count <= 2 for seq, count in attempts_made(hearer).items() if seq != 26)

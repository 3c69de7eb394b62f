"""Every message has its effect once, in order per aggregate, whatever the broker does."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text

from shared.database import reading_sessions_for, sessions_for
from shared.messaging import attempts, retries
from shared.messaging.outage import DatabaseGone
from shared.messaging.tables import inbox
from tests.shared.messaging.world import (
    HANDLERS,
    NOW,
    database,
    effects,
    envelopes,
    in_order,
    murmur,
    receive,
    say,
    states,
    two_databases,
)


def test_a_message_has_its_effect_once_however_often_it_comes(speaker: Engine, hearer: Engine) -> None:
    say(speaker)
    (envelope,) = envelopes(speaker)

    answers = [receive(hearer, envelope) for _ in range(3)]

    assert answers == [True, True, True]
    assert effects(hearer) == [("a", 1)]


def test_messages_that_overtake_wait_for_the_ones_before(speaker: Engine, hearer: Engine) -> None:
    for _ in range(3):
        say(speaker)
    first, second, third = envelopes(speaker)

    assert not receive(hearer, third)
    assert not receive(hearer, second)
    assert effects(hearer) == []
    receive(hearer, first)
    made = retries.drain(hearer, HANDLERS, now=NOW, seconds=5)

    assert made == 2
    assert effects(hearer) == [("a", 1), ("a", 2), ("a", 3)]


def test_messages_nobody_handles_leave_no_gap_and_no_trace(speaker: Engine, hearer: Engine) -> None:
    murmur(speaker, 1)
    say(speaker)
    quiet, loud = envelopes(speaker)

    receive(hearer, quiet)
    receive(hearer, loud)

    assert effects(hearer) == [("a", 1)]
    assert states(hearer) == {2: "done"}


def test_a_failing_message_holds_up_its_own_aggregate_only(speaker: Engine, hearer: Engine, tmp_path: Path) -> None:
    ill = tmp_path / "ill"
    ill.touch()
    say(speaker, "a", f"fail-while:{ill}")
    say(speaker, "a")
    say(speaker, "b")

    for each in envelopes(speaker):
        receive(hearer, each)
    assert effects(hearer) == [("b", 1)]
    assert states(hearer) == {1: "pending", 2: "pending", 3: "done"}

    assert retries.drain(hearer, HANDLERS, now=NOW + timedelta(seconds=0.1), seconds=5) == 0
    ill.unlink()
    retries.drain(hearer, HANDLERS, now=NOW + timedelta(seconds=1), seconds=5)
    assert effects(hearer) == [("b", 1), ("a", 1), ("a", 2)]


def test_a_message_that_always_fails_is_parked_after_the_limit_with_its_reason(speaker: Engine, hearer: Engine) -> None:
    say(speaker, "a", "fail")
    say(speaker, "a")
    for each in envelopes(speaker):
        receive(hearer, each)

    tries = 1
    for minutes in range(1, 20):
        tries += retries.drain(hearer, HANDLERS, now=NOW + timedelta(minutes=2 * minutes), seconds=5)

    assert tries == attempts.LIMIT
    assert states(hearer) == {1: "parked", 2: "pending"}
    assert effects(hearer) == []
    with reading_sessions_for(hearer).begin() as session:
        reason = session.scalar(select(inbox.c.error).where(inbox.c.seq == 1))
    assert reason is not None
    assert reason.startswith("Unwell: a at ")


def test_a_message_that_ended_the_process_each_time_is_parked_too(speaker: Engine, hearer: Engine) -> None:
    say(speaker)
    (envelope,) = envelopes(speaker)
    receive(hearer, envelope, suspect=True)
    with sessions_for(hearer).begin() as session:  # what eight killed attempts leave behind
        session.execute(inbox.update().values(attempts=attempts.LIMIT))

    assert retries.drain(hearer, HANDLERS, now=NOW, seconds=5) == 0

    assert states(hearer) == {1: "parked"}
    assert effects(hearer) == []


def test_a_suspect_is_counted_before_it_is_tried(speaker: Engine, hearer: Engine) -> None:
    say(speaker)
    (envelope,) = envelopes(speaker)

    assert not receive(hearer, envelope, suspect=True)
    assert effects(hearer) == []
    assert retries.drain(hearer, HANDLERS, now=NOW, seconds=5) == 1
    assert effects(hearer) == [("a", 1)]


def test_what_a_clock_two_hours_ahead_put_off_is_tried_at_once(speaker: Engine, hearer: Engine) -> None:
    """The consumer whose clock ran ahead is gone or right again; nobody waits two hours for it."""
    say(speaker)
    (envelope,) = envelopes(speaker)
    receive(hearer, envelope, suspect=True)
    with sessions_for(hearer).begin() as session:
        session.execute(inbox.update().values(next_at=NOW + timedelta(hours=2)))

    assert retries.drain(hearer, HANDLERS, now=NOW, seconds=5) == 1

    assert effects(hearer) == [("a", 1)]


def test_a_database_that_is_away_uses_up_no_attempts(speaker: Engine, hearer: Engine) -> None:
    say(speaker, "a", "fail")
    (envelope,) = envelopes(speaker)
    receive(hearer, envelope, suspect=True)

    def lose(_message: object, *, session: object, now: object) -> None:
        raise DatabaseGone

    for _ in range(3 * attempts.LIMIT):
        with pytest.raises(DatabaseGone) as gone:
            retries.drain(hearer, dict.fromkeys(HANDLERS, lose), now=NOW, seconds=5)
        gone.value.afterwards()

    with reading_sessions_for(hearer).begin() as session:
        assert session.execute(select(inbox.c.attempts, inbox.c.state)).one() == (0, "pending")


def test_a_connection_that_breaks_under_the_handler_is_no_fault_of_the_message(
    postgres_url: str, sqlite_url: str
) -> None:
    with two_databases(sqlite_url, postgres_url) as (speaker, hearer):
        _break_while_handling(speaker, hearer)


def _break_while_handling(speaker: Engine, hearer: Engine) -> None:
    say(speaker)
    (envelope,) = envelopes(speaker)

    def break_line(_message: object, *, session, now: object) -> None:  # type: ignore[no-untyped-def]
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    from shared.messaging import inbox as taking

    with pytest.raises(DatabaseGone):
        taking.receive(hearer, dict.fromkeys(HANDLERS, break_line), envelope, now=NOW)

    assert states(hearer) == {}
    assert receive(hearer, envelope)


def test_what_the_producer_no_longer_has_is_stepped_over_when_it_says_so(speaker: Engine, hearer: Engine) -> None:
    from dataclasses import replace

    for _ in range(5):
        say(speaker)
    *_, fourth, fifth = envelopes(speaker)

    receive(hearer, fifth)
    receive(hearer, replace(fourth, after=0))
    retries.drain(hearer, HANDLERS, now=NOW, seconds=5)

    assert effects(hearer) == [("a", 4), ("a", 5)]


def test_nothing_is_forgotten_before_its_time_and_all_after_it(speaker: Engine, hearer: Engine) -> None:
    say(speaker)
    receive(hearer, envelopes(speaker)[0])

    with sessions_for(hearer).begin() as session:
        assert not retries.prune(session, now=NOW + timedelta(days=13))
    assert states(hearer) == {1: "done"}
    with sessions_for(hearer).begin() as session:
        retries.prune(session, now=NOW + timedelta(days=15))
    assert states(hearer) == {}
    receive(hearer, envelopes(speaker)[0])
    assert effects(hearer) == [("a", 1)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    spoken=st.lists(st.sampled_from("abc"), min_size=1, max_size=8),
    chance=st.randoms(use_true_random=False),
    echoes=st.integers(0, 10),
)
def test_any_order_with_any_repetition_has_the_same_effects(
    spoken: list[str], chance, echoes: int, tmp_path_factory: pytest.TempPathFactory
) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path_factory.mktemp("order")
    with two_databases(f"sqlite:///{folder}/speaker.db", f"sqlite:///{folder}/hearer.db") as (speaker, hearer):
        for each in spoken:
            say(speaker, each)
        said = envelopes(speaker)
        arriving = said + [chance.choice(said) for _ in range(echoes)]
        chance.shuffle(arriving)

        for each in arriving:
            receive(hearer, each, suspect=chance.random() < 0.2)
            if chance.random() < 0.3:
                retries.drain(hearer, HANDLERS, now=NOW, seconds=5)
        retries.drain(hearer, HANDLERS, now=NOW, seconds=5)

        found = effects(hearer)
        assert in_order(found)
        assert len(found) == len(spoken)


def test_the_tables_can_be_made_twice(tmp_path: Path) -> None:
    for _ in range(2):
        database(f"sqlite:///{tmp_path}/twice.db").dispose()

"""Messages carried by hand, looked at and decided about by command, and their envelope."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result
from marshmallow import ValidationError
from sqlalchemy import Engine

from shared.contracts.envelope import Envelope, Position
from shared.database import reading_sessions_for, sessions_for
from shared.messaging import attempts, inbox, retries
from shared.messaging.carry import carry
from shared.messaging.commands import messages
from shared.messaging.positions import standings
from tests.shared.messaging.world import (
    HANDLERS,
    NOW,
    Unwell,
    effects,
    envelopes,
    murmur,
    receive,
    say,
    say_in,
    states,
)

LATER = NOW + timedelta(days=2)


def test_carrying_hands_over_what_is_new_and_counts_it(speaker: Engine, hearer: Engine) -> None:
    say(speaker)
    murmur(speaker, 1)

    assert carry(speaker, hearer, HANDLERS, NOW) == 2
    assert carry(speaker, hearer, HANDLERS, NOW) == 0
    say(speaker)
    assert carry(speaker, hearer, HANDLERS, NOW) == 1

    assert effects(hearer) == [("a", 1), ("a", 2)]


def test_carrying_from_a_service_that_said_nothing_is_nothing(speaker: Engine, hearer: Engine) -> None:
    assert carry(speaker, hearer, HANDLERS, NOW) == 0


def test_a_handler_that_fails_while_carrying_is_heard_of(speaker: Engine, hearer: Engine) -> None:
    say(speaker, "a", "fail")
    say(speaker, "b")

    with pytest.raises(Unwell):
        carry(speaker, hearer, HANDLERS, NOW)

    assert effects(hearer) == []


def test_what_a_handler_says_is_carried_from_there(speaker: Engine, hearer: Engine) -> None:
    def answer(_message: object, *, session: Any, now: object) -> None:
        say_in(session, "answer")

    say(speaker)
    carry(speaker, hearer, dict.fromkeys(HANDLERS, answer), NOW)

    assert carry(hearer, speaker, HANDLERS, NOW) == 1
    assert effects(speaker) == [("answer", 1)]


def command(engine: Engine, *arguments: str) -> Result:
    return CliRunner().invoke(messages("notifications", sessions_for(engine)), [*arguments])


@pytest.fixture
def parked(speaker: Engine, hearer: Engine) -> str:
    """A parked message with one waiting behind it; its id."""
    say(speaker, "a", "fail")
    say(speaker, "a")
    first, second = envelopes(speaker)
    receive(hearer, first)
    receive(hearer, second)
    for hour in range(1, 20):
        retries.drain(hearer, HANDLERS, now=NOW + timedelta(hours=hour))
    return str(first.id)


def test_parked_messages_are_listed_and_shown_in_full(parked: str, hearer: Engine) -> None:
    listed, shown = command(hearer, "list"), command(hearer, "show", parked)

    assert listed.output.startswith(f"{parked} events.said.v1 thing:a attempts={attempts.LIMIT} Unwell: a at ")
    assert json.loads(shown.output)["body"]["data"] == {"aggregate": "a", "version": 1, "deed": "fail"}
    assert "parked: 1" in command(hearer, "status").output.splitlines()
    assert "here from events up to: 2" in command(hearer, "status").output.splitlines()


def test_a_replayed_message_is_tried_again_from_the_first_attempt_on(parked: str, hearer: Engine) -> None:
    assert command(hearer, "replay", parked).output == "1 messages will be tried again\n"
    assert states(hearer) == {1: "pending", 2: "pending"}

    def well(message: Any, *, session: Any, now: object) -> None:
        say_in(session, message.aggregate)

    assert retries.drain(hearer, dict.fromkeys(HANDLERS, well), now=LATER, seconds=5) == 2
    assert states(hearer) == {1: "done", 2: "done"}


def test_a_dropped_message_lets_the_next_one_go_on(parked: str, hearer: Engine) -> None:
    assert command(hearer, "drop", parked, "--reason", "double entry").exit_code == 0
    retries.drain(hearer, HANDLERS, now=LATER, seconds=5)

    assert states(hearer) == {1: "done", 2: "done"}
    assert effects(hearer) == [("a", 2)]
    assert command(hearer, "drop", parked, "--reason", "again").exit_code == 1


def test_an_unknown_message_is_said_to_be_unknown(hearer: Engine) -> None:
    found = command(hearer, "show", "11111111-1111-4111-8111-111111111111")

    assert (found.exit_code, found.output) == (1, "Error: There is no such message here.\n")


def test_everything_since_a_moment_is_handled_again(speaker: Engine, hearer: Engine) -> None:
    for moment in (NOW, NOW + timedelta(days=2)):
        say(speaker)
        receive(hearer, envelopes(speaker)[-1], moment)

    assert command(hearer, "replay-since", "2026-12-04").output == "1 messages will be handled again\n"
    assert states(hearer) == {1: "done", 2: "pending"}


def test_a_new_epoch_sends_everything_again_and_nothing_is_seen_twice(speaker: Engine, hearer: Engine) -> None:
    say(speaker)
    carry(speaker, hearer, HANDLERS, NOW)

    group = messages("events", sessions_for(speaker))
    assert CliRunner().invoke(group, ["new-epoch", "--yes"]).exit_code == 0
    say(speaker)

    assert carry(speaker, hearer, HANDLERS, NOW) == 2
    assert effects(hearer) == [("a", 1), ("a", 2)]


def test_retries_take_a_limited_time_so_that_the_connection_lives(speaker: Engine, hearer: Engine) -> None:
    for _ in range(40):
        say(speaker)
    for each in envelopes(speaker):
        receive(hearer, each, suspect=True)

    def linger(_message: object, *, session: object, now: object) -> None:
        time.sleep(0.05)  # what a slow handler costs is the point here

    began = time.monotonic()
    made = retries.drain(hearer, dict.fromkeys(HANDLERS, linger), now=NOW, seconds=0.2)

    assert 1 <= made < 40
    assert time.monotonic() - began < 1.5


def test_a_gap_is_seen_as_long_as_it_is_there(speaker: Engine, hearer: Engine) -> None:
    for _ in range(3):
        say(speaker)
    first, second, third = envelopes(speaker)

    receive(hearer, first)
    assert [(each.producer, each.position, each.before) for each in standings(hearer, "notifications")] == [
        ("events", 1, None),
        ("registration", 0, None),
    ]
    receive(hearer, third)
    for _ in range(2):
        (standing, _) = standings(hearer, "notifications")
        assert (standing.position, standing.before, standing.gap_since) == (1, 3, NOW)
    receive(hearer, second)
    assert standings(hearer, "notifications")[0].position == 3


def test_an_envelope_is_a_cloud_event_and_comes_back_as_it_was(speaker: Engine) -> None:
    say(speaker)
    (envelope,) = envelopes(speaker)

    wire = json.loads(json.dumps(envelope.dump()))

    assert wire | {"id": "", "time": "", "epoch": ""} == {
        "specversion": "1.0",
        "id": "",
        "source": "/events",
        "type": "events.said.v1",
        "subject": "thing:a",
        "time": "",
        "datacontenttype": "application/json",
        "epoch": "",
        "sequence": "00000000000000000001",
        "version": 1,
        "data": {"aggregate": "a", "version": 1, "deed": ""},
    }
    assert Envelope.load(wire) == envelope


@pytest.mark.parametrize(
    "change",
    [
        {"specversion": "2.0"},
        {"id": "1"},
        {"type": "Events"},
        {"subject": ""},
        {"time": "2026-12-03T13:00:00"},
        {"sequence": 1},
        {"sequence": "-1"},
        {"data": []},
        {"datacontenttype": "text/plain"},
    ],
)
def test_what_is_no_envelope_of_ours_is_refused(speaker: Engine, change: dict[str, Any]) -> None:
    say(speaker)
    (envelope,) = envelopes(speaker)

    with pytest.raises(ValidationError):
        Envelope.load(envelope.dump() | change)


def test_a_reader_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError):
        Position.load({"reader": "stranger", "epoch": "", "position": 0, "resend": True})


def test_a_message_that_cannot_be_read_is_kept_and_tried_again(speaker: Engine, hearer: Engine) -> None:
    from dataclasses import replace

    say(speaker)
    (envelope,) = envelopes(speaker)

    assert not inbox.receive(hearer, HANDLERS, replace(envelope, data={"aggregate": 7}), now=NOW)

    assert states(hearer) == {1: "pending"}
    with reading_sessions_for(hearer).begin() as session:
        assert session.connection().dialect.name

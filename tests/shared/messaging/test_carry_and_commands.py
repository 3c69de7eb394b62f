"""Messages carried by hand, looked at and decided about by command, and their envelope."""

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from marshmallow import ValidationError
from sqlalchemy import Engine, func, select, update

from shared.clock import now
from shared.contracts.envelope import Envelope, Position
from shared.database import connect, reading_sessions_for, sessions_for
from shared.messaging import attempts, inbox, retries
from shared.messaging.carry import carry
from shared.messaging.commands import messages
from shared.messaging.positions import standings
from shared.messaging.tables import outbox
from tests.shared.messaging.world import (
    HANDLERS,
    NOW,
    Effect,
    Said,
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
        retries.drain(hearer, HANDLERS, now=NOW + timedelta(hours=hour), seconds=5)
    return str(first.id)


def test_parked_messages_are_listed_and_shown_in_full(parked: str, hearer: Engine) -> None:
    listed, shown = command(hearer, "list"), command(hearer, "show", parked)

    first, about, why = listed.output.splitlines()
    assert first == f"{parked}  events.said.v1"
    assert about.startswith("    about thing:a, number 1 of events, came ")
    assert about.endswith(f" ago, {attempts.LIMIT} attempts")
    assert why.startswith("    Unwell: a at ")
    assert json.loads(shown.output)["body"]["data"] == {"aggregate": "a", "version": 1, "deed": "fail"}
    assert [each["message_id"] for each in json.loads(command(hearer, "list", "--json").output)] == [parked]
    assert command(hearer, "list", "--about", "thing:b").output == "Nothing is parked.\n"


def test_the_exit_code_of_status_says_whether_somebody_is_needed(speaker: Engine, hearer: Engine) -> None:
    say(speaker)
    carry(speaker, hearer, HANDLERS, NOW)
    well = command(hearer, "status")
    assert (well.exit_code, well.output.splitlines()[-1]) == (0, "all is well")

    say(speaker, "a", "fail")
    receive(hearer, envelopes(speaker)[-1])
    for hour in range(1, 20):
        retries.drain(hearer, HANDLERS, now=NOW + timedelta(hours=hour), seconds=5)
    ill = command(hearer, "status")
    told = json.loads(command(hearer, "status", "--json").output)

    assert ill.exit_code == 1
    assert "parked     1" in ill.output.splitlines()
    assert "receiving  from events up to number 2" in ill.output.splitlines()
    assert (told["parked"], told["received"], len(told["trouble"])) == (1, {"events": 2}, 1)


def test_a_message_that_is_not_sent_is_trouble_after_a_minute(speaker: Engine) -> None:
    say(speaker)
    with sessions_for(speaker).begin() as session:
        session.execute(update(outbox).values(created_at=now() - timedelta(minutes=5)))

    status = CliRunner().invoke(messages("events", sessions_for(speaker)), ["status"])

    assert status.exit_code == 1
    assert "sending    nothing was ever sent, 1 not sent yet, the oldest for 5 min" in status.output.splitlines()
    assert "TROUBLE    Messages are not sent: is the relay running, is the broker there?" in status.output.splitlines()


@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("No such command 'repaly'", ["repaly"]),
        ("Missing argument 'MESSAGE_ID'", ["show"]),
        ("not a valid UUID", ["show", "1"]),
        ("Name messages, or say --all-parked", ["replay"]),
        ("--from", ["replay-since", "12"]),
        ("Say a number from 1 on, or a time", ["replay-since", "yesterday"]),
        ("Say a number from 1 on, or a time", ["replay-since", "0", "--from", "events"]),
        ("does not read its own", ["replay-since", "12", "--from", "notifications"]),
        ("cannot choose by --type", ["replay-since", "12", "--from", "events", "--fetch", "--type", "x"]),
        ("A reason is needed", ["drop", "11111111-1111-4111-8111-111111111111", "--reason", " "]),
        ("Invalid value for '--limit'", ["list", "--limit", "0"]),
    ],
)
def test_a_wrong_command_is_said_to_be_wrong_and_does_nothing(said: str, arguments: list[str], hearer: Engine) -> None:
    found = command(hearer, *arguments)

    assert found.exit_code == 2
    assert said in found.output
    assert "Traceback" not in found.output


def test_every_command_explains_itself(hearer: Engine) -> None:
    for name in ("status", "list", "show", "replay", "drop", "replay-since", "new-epoch"):
        found = command(hearer, name, "--help")
        assert (found.exit_code, "Usage:" in found.output) == (0, True)


def test_a_database_that_is_away_is_said_in_one_line(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/nothing/here.db")

    found = CliRunner().invoke(messages("events", sessions_for(engine)), ["status"])

    assert found.exit_code == 3
    assert found.output == "Error: The database of events does not answer as it should: unable to open database file\n"
    engine.dispose()


def test_a_replayed_message_is_tried_again_from_the_first_attempt_on(parked: str, hearer: Engine) -> None:
    assert command(hearer, "replay", parked).output == "1 messages will be tried again\n"
    assert states(hearer) == {1: "pending", 2: "pending"}

    def well(message: Any, *, session: Any, now: object) -> None:
        say_in(session, message.aggregate)

    assert retries.drain(hearer, dict.fromkeys(HANDLERS, well), now=LATER, seconds=5) == 2
    assert states(hearer) == {1: "done", 2: "done"}


def test_a_dropped_message_lets_the_next_one_go_on(
    parked: str, hearer: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    assert command(hearer, "drop", parked, "--reason", "double entry").exit_code == 1  # nobody said yes
    assert states(hearer)[1] == "parked"
    with caplog.at_level("WARNING"):
        assert command(hearer, "drop", parked, "--reason", "double entry", "--yes").exit_code == 0
    assert f"message {parked} (events.said.v1) was dropped by hand: double entry" in caplog.text
    retries.drain(hearer, HANDLERS, now=LATER, seconds=5)

    assert states(hearer) == {1: "done", 2: "done"}
    assert effects(hearer) == [("a", 2)]
    assert command(hearer, "drop", parked, "--reason", "again", "--yes").exit_code == 1


def test_an_unknown_message_is_said_to_be_unknown(hearer: Engine) -> None:
    found = command(hearer, "show", "11111111-1111-4111-8111-111111111111")

    assert (found.exit_code, found.output) == (1, "Error: There is no such message here.\n")


def test_everything_since_a_moment_is_handled_again(speaker: Engine, hearer: Engine) -> None:
    for moment in (NOW, NOW + timedelta(days=2)):
        say(speaker)
        receive(hearer, envelopes(speaker)[-1], moment)

    assert command(hearer, "replay-since", "2026-12-04").output == "1 messages will be handled again\n"
    assert states(hearer) == {1: "done", 2: "pending"}


def test_everything_since_a_number_is_handled_again_and_twice_changes_nothing(speaker: Engine, hearer: Engine) -> None:
    for _ in range(3):
        say(speaker)

    def once(message: Any, *, session: Any, now: object) -> None:
        if session.scalar(select(func.count()).where(Effect.version == message.version)) == 0:
            session.add(Effect(aggregate=message.aggregate, version=message.version))

    carry(speaker, hearer, {Said: once}, NOW)
    before = effects(hearer)

    for _ in range(2):
        done = command(hearer, "replay-since", "2", "--from", "events")
        assert done.output == "2 messages will be handled again\n"
        assert states(hearer) == {1: "done", 2: "pending", 3: "pending"}
        retries.drain(hearer, {Said: once}, now=LATER, seconds=5)
        assert states(hearer) == {1: "done", 2: "done", 3: "done"}

    assert effects(hearer) == before


def test_what_nobody_cared_about_is_fetched_and_what_had_its_effect_has_it_once(
    speaker: Engine, hearer: Engine
) -> None:
    """A new release cares about messages that the one before let pass."""
    for _ in range(3):
        say(speaker)
    carry(speaker, hearer, {}, NOW)
    assert effects(hearer) == []

    for _ in range(2):
        done = command(hearer, "replay-since", "2", "--from", "events", "--fetch")
        assert done.output == "events will send again from number 2 on\n"
        carry(speaker, hearer, HANDLERS, NOW)
        assert effects(hearer) == [("a", 2), ("a", 3)]

    moment = (NOW - timedelta(days=1)).isoformat()
    assert "from number 1 on" in command(hearer, "replay-since", moment, "--from", "events", "--fetch").output


def test_a_number_that_has_not_come_yet_changes_nothing(speaker: Engine, hearer: Engine) -> None:
    say(speaker)
    carry(speaker, hearer, HANDLERS, NOW)

    done = command(hearer, "replay-since", "900", "--from", "events", "--fetch")

    assert done.output == "events will send again from number 2 on\n"
    assert carry(speaker, hearer, HANDLERS, NOW) == 0


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

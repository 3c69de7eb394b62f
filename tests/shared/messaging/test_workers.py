"""Relay, broker and consumer together: whatever breaks, everything arrives, once and in order."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import kombu
import psycopg
import pytest
import time_machine
from kombu.transport import memory
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from shared.clock import now
from shared.contracts.envelope import SERVICES
from shared.database import connect
from shared.messaging import broker as brokers
from shared.messaging.broker import Broker, BrokerGone, heal
from shared.messaging.outage import is_outage
from shared.messaging.schedule import Job, run_once
from shared.messaging.single import only_one
from shared.messaging.workers import Running, Workers, start_all
from tests import servers
from tests.shared.messaging.world import (
    HANDLERS,
    effects,
    envelopes,
    eventually,
    in_order,
    say,
    states,
    two_databases,
)

Process = subprocess.Popen[bytes]


@pytest.fixture
def memory_url() -> Iterator[str]:
    """An embedded broker that nobody has used."""
    forget_memory()
    yield "memory://"
    forget_memory()


@pytest.fixture(params=["memory", pytest.param("rabbitmq", marks=pytest.mark.servers)])
def any_broker(request: pytest.FixtureRequest) -> str:
    """Both brokers."""
    url: str = request.getfixturevalue("memory_url" if request.param == "memory" else "broker_url")
    return url


def forget_memory() -> None:
    memory.Channel.queues.clear()
    memory.Transport.global_state.clear()


@contextmanager
def running(*workers: Workers, **options: object) -> Iterator[Running]:
    threads = start_all(*workers, **options)  # type: ignore[arg-type]
    try:
        yield threads
    finally:
        assert threads.stop()


def pair_of(speaker: Engine, hearer: Engine, url: str) -> tuple[Workers, Workers]:
    return Workers("events", speaker, url, {}), Workers("notifications", hearer, url, HANDLERS)


def wipe(url: str) -> None:
    """Delete every queue and exchange, and all that is in them."""
    if url.startswith("memory"):
        forget_memory()
        return
    with kombu.Connection(url) as connection:
        channel = connection.channel()
        for service in SERVICES:
            channel.queue_delete(brokers.queue_of(service))
            channel.queue_delete(brokers.control_queue_of(service))
        channel.queue_delete("werktor.dead")
        channel.exchange_delete("werktor.messages")


def test_what_is_said_here_has_its_effect_there(speaker: Engine, hearer: Engine, any_broker: str) -> None:
    with running(*pair_of(speaker, hearer, any_broker)):
        for number in range(50):
            say(speaker, "abc"[number % 3])

        eventually(lambda: len(effects(hearer)) == 50)

    assert in_order(effects(hearer))


def test_what_was_said_while_nobody_listened_arrives_later(speaker: Engine, hearer: Engine, any_broker: str) -> None:
    speaking, hearing = pair_of(speaker, hearer, any_broker)
    with running(speaking):
        for _ in range(5):
            say(speaker)
        eventually(lambda: _sent(speaker) == 5)

    speaking, hearing = pair_of(speaker, hearer, any_broker)
    with running(speaking, hearing):
        eventually(lambda: len(effects(hearer)) == 5)


def test_a_wiped_broker_loses_nothing(speaker: Engine, hearer: Engine, any_broker: str) -> None:
    with running(Workers("events", speaker, any_broker, {})):
        for _ in range(5):
            say(speaker)
        eventually(lambda: _sent(speaker) == 5)
    wipe(any_broker)

    with running(*pair_of(speaker, hearer, any_broker)):
        eventually(lambda: len(effects(hearer)) == 5)
        say(speaker)
        eventually(lambda: len(effects(hearer)) == 6)

    assert in_order(effects(hearer))


def test_a_broker_wiped_under_traffic_loses_nothing(speaker: Engine, hearer: Engine, any_broker: str) -> None:
    with running(*pair_of(speaker, hearer, any_broker)):
        for number in range(60):
            say(speaker, "abc"[number % 3])
            if number in (20, 40):
                wipe(any_broker)

        eventually(lambda: len(effects(hearer)) == 60, seconds=90)

    assert in_order(effects(hearer))


def test_a_gap_closes_under_steady_traffic(speaker: Engine, hearer: Engine, memory_url: str) -> None:
    over = threading.Event()

    def chatter() -> None:
        while not over.wait(0.05):
            say(speaker, "steady")

    with running(*pair_of(speaker, hearer, memory_url)):
        say(speaker, "first")
        eventually(lambda: effects(hearer))
        memory.Transport.global_state.clear()  # bindings are gone: what is sent now is lost
        say(speaker, "lost")
        eventually(lambda: _sent(speaker) == 2)
        with Broker(memory_url):
            pass  # declares everything anew
        talking = threading.Thread(target=chatter)
        talking.start()
        try:
            eventually(lambda: ("lost", 1) in effects(hearer))
        finally:
            over.set()
            talking.join()

    assert in_order(effects(hearer))


def test_two_of_everything_do_no_harm(speaker: Engine, hearer: Engine, any_broker: str) -> None:
    first, second = pair_of(speaker, hearer, any_broker), pair_of(speaker, hearer, any_broker)
    with running(*first, *second):
        for number in range(60):
            say(speaker, "abc"[number % 3])
        eventually(lambda: len(effects(hearer)) == 60)

    assert in_order(effects(hearer))
    assert [each.seq for each in envelopes(speaker)] == list(range(1, 61))


def test_garbage_in_the_queue_stops_nobody_and_is_kept_aside(speaker: Engine, hearer: Engine, broker_url: str) -> None:
    with running(*pair_of(speaker, hearer, broker_url)):
        say(speaker)
        eventually(lambda: effects(hearer))
        confirmed = {"confirm_publish": True}  # what was not may be lost when its connection closes
        with kombu.Connection(broker_url, transport_options=confirmed) as connection:
            producer = connection.Producer()
            for body in ("{", "null", "[1]", json.dumps({"specversion": "1.0"})):
                producer.publish(
                    body, routing_key="werktor.notifications", content_type="text/plain", content_encoding="utf-8"
                )
                producer.publish(
                    body, routing_key="werktor.events.control", content_type="text/plain", content_encoding="utf-8"
                )
        say(speaker)
        eventually(lambda: len(effects(hearer)) == 2)
        eventually(lambda: waiting_in(broker_url, "werktor.dead") >= 4)


def test_a_message_without_a_queue_is_not_counted_as_sent(speaker: Engine, broker_url: str) -> None:
    say(speaker)
    (envelope,) = envelopes(speaker)
    with Broker(broker_url) as broker:
        broker.publish([envelope])
        wipe(broker_url)

        with pytest.raises(BrokerGone):
            broker.publish([envelope])


def test_a_queue_that_answers_is_left_alone(broker_url: str) -> None:
    with Broker(broker_url):
        assert heal(broker_url) == []


def test_a_queue_that_is_gone_is_declared_anew_after_healing(speaker: Engine, hearer: Engine, broker_url: str) -> None:
    with Broker(broker_url):
        pass
    assert heal(broker_url) == []
    with running(*pair_of(speaker, hearer, broker_url)):
        say(speaker)
        eventually(lambda: effects(hearer))
        with kombu.Connection(broker_url) as connection:
            connection.channel().queue_delete("werktor.notifications")
        say(speaker)
        eventually(lambda: len(effects(hearer)) == 2)


@pytest.mark.servers
def test_a_broker_killed_right_after_it_was_set_up_is_healed(tmp_path: Path) -> None:
    """RabbitMQ then brings its queues back without a leader: they take everything and answer nothing."""
    server = servers.OwnRabbitMQ()
    try:
        with two_databases(f"sqlite:///{tmp_path}/s.db", f"sqlite:///{tmp_path}/h.db") as (speaker, hearer):
            say(speaker)
            with running(*pair_of(speaker, hearer, server.url)):
                eventually(lambda: _sent(speaker) == 1)
                server.kill()
                say(speaker)
                server.start()
                eventually(lambda: len(effects(hearer)) == 2, seconds=100)
            assert in_order(effects(hearer))
    finally:
        server.end()


def test_cut_database_connections_lose_nothing(postgres_url: str, sqlite_url: str, memory_url: str) -> None:
    with (
        two_databases(sqlite_url, postgres_url) as (speaker, hearer),
        running(*pair_of(speaker, hearer, memory_url)),
    ):
        for number in range(60):
            say(speaker, "abc"[number % 3])
            if number % 20 == 10:
                _hang_up_on_all(postgres_url)
        eventually(lambda: len(effects(hearer)) == 60)
        assert in_order(effects(hearer))


def test_a_parked_message_does_not_stop_the_others(speaker: Engine, hearer: Engine, memory_url: str) -> None:
    with running(*pair_of(speaker, hearer, memory_url)):
        say(speaker, "a", "fail")
        say(speaker, "a")
        for _ in range(5):
            say(speaker, "b")

        eventually(lambda: len(effects(hearer)) == 5)
        eventually(lambda: states(hearer).get(2) == "pending")


def test_only_one_does_what_only_one_may_and_the_next_follows(speaker: Engine) -> None:
    stop, order = threading.Event(), []
    inside = threading.Event()

    def second() -> None:
        with only_one(speaker, "test", stop) as held:
            order.append(("second", held()))

    with only_one(speaker, "test", stop) as held:
        other = threading.Thread(target=second)
        other.start()
        assert not inside.wait(0.7)
        order.append(("first", held()))
    other.join(10)

    assert order == [("first", True), ("second", True)]


def test_jobs_come_round_and_one_that_fails_stops_no_other(speaker: Engine) -> None:
    runs: list[str] = []

    def fail(*, session: object, now: object) -> None:
        runs.append("fails")
        raise ValueError

    def work(*, session, now: object) -> bool:  # type: ignore[no-untyped-def]
        session.execute(text("SELECT 1"))
        runs.append("works")
        return runs.count("works") < 3  # more to do: at once

    jobs = [Job("fails", 3600, fail), Job("works", 3600, work)]
    with running(Workers("events", speaker, "memory://", {}, jobs), roles=["schedule"]):
        eventually(lambda: runs.count("works") == 3)

    assert runs.count("fails") == 1


def test_jobs_take_the_time_from_the_database_not_from_their_machine(postgres_url: str) -> None:
    """A scheduler whose clock is two hours ahead must not expire what is still held."""
    told: list[datetime] = []
    engine = connect(postgres_url)

    with time_machine.travel(now() + timedelta(hours=2)):
        run_once(engine, Job("look", 1, lambda *, session, now: told.append(now)))

    engine.dispose()
    assert abs(told[0] - now()) < timedelta(minutes=1)


def test_a_full_disk_is_no_fault_of_a_message(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/full.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")

    with pytest.raises(OperationalError) as full, engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 4")
        connection.exec_driver_sql("INSERT INTO t VALUES (zeroblob(100000))")

    assert is_outage(full.value, engine)
    engine.dispose()


SCRIPT = """
import sys
from shared.messaging.workers import Workers
from tests.shared.messaging.world import HANDLERS, database
service, database_url, broker_url, role = sys.argv[1:]
Workers(service, database(database_url), broker_url, HANDLERS if service == "notifications" else {}).run(role)
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Start a role in a process of its own."""
    started: list[Process] = []

    def begin(*arguments: str) -> Process:
        with (tmp_path / f"{len(started)}.log").open("wb") as log:
            started.append(subprocess.Popen([sys.executable, "-c", SCRIPT, *arguments], stdout=log, stderr=log))
        return started[-1]

    yield begin
    for each in started:
        with suppress(ProcessLookupError):
            each.kill()
        each.wait()


def test_killed_relays_and_consumers_lose_nothing_and_repeat_nothing(
    pair: tuple[Engine, Engine], urls: tuple[str, str], broker_url: str, start: Callable[..., Process]
) -> None:
    speaker, hearer = pair
    relay = start("events", urls[0], broker_url, "relay")
    consumer = start("notifications", urls[1], broker_url, "consume")
    for number in range(150):
        say(speaker, str(number % 7))
        if number in (30, 90):
            eventually(lambda: effects(hearer))
            relay.send_signal(signal.SIGKILL)
            relay = start("events", urls[0], broker_url, "relay")
        if number in (60, 120):
            consumer.send_signal(signal.SIGKILL)
            consumer = start("notifications", urls[1], broker_url, "consume")

    eventually(lambda: len(effects(hearer)) >= 150, seconds=90)

    found = effects(hearer)
    assert len(found) == 150
    assert in_order(found)


def test_a_message_that_kills_its_process_three_times_has_its_effect_once(
    pair: tuple[Engine, Engine], urls: tuple[str, str], broker_url: str, start: Callable[..., Process], tmp_path: Path
) -> None:
    speaker, hearer = pair
    deadly = tmp_path / "deadly"
    deadly.touch()
    start("events", urls[0], broker_url, "relay")
    say(speaker, "a", f"die-while:{deadly}")
    say(speaker, "a")
    say(speaker, "b")

    deaths = 0
    consumer = start("notifications", urls[1], broker_url, "consume")
    while deaths < 3:
        assert consumer.wait(60) == -signal.SIGKILL
        deaths += 1
        if deaths == 3:
            deadly.rename(tmp_path / "tame")
        consumer = start("notifications", urls[1], broker_url, "consume")
    eventually(lambda: len(effects(hearer)) == 3, seconds=90)

    assert sorted(effects(hearer)) == [("a", 1), ("a", 2), ("b", 1)]
    assert in_order(effects(hearer))


def test_a_stopped_process_finishes_what_it_began(
    pair: tuple[Engine, Engine], urls: tuple[str, str], broker_url: str, start: Callable[..., Process]
) -> None:
    speaker, hearer = pair
    relay = start("events", urls[0], broker_url, "relay")
    consumer = start("notifications", urls[1], broker_url, "consume")
    say(speaker)
    eventually(lambda: effects(hearer))

    for each in (relay, consumer):
        each.send_signal(signal.SIGTERM)

    assert [relay.wait(60), consumer.wait(60)] == [0, 0]


def _sent(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT max(sent_seq) FROM outbox_stream")).scalar() or 0)


def waiting_in(url: str, queue: str) -> int:
    """How many messages nobody has taken from a queue."""
    with kombu.Connection(url) as connection:
        return int(connection.channel().queue_declare(queue, passive=True).message_count)


def _hang_up_on_all(url: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

"""Told to end, a process finishes what it has begun, takes nothing new, and is gone; told twice, it does the same."""

import signal
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
from sqlalchemy import Engine, select, text

from services.notifications.storage.tables import MailRow
from services.registration.storage.tables import Event
from shared.clock import now
from shared.contracts.events import EventChanged, EventPublished
from shared.database import connect, sessions_for
from shared.messaging import outbox
from shared.messaging.tables import inbox
from tests.deploy.processes import answers, environment, gunicorn, process, run
from tests.end_to_end.product import eventually, free_ports
from tests.notifications.storage.smtp_server import Sink, running
from tests.registration.builders import a_snapshot

WISH = {
    "format": "career_workshop",
    "title": {"de": "Werkbank"},
    "sessions": [{"starts_at": "2030-05-06T14:00", "place": {"name": "Werk", "city": "Berlin"}}],
    "quotas": [{"capacity": 5}],
}


class Slow(Sink):
    """Takes the bytes of a mail, and says so only when it is allowed to."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.may_answer = threading.Event(), threading.Event()
        self.answer = self._think

    def _think(self, _recipient: str, _number: int) -> str:
        self.begun.set()
        self.may_answer.wait(30)
        return ""


def test_a_mail_in_the_middle_of_data_is_finished_and_the_next_one_not_begun(tmp_path: Path) -> None:
    with running(Slow()) as sink:
        assert isinstance(sink, Slow)
        env = environment(
            tmp_path, NOTIFICATIONS_SMTP_URL=f"smtp://127.0.0.1:{sink.port}", NOTIFICATIONS_SMTP_CONNECTIONS="1"
        )
        run("notifications", "migrate", env=env)
        engine = connect(f"sqlite:///{tmp_path}/notifications.db")
        registration = uuid4()  # the second waits for the first: they are one person's
        with sessions_for(engine).begin() as session:
            session.add_all([_mail(registration), _mail(registration)])
        with process("-m", "services.notifications", "deliver", env=env, log=tmp_path / "log") as child:
            assert sink.begun.wait(60)

            child.send_signal(signal.SIGTERM)
            child.send_signal(signal.SIGTERM)
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(1)
            sink.may_answer.set()

            assert child.wait(25) == 0
        with sessions_for(engine).begin() as session:
            assert session.scalars(select(MailRow.state).order_by(MailRow.number)).all() == ["sent", "queued"]
        assert len(sink.mails) == 1
        engine.dispose()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["gunicorn", "all in one"])
def test_a_request_in_a_slow_transaction_gets_its_answer(kind: str, tmp_path: Path) -> None:
    with free_ports(1) as port:
        env = environment(tmp_path, PORT=str(port))
        web = f"http://127.0.0.1:{port}"
        run(
            "events",
            "create-organisation",
            "Brücke",
            "--email",
            "post@bruecke.example.org",
            "--slug",
            "bruecke",
            env=env,
        )
        token = run(
            "events", "create-token", "--organisation", "bruecke", "--role", "organiser", env=env
        ).stdout.strip()
        with _web(kind, port, env=env, log=tmp_path / "log") as child:
            eventually(lambda: answers(f"{web}/events/healthz"), what="the web is there", seconds=150)
            found: list[Any] = []
            with _nobody_else_writes(tmp_path / "events.db"):
                asking = threading.Thread(target=lambda: found.append(_create(web, token)))
                asking.start()
                asking.join(3)  # it hangs on the lock: there is nothing to see of that from here
                assert asking.is_alive()

                child.send_signal(signal.SIGTERM)
                asking.join(1)
                child.send_signal(signal.SIGTERM)
            asking.join(30)

            assert [each.status_code for each in found] == [201]
            assert child.wait(60) == 0


@pytest.mark.servers
@pytest.mark.timeout(180)
def test_a_message_in_the_middle_of_its_handler_is_handled_once_and_the_next_one_is_left(
    postgres_url: str, broker_url: str, tmp_path: Path
) -> None:
    env = environment(
        tmp_path,
        WERKTOR_BROKER_URL=broker_url,
        REGISTRATION_DATABASE_URL=postgres_url,
    )
    for service in ("events", "registration"):
        run(service, "migrate", env=env)
    engine = connect(postgres_url)
    events_engine = connect(f"sqlite:///{tmp_path}/events.db")
    told = a_snapshot()
    _tell(events_engine, EventPublished(event=told))
    with (
        process("-m", "services.events", "relay", env=env, log=tmp_path / "relay.log"),
        process("-m", "services.registration", "consume", env=env, log=tmp_path / "log") as child,
    ):
        eventually(lambda: _versions(engine) == {told.id: 1}, what="the first message is handled", seconds=60)
        with engine.begin() as holding:
            holding.execute(text("LOCK TABLE event IN EXCLUSIVE MODE"))
            _tell(events_engine, EventChanged(event=replace(told, version=2)))
            eventually(lambda: _somebody_waits(engine), what="the handler waits for the table", seconds=60)

            child.send_signal(signal.SIGTERM)
            _tell(events_engine, EventChanged(event=replace(told, version=3)))
            child.send_signal(signal.SIGTERM)
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(1)

        assert child.wait(30) == 0
    assert _versions(engine) == {told.id: 2}
    with engine.connect() as connection:
        assert set(connection.scalars(select(inbox.c.state))) == {"done"}
    engine.dispose()
    events_engine.dispose()


def _tell(engine: Engine, message: EventChanged | EventPublished) -> None:
    with sessions_for(engine).begin() as session:
        outbox.add(session, message, aggregate=f"event:{message.event.id}", version=message.event.version)


def _versions(engine: Engine) -> dict[UUID, int]:
    with engine.connect() as connection:
        return {row.id: row.version for row in connection.execute(select(Event.id, Event.version))}


def _somebody_waits(engine: Engine) -> bool:
    with engine.connect() as connection:
        asked = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'event'::regclass")
        return bool(connection.scalar(asked))


@contextmanager
def _web(kind: str, port: int, *, env: dict[str, str], log: Path) -> "Iterator[subprocess.Popen[bytes]]":
    if kind == "gunicorn":
        with gunicorn("events", port, env=env, log=log) as child:
            yield child
    else:
        with process("-m", "deploy.all_in_one", env=env, log=log) as child:
            yield child


def _create(web: str, token: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.post(f"{web}/events/api/v1/events", json=WISH, headers=headers, timeout=60)


@contextmanager
def _nobody_else_writes(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def _mail(registration: object) -> MailRow:
    at = now() - timedelta(minutes=1)
    number = uuid4()
    return MailRow(
        id=number,
        cause=str(number),
        registration_id=registration,
        kind="ticket",
        locale="de",
        recipient_name="Ada",
        recipient="ada@example.org",
        envelope_from="bounce@example.org",
        subject="x",
        message_id=f"<{number}@example.org>",
        raw=b"Subject: x\r\n\r\nHello\r\n",
        state="queued",
        attempts=0,
        next_at=at,
        last_error="",
        created_at=at,
    )

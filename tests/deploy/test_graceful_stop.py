"""Told to end, a process finishes what it has begun, takes nothing new, and is gone; told twice, it does the same."""

import signal
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from sqlalchemy import select

from services.notifications.storage.tables import MailRow
from shared.clock import now
from shared.database import connect, sessions_for
from tests.deploy.processes import answers, environment, gunicorn, process, run
from tests.end_to_end.product import eventually, free_ports
from tests.notifications.storage.smtp_server import Sink, running

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

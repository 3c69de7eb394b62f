"""The figures are there for those who watch, and for nobody else; the alerts speak of figures that exist."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
import yaml
from sqlalchemy import Engine, insert, update

from services.notifications.storage.figures import MailFigures, WebhookFigures
from services.notifications.storage.tables import DeliveryRow, MailRow, WebhookRow
from services.notifications.storage.tables import Row as NotificationsRow
from shared.clock import now
from shared.database import connect, sessions_for
from shared.messaging import outbox, relay
from shared.messaging.figures import MessageFigures
from shared.messaging.tables import inbox, outbox_reader
from tests.deploy.processes import SERVICES, answers, environment, figures, gunicorn, process, run
from tests.end_to_end.product import eventually, free_ports
from tests.shared.messaging.world import Row, Said

ALERTS = Path(__file__).parents[2] / "deploy" / "alerts.yaml"
RUNBOOK = Path(__file__).parents[2] / "docs" / "operations.md"


class Taken:
    """A broker that takes everything."""

    def publish(self, envelopes: Any, *, reader: str | None = None) -> None:
        """Gone."""


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A service's database."""
    engine = connect(database_url)
    Row.metadata.create_all(engine)
    yield engine
    engine.dispose()


def test_two_web_workers_are_counted_together_and_only_inside(tmp_path: Path) -> None:
    with free_ports(2) as port:
        env = environment(tmp_path, WERKTOR_METRICS_BIND=f"127.0.0.1:{port + 1}")
        run("registration", "migrate", env=env)
        web = f"http://127.0.0.1:{port}"
        with gunicorn("registration", port, env=env, log=tmp_path / "log"):
            eventually(lambda: answers(f"{web}/registration/healthz"), what="the web is there", seconds=150)
            before = _counted(port + 1)
            for _ in range(40):
                requests.get(f"{web}/registration/my/{uuid4()}", timeout=5)
            requests.request("BREW", f"{web}/registration/{uuid4()}", timeout=5)

            found = figures(port + 1)

            assert _counted(port + 1) - before >= 41
            named = {labels for labels in found["werktor_request_seconds_count"] if "4xx" in labels}
            assert ("registration", "GET", "/registration/my/<string:token>", "4xx") in named
            assert ("registration", "other", "(none)", "4xx") in named
            assert found["werktor_part_up"][("registration", "web", "database")] == 1
            assert "registration" in next(iter(found["werktor_build_info"]))
            assert requests.get(f"{web}/metrics", timeout=5).status_code == 404
            assert requests.get(f"{web}/registration/metrics", timeout=5).status_code == 404


def test_every_figure_that_an_alert_names_is_exposed(tmp_path: Path) -> None:
    with free_ports(2) as port:
        env = environment(tmp_path, PORT=str(port), WERKTOR_METRICS_BIND=f"127.0.0.1:{port + 1}")
        with process("-m", "deploy.all_in_one", env=env, log=tmp_path / "log"):
            eventually(
                lambda: answers(f"http://127.0.0.1:{port}/events/readyz"), what="the product is there", seconds=150
            )
            eventually(lambda: "werktor_reader_behind" in figures(port + 1), what="the readers reported", seconds=60)
            exposed = figures(port + 1)
            labels = {service for (service, *_) in exposed["werktor_outbox_unsent"]}

    named = {name for rule in _rules() for name in re.findall(r"\bwerktor_\w+", rule["expr"])}
    assert labels == set(SERVICES)
    assert named - _known(exposed) == set()


def test_every_alert_says_what_it_is_and_what_to_do() -> None:
    runbook = RUNBOOK.read_text()
    for rule in _rules():
        assert rule["annotations"]["summary"]
        assert f"docs/operations.md#{rule['alert'].lower()}" in rule["annotations"]["action"]
        assert f"### {rule['alert']}\n" in runbook
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_a_relay_that_does_not_work_is_seen_by_the_age_of_the_outbox(engine: Engine) -> None:
    assert _value(engine, "werktor_outbox_oldest_seconds") == 0
    with sessions_for(engine).begin() as session:
        outbox.add(session, Said(aggregate="word:1", version=1), aggregate="word:1", version=1)

    assert _value(engine, "werktor_outbox_unsent") == 1
    assert _value(engine, "werktor_outbox_oldest_seconds") > 0

    relay.step(engine, "events", Taken(), now=now())

    assert _value(engine, "werktor_outbox_unsent") == _value(engine, "werktor_outbox_oldest_seconds") == 0


def test_what_waits_and_what_is_parked_is_seen(engine: Engine) -> None:
    with sessions_for(engine).begin() as session:
        for number, state in enumerate(("pending", "parked", "parked", "done"), start=1):
            session.execute(insert(inbox).values(_came(number, state)))
        session.execute(insert(outbox_reader).values(name="registration", position=0, seen_at=now()))

    found = _figures(engine)

    assert found[("werktor_inbox_messages", "pending")] == 1
    assert found[("werktor_inbox_messages", "parked")] == 2
    assert found[("werktor_inbox_oldest_seconds", "events")] >= 7200
    assert found[("werktor_reader_behind", "registration")] == 0

    with sessions_for(engine).begin() as session:
        session.execute(update(inbox).values(state="done"))
    assert _value(engine, "werktor_inbox_oldest_seconds") == 0


def test_mails_that_cannot_leave_are_seen(database_url: str) -> None:
    engine = connect(database_url)
    NotificationsRow.metadata.create_all(engine)
    with sessions_for(engine).begin() as session:
        session.add_all([_mail("queued"), _mail("failed"), _mail("sent")])

    families = {family.name: family for family in MailFigures(engine).collect()}

    states = {each.labels["state"]: each.value for each in families["werktor_mails_waiting"].samples}
    assert states == {"queued": 1, "sending": 0, "uncertain": 0, "failed": 1}
    assert families["werktor_mails_oldest_seconds"].samples[0].value >= 3600
    engine.dispose()


def test_webhook_deliveries_that_wait_or_were_given_up_are_seen(database_url: str) -> None:
    engine = connect(database_url)
    NotificationsRow.metadata.create_all(engine)
    with sessions_for(engine).begin() as session:
        at, ids = now() - timedelta(hours=1), [uuid4(), uuid4()]
        for each, state in zip(ids, ("active", "paused"), strict=True):
            facts = {
                "organisation_id": uuid4(),
                "url": "https://example.org",
                "kinds": [],
                "secret": b"",
                "failures": 0,
            }
            session.add(WebhookRow(id=each, state=state, created_at=at, **facts))
        session.flush()
        session.add_all([_delivery(ids[0], state) for state in ("queued", "failed", "delivered", "delivered")])
        session.add(_delivery(ids[1], "queued"))

    families = {family.name: family for family in WebhookFigures(engine).collect()}
    numbers = {
        name: {each.labels["state"]: each.value for each in families[name].samples}
        for name in ("werktor_webhook_deliveries", "werktor_webhooks")
    }

    assert numbers["werktor_webhook_deliveries"] == {"queued": 2, "failed": 1}
    assert numbers["werktor_webhooks"] == {"active": 1, "paused": 1, "gone": 0, "failing": 0}
    assert families["werktor_webhooks_oldest_seconds"].samples[0].value >= 3600
    engine.dispose()


def _rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(ALERTS.read_text())["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def _known(exposed: dict[str, Any]) -> set[str]:
    """A counter or histogram that nobody has counted in yet shows its bare name only."""
    return {name + ending for name in exposed for ending in ("", "_total", "_bucket", "_count")}


def _counted(port: int) -> float:
    found = figures(port).get("werktor_request_seconds_count", {})
    return sum(value for (*_, route, _status), value in found.items() if not route.endswith("readyz"))


def _figures(engine: Engine) -> dict[tuple[str, str], float]:
    samples = [each for family in MessageFigures("events", engine).collect() for each in family.samples]
    return {(each.name, list(each.labels.values())[-1]): each.value for each in samples}


def _value(engine: Engine, name: str) -> float:
    return _figures(engine)[(name, "events")]


def _came(number: int, state: str) -> dict[str, Any]:
    at = now() - timedelta(hours=2)
    facts = {"message_id": uuid4(), "type": "registration.said.v1", "aggregate": f"word:{number}", "body": {}}
    return (
        facts
        | {"producer": "registration", "epoch": "1", "seq": number, "state": state, "attempts": 1}
        | {
            "next_at": at,
            "received_at": at,
        }
    )


def _delivery(webhook_id: UUID, state: str) -> DeliveryRow:
    facts = {"id": uuid4(), "message_id": uuid4(), "kind": "event.published", "body": "{}", "attempts": 1, "reason": ""}
    return DeliveryRow(**facts, webhook_id=webhook_id, state=state, created_at=now() - timedelta(hours=1))


def _mail(state: str) -> MailRow:
    at = now() - timedelta(hours=1)
    texts = dict.fromkeys(("recipient_name", "recipient", "envelope_from", "subject", "message_id", "last_error"), "x")
    number = uuid4()
    facts = {"id": number, "cause": str(number), "kind": "ticket", "locale": "de", "raw": b"", "attempts": 1}
    return MailRow(**texts, **facts, state=state, created_at=at)

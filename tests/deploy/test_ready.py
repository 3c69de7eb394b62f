"""Each part is really taken away: /readyz names it, soon, and nothing else; and it is well again when it is back."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text, update

from services.registration.app import MIGRATIONS, create_app
from services.registration.settings import RegistrationSettings
from shared.clock import now
from shared.contracts.registration import AvailabilityChanged
from shared.database import connect, sessions_for
from shared.http.keys import signing_key
from shared.messaging import outbox
from shared.messaging.tables import outbox as outbox_table
from shared.migrations import upgrade
from shared.readiness import BUDGET, Readiness
from shared.settings import CommonSettings
from tests import servers
from tests.deploy.processes import answers, environment, process, run
from tests.end_to_end.product import eventually, free_ports
from tests.faults.wire import Wire


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A migrated database."""
    engine = connect(database_url)
    upgrade(engine, MIGRATIONS)
    yield engine
    engine.dispose()


@pytest.fixture
def app(engine: Engine, tmp_path: Path) -> Flask:
    """The registration service's web."""
    signing_key(str(tmp_path / "identity.key"), str(tmp_path / "identity.pub"))
    common = CommonSettings(
        service="registration", secret_key="k" * 48, identity_public_key=str(tmp_path / "identity.pub")
    )
    return create_app(RegistrationSettings(common=common), engine)


def test_everything_is_there(app: Flask) -> None:
    assert _asked(app) == (200, {"status": "ready", "missing": [], "late": []})


def test_a_schema_that_is_behind_is_named(app: Flask, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    assert _asked(app) == (503, {"status": "missing", "missing": ["migrations"], "late": []})


def test_a_schema_that_is_ahead_is_well(app: Flask, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    assert _asked(app)[0] == 200


def test_a_missing_key_is_named(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "identity.pub").write_text("")

    assert _asked(app) == (503, {"status": "missing", "missing": ["identity"], "late": []})


def test_a_broker_that_takes_nothing_is_late_and_shuts_no_door(app: Flask, engine: Engine) -> None:
    news = AvailabilityChanged.load(_availability())
    with sessions_for(engine).begin() as session:
        outbox.add(session, news, aggregate="quota:1", version=1)
    assert _asked(app)[1]["late"] == []

    with sessions_for(engine).begin() as session:
        session.execute(update(outbox_table).values(created_at=now() - timedelta(minutes=1)))

    assert _asked(app) == (200, {"status": "ready", "missing": [], "late": ["broker"]})


@pytest.mark.servers
def test_a_database_that_is_away_is_named_and_comes_back(tmp_path: Path) -> None:
    """Taken away as its name is: nobody can connect, and who was connected is thrown out."""
    try:
        servers.postgres()
    except servers.ServerMissing as missing:
        pytest.fail(str(missing), pytrace=False)
    with servers.fresh_database() as url:
        engine = connect(url)
        upgrade(engine, MIGRATIONS)
        signing_key(str(tmp_path / "identity.key"), str(tmp_path / "identity.pub"))
        common = CommonSettings(
            service="registration", secret_key="k" * 48, identity_public_key=str(tmp_path / "identity.pub")
        )
        app = create_app(RegistrationSettings(common=common), engine)
        assert _asked(app)[0] == 200
        name = engine.url.database

        _as_admin(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false', _throw_out(name))
        assert _asked(app) == (503, {"status": "missing", "missing": ["database", "migrations"], "late": []})
        _as_admin(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true')

        assert _asked(app)[0] == 200
        engine.dispose()


@pytest.mark.servers
@pytest.mark.timeout(180)
@pytest.mark.parametrize("silently", [False, True], ids=["refused", "silent"])
def test_a_worker_whose_broker_is_away_says_so_and_is_well_when_it_is_back(
    broker_url: str, tmp_path: Path, silently: bool
) -> None:
    host, port = broker_url.partition("@")[2].partition("/")[0].split(":")
    with Wire(host, int(port)) as wire, free_ports(1) as inside:
        behind = broker_url.replace(f"{host}:{port}", f"127.0.0.1:{wire.port}")
        env = environment(tmp_path, WERKTOR_BROKER_URL=behind, WERKTOR_METRICS_BIND=f"127.0.0.1:{inside}")
        run("registration", "migrate", env=env)
        with process("-m", "services.registration", "relay", env=env, log=tmp_path / "log"):
            _says(inside, 200, {"status": "ready", "missing": []})

            wire.block(silently=silently)
            _says(inside, 503, {"status": "missing", "missing": ["broker"]})

            wire.mend()
            _says(inside, 200, {"status": "ready", "missing": []})


def _says(port: int, status: int, body: dict[str, Any]) -> None:
    def found() -> bool:
        answer = answers(f"http://127.0.0.1:{port}/readyz")
        return answer is not None and (answer.status_code, answer.json()) == (status, body)

    eventually(found, what=f"the worker answers {status} {body}", seconds=60)


def test_a_part_that_says_nothing_is_missing_after_a_second_and_not_asked_again_meanwhile() -> None:
    asked: list[float] = []

    def silent() -> None:
        asked.append(time.monotonic())
        time.sleep(3 * BUDGET)  # what hangs is the point here

    readiness = Readiness({"silent": silent, "well": lambda: True})
    for _ in range(2):
        began = time.monotonic()
        assert readiness.missing() == ["silent"]
        assert time.monotonic() - began < 2 * BUDGET
    assert len(asked) == 1


def _asked(app: Flask) -> tuple[int, Any]:
    found = app.test_client().get("/registration/readyz")
    return found.status_code, found.get_json()


def _availability() -> dict[str, Any]:
    number = "00000001-0000-4000-8000-000000000000"
    return {"event_id": number, "quota_id": number, "version": 1, "capacity": 5, "free": 5, "waiting": 0}


def _throw_out(name: str | None) -> str:
    return f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"


def _as_admin(*statements: str) -> None:
    admin = connect(servers.postgres())
    with admin.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        for each in statements:
            connection.execute(text(each))
    admin.dispose()

"""The interface does what its description says: schemathesis tries."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from services.notifications.app import create_app, migrate
from services.notifications.settings import NotificationsSettings
from shared.database import connect
from shared.http.keys import signing_key
from shared.policy import Role
from shared.settings import CommonSettings
from tests.notifications.web.conftest import token_of

HOST = {"Host": "127.0.0.1:8000"}
FOLDER = TemporaryDirectory()  # schemathesis wants its application when tests are collected
SETTINGS = NotificationsSettings(
    common=CommonSettings(
        service="notifications",
        secret_key="x" * 40,
        var=Path(FOLDER.name),
        database_url=f"sqlite:///{FOLDER.name}/test.db",
        identity_public_key=f"{FOLDER.name}/identity.pub",
    )
)
KEY = signing_key(f"{FOLDER.name}/identity.key", SETTINGS.common.identity_public_key)
ENGINE = connect(SETTINGS.common.database_url)
schema = schemathesis.openapi.from_wsgi(
    "/notifications/api/v1/openapi.json", create_app(SETTINGS, ENGINE), headers=HOST
)


@pytest.fixture(scope="module")
def tables() -> Iterator[None]:
    """An empty database."""
    migrate(SETTINGS)
    yield
    ENGINE.dispose()
    FOLDER.cleanup()


@schema.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_stranger_finds_what_is_described(case: Any, tables: None) -> None:
    case.call_and_validate(headers=HOST)


@schema.parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_an_organiser_finds_what_is_described(case: Any, tables: None) -> None:
    # a cursor is one of ours, which is more than JSON Schema can say
    case.call_and_validate(headers=HOST | token_of(KEY, Role.ORGANISER), excluded_checks=[positive_data_acceptance])

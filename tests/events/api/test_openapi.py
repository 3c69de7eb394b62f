"""The interface does what its description says: schemathesis tries."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from services.events.storage.tables import Row
from shared.database import connect
from shared.policy import Role
from tests.events.builders import a_published
from tests.events.doors import a_house

HOST = {"Host": "127.0.0.1:8000"}


FOLDER = TemporaryDirectory()  # schemathesis wants its application when tests are collected
ENGINE = connect(f"sqlite:///{FOLDER.name}/test.db")
HOUSE = a_house(Path(FOLDER.name), ENGINE)

schema = schemathesis.openapi.from_wsgi("/events/api/v1/openapi.json", HOUSE.app, headers=HOST)


@pytest.fixture(scope="module")
def tried_path() -> Iterator[dict[str, str]]:
    """An event and an organisation to try it on."""
    Row.metadata.create_all(ENGINE)
    HOUSE.organisation()
    with HOUSE.sessions.begin() as session:
        event = a_published(session)
    yield {"event_id": str(event.id), "slug": "bruecke"}
    ENGINE.dispose()


@schema.parametrize()
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_operation_keeps_its_promises(case: Any, tried_path: dict[str, str]) -> None:
    if case.meta is None or case.meta.generation.mode.is_positive:
        case.path_parameters.update({name: tried_path[name] for name in case.path_parameters if name in tried_path})

    # That the end comes after the start, or that a zone exists, JSON Schema cannot say: 422 is an honest answer.
    case.call_and_validate(headers=HOST | HOUSE.token(Role.ADMIN), excluded_checks=[positive_data_acceptance])

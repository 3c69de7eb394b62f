"""The interface does what its description says: schemathesis tries."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from services.registration.storage.tables import Row
from shared.contracts.events import EventSnapshot
from shared.database import connect
from tests.registration.doors import a_house


@schemathesis.serializer("application/pdf", "image/png", "image/jpeg")
def as_it_is(_context: Any, value: Any) -> bytes:
    """Files go over the line byte by byte."""
    return value if isinstance(value, bytes) else str(value).encode()


HOST = {"Host": "127.0.0.1:8000"}


FOLDER = TemporaryDirectory()  # schemathesis wants its application when tests are collected
ENGINE = connect(f"sqlite:///{FOLDER.name}/test.db")
HOUSE = a_house(Path(FOLDER.name), ENGINE)

schema = schemathesis.openapi.from_wsgi("/registration/api/v1/openapi.json", HOUSE.app, headers=HOST)


@pytest.fixture(scope="module")
def tried_event() -> Iterator[EventSnapshot]:
    """An event to try it on."""
    Row.metadata.create_all(ENGINE)
    yield HOUSE.event(capacity=5)
    ENGINE.dispose()
    FOLDER.cleanup()


@schema.parametrize()
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_stranger_who_knows_no_event_finds_what_is_described(case: Any, tried_event: EventSnapshot) -> None:
    # What is made up as text may hold half a letter (a lone surrogate); JSON Schema cannot say that this is none. In an
    # address it may hold NUL in spite of our pattern, which is no request at all.
    has_nul = any("\0" in str(each) for each in (case.query or {}).values())
    excluded = [positive_data_acceptance] if case.operation.body or has_nul else []
    case.call_and_validate(headers=HOST, excluded_checks=excluded)


@schema.include(path_regex="{event_id}").parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_an_organiser_finds_what_is_described(case: Any, tried_event: EventSnapshot) -> None:
    if case.meta is None or case.meta.generation.mode.is_positive:
        case.path_parameters["event_id"] = str(tried_event.id)

    # Some rules about text (one line, a name has letters, languages that exist) are more than JSON Schema can say.
    case.call_and_validate(headers=HOST | HOUSE.token(), excluded_checks=[positive_data_acceptance])

"""The descriptions of the three APIs are true: they name every address, and no answer surprises their reader."""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi_checks

from tests.end_to_end.doors import doors
from tests.end_to_end.town import Town, done

SERVICES = ("events", "registration", "notifications")
EXAMPLES = {"events": 6, "registration": 15, "notifications": 30}
SEED = 20261121
_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
LOOKED_AT = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.negative_data_rejection,
]
pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]


@pytest.mark.parametrize("service", SERVICES)
def test_the_description_stands_at_its_address_and_is_openapi_3_1(town: Town, service: str) -> None:
    answer = town.call("GET", f"/{service}/api/v1/openapi.json")

    document = done(answer, 200)
    assert answer.headers["Content-Type"] == "application/json"
    assert document["openapi"].startswith("3.1.")
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert town.visitor().get(f"/{service}/api/docs").status_code == 200


@pytest.mark.parametrize("service", SERVICES)
def test_every_address_of_the_api_is_described(town: Town, service: str) -> None:
    document = done(town.call("GET", f"/{service}/api/v1/openapi.json"), 200)
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    described = {(method, path) for method, path in described if method in {"GET", "POST", "PUT", "PATCH", "DELETE"}}

    served = {(each.method, each.described_as) for each in doors() if each.service == service and each.is_api}

    own = {("GET", f"/{service}/api/v1/openapi.json"), ("GET", f"/{service}/api/docs")}
    assert served - own == described


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["sound", "unsound"])
@pytest.mark.parametrize("asker", ["admin", "nobody"])
@pytest.mark.parametrize("service", SERVICES)
def test_whatever_is_sent_the_answer_is_as_described(
    town: Town, service: str, asker: str, mode: GenerationMode
) -> None:
    document = done(town.call("GET", f"/{service}/api/v1/openapi.json"), 200)
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=town.base)
    trial = Trial(token=town.admin if asker == "admin" else "", ids=_known(town), mode=mode)

    for result in schema.get_all_operations():
        trial.of(result.ok(), examples=EXAMPLES[service] if asker == "admin" else 3)

    assert trial.faults == []
    if asker == "admin":
        assert trial.answered & ({200, 201, 204} if mode == GenerationMode.POSITIVE else {404, 422})


@dataclass(kw_only=True)
class Trial:
    """One asker tries every operation; what is wrong is gathered, so that one run shows everything."""

    token: str
    ids: dict[str, str]
    mode: GenerationMode
    faults: list[str] = field(default_factory=list)
    answered: set[int] = field(default_factory=set)

    def of(self, operation: Any, *, examples: int) -> None:
        """The same examples with every run."""

        @seed(SEED)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=self.mode))
        def run(case: Any) -> None:
            self._look(case)

        try:
            run()
        except Unsatisfiable:
            return  # nothing about this operation can be unsound
        except Exception as fault:  # noqa: BLE001 - all operations are tried before the test says no
            self.faults.append(f"{operation.label}: {fault!r}: {_notes(fault)}"[:3000])

    def _look(self, case: Any) -> None:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        for name, value in (case.path_parameters or {}).items():
            if name in self.ids and _UUID.fullmatch(str(value)) and str(value)[0] in "01234567":
                case.path_parameters[name] = self.ids[name]  # every other time one that exists
        response = case.call(headers=headers, timeout=60)
        self.answered.add(response.status_code)
        case.validate_response(response, checks=LOOKED_AT)


def _notes(fault: Exception) -> str:
    inner = getattr(fault, "exceptions", ())
    return "\n".join(str(each) for each in (fault, *inner))


def _known(town: Town) -> dict[str, str]:
    """Ids that exist, so that not everything ends with 404."""
    event = town.event(title={"de": "Für die Beschreibung"})
    return {"event_id": event["id"], "registration_id": town.attendee(event)["id"]}

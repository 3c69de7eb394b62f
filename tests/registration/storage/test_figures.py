"""Sign-ups are counted by what became of them, once that is true."""

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import Engine

from shared.database import sessions_for
from tests.registration.builders import TERMS, a_registration, an_event


def _counted(result: str) -> float:
    return REGISTRY.get_sample_value("werktor_sign_ups_total", {"result": result}) or 0.0


def test_each_sign_up_is_counted_by_its_result_when_it_is_committed(engine: Engine) -> None:
    results = ("confirmed", "waiting", "pending", "repeated")
    before = {each: _counted(each) for each in results}
    with sessions_for(engine).begin() as session:
        event = an_event(session, capacity=1)
    for more in ({}, {}, {"terms": TERMS, "email": "ada@example.org"}, {"terms": TERMS, "email": "ada@example.org"}):
        with sessions_for(engine).begin() as session:
            a_registration(session, event, **more)

    assert {each: _counted(each) - before[each] for each in results} == dict.fromkeys(results, 1)


def test_a_sign_up_that_is_rolled_back_is_not_counted(engine: Engine) -> None:
    before = _counted("confirmed")

    with pytest.raises(ZeroDivisionError), sessions_for(engine).begin() as session:
        a_registration(session, an_event(session))
        raise ZeroDivisionError

    assert _counted("confirmed") == before

"""Answers to repeated calls are kept for two days and no longer."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from services.events.storage import idempotency
from shared.database import sessions_for

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def test_an_answer_is_forgotten_after_two_days(engine: Engine) -> None:
    sessions = sessions_for(engine)
    with sessions.begin() as session:
        for key, at in (("old", NOON), ("young", NOON + timedelta(days=2))):
            assert idempotency.begin(session, key, request="r", now=at) is None
            idempotency.finish(session, key, status=201, body={"id": key})

    with sessions.begin() as session:
        idempotency.forget_old(session=session, now=NOON + timedelta(days=2, seconds=1))

    with sessions.begin() as session:
        assert idempotency.begin(session, "old", request="r", now=NOON) is None
        kept = idempotency.begin(session, "young", request="r", now=NOON)
        assert kept is not None
        assert kept.body == {"id": "young"}

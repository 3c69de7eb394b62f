"""Signing up in one statement stores, tells and answers what the statements one after another do."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from services.registration.domain.registrations import Receipt, SignUpWish, Terms
from services.registration.domain.rejections import SignUpClosed
from services.registration.storage import events, quotas
from services.registration.storage.tables import Consent, Place, Quota, Registration, Row
from services.registration.use_cases.sign_up import sign_up
from services.registration.use_cases.sign_up_quickly import sign_up_quickly
from shared.contracts.events import EventSnapshot, SignUpRules
from shared.database import connect, sessions_for
from shared.direct import Direct
from shared.messaging import wakeup
from shared.messaging.tables import outbox
from tests.registration.builders import AT_ONCE, NOW, TERMS, a_quota, a_snapshot, a_wish, an_event, at_the_door
from tests.registration.builders import later as after


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    """PostgreSQL: SQLite always takes the statements one after another."""
    engine = connect(postgres_url)
    Row.metadata.create_all(engine)
    yield engine
    engine.dispose()


def prepared(engine: Engine, told: EventSnapshot | None = None, **differences: Any) -> EventSnapshot:
    """An event in the database and in this process's memory."""
    told = told or a_snapshot(**differences)
    with sessions_for(engine).begin() as session:
        events.snapshot(an_event(session, told))
    return told


def quickly(engine: Engine, told: EventSnapshot, *, terms: Terms = TERMS, **more: Any) -> Receipt | None:
    """Somebody tries the short way, knowing the event as told."""
    now = more.pop("now", NOW)
    wish = more.pop("wish", None) or a_wish(**more)
    return sign_up_quickly(wish, told=told, direct=Direct(engine), now=now, terms=terms)


def thoroughly(engine: Engine, told: EventSnapshot, wish: SignUpWish, *, terms: Terms) -> Receipt:
    """The long way."""
    with sessions_for(engine).begin() as session:
        return sign_up(wish, event=events.get(session, told.id), session=session, now=NOW, terms=terms)


def everything(session: Session) -> dict[str, list[dict[str, Any]]]:
    """All rows of a sign-up and of what follows from it, but for what is drawn by lot."""
    tables = {each.__tablename__: each.__table__ for each in (Registration, Place, Consent, Quota)} | {"outbox": outbox}
    drawn = {"place": {"id"}, "consent": {"id"}, "outbox": {"id", "created_at", "message_id"}}
    return {
        name: [
            {key: value for key, value in row._mapping.items() if key not in drawn.get(name, ())}
            for row in session.execute(select(table).order_by(_ORDER.get(name, table.c.id)))
        ]
        for name, table in tables.items()
    }


_ORDER = {"consent": Consent.purpose, "place": Place.quota_id}


@pytest.mark.parametrize("terms", [TERMS, AT_ONCE], ids=["to confirm", "at once"])
@pytest.mark.parametrize("capacity", [3, 1])
def test_both_ways_store_and_tell_the_same(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, terms: Terms, capacity: int
) -> None:
    new_id = UUID("11111111-2222-4333-8444-555555555555")
    for module in ("sign_up", "sign_up_quickly"):
        monkeypatch.setattr(f"services.registration.use_cases.{module}.uuid4", lambda: new_id)
    wish = a_wish(name="سارا موسوی‌نژاد", consents=frozenset({"privacy", "photo"}), locale="ar")
    told = prepared(engine, capacity=capacity)
    seen, receipts = [], []

    for way in ("quickly", "thoroughly"):
        with engine.begin() as connection:
            for table in ("consent", "place", "registration", "outbox"):
                connection.exec_driver_sql(f"DELETE FROM {table}")
            connection.exec_driver_sql("UPDATE quota SET taken = 1, waiting = 0, version = 5, next_number = 1")
        receipts.append(
            quickly(engine, told, terms=terms, wish=wish)
            if way == "quickly"
            else thoroughly(engine, told, wish, terms=terms)
        )
        with sessions_for(engine).begin() as session:
            seen.append(everything(session))

    assert seen[0] == seen[1]
    assert receipts[0] == receipts[1]
    assert receipts[0] is not None
    assert receipts[0].position == (None if capacity == 3 else 1)


def test_a_known_address_is_left_to_the_long_way_and_nothing_is_stored(engine: Engine) -> None:
    told = prepared(engine)
    wish = a_wish(email="anna@example.org")
    first = quickly(engine, told, wish=wish)
    with sessions_for(engine).begin() as session:
        before = everything(session)

    assert first is not None
    assert quickly(engine, told, wish=wish) is None
    with sessions_for(engine).begin() as session:
        assert everything(session) == before
    second = at_the_door(engine, told.id, wish, terms=TERMS)
    assert (second.status, second.places, second.confirm_by) == (first.status, first.places, first.confirm_by)
    assert second.id != first.id

    with sessions_for(engine).begin() as session:
        told_once = everything(session)
    third = quickly(engine, told, wish=wish)  # her owner was told just now: nothing is left to do but to answer
    assert third is not None
    assert (third.status, third.places, third.confirm_by) == (first.status, first.places, first.confirm_by)
    with sessions_for(engine).begin() as session:
        assert everything(session) == told_once


def test_an_event_that_changed_meanwhile_takes_nobody_by_what_it_was(engine: Engine) -> None:
    old = prepared(engine)
    prepared(engine, replace(old, version=2, sign_up_closes_at=NOW - timedelta(days=1)))

    assert quickly(engine, old) is None
    with sessions_for(engine).begin() as session:
        assert everything(session)["registration"] == []
    with pytest.raises(SignUpClosed):
        at_the_door(engine, old.id, a_wish(), terms=TERMS)


def test_an_event_that_opened_meanwhile_is_not_refused_by_what_it_was(engine: Engine) -> None:
    old = prepared(engine, sign_up_closes_at=NOW - timedelta(days=1))
    with sessions_for(engine).begin() as session:
        an_event(session, replace(old, version=2, sign_up_closes_at=None))

    assert quickly(engine, old) is None
    assert at_the_door(engine, old.id, a_wish(), terms=TERMS).position is None


def test_a_quota_that_closed_meanwhile_takes_nobody(engine: Engine) -> None:
    told = prepared(engine)
    with sessions_for(engine).begin() as session:
        quotas.close(session, told.quotas[0].id)

    assert quickly(engine, told) is None
    with sessions_for(engine).begin() as session:
        assert everything(session)["registration"] == []


def test_a_lapsed_first_try_is_left_to_the_long_way(engine: Engine) -> None:
    told = prepared(engine)
    wish = a_wish(email="anna@example.org")
    quickly(engine, told, wish=wish)

    assert quickly(engine, told, wish=wish, now=after(minutes=30)) is None
    at_the_door(engine, told.id, wish, terms=TERMS, now=after(minutes=30))
    with sessions_for(engine).begin() as session:
        rows = session.scalars(select(Registration.status).order_by(Registration.created_at)).all()
    assert rows == ["expired", "pending"]


def test_several_quotas_are_left_to_the_long_way(engine: Engine) -> None:
    told = prepared(engine, quotas=(a_quota(2), a_quota(2)), quota_choice="any")
    wish = a_wish(quota_ids=tuple(each.id for each in told.quotas))

    assert quickly(engine, told, wish=wish) is None
    assert len(at_the_door(engine, told.id, wish, terms=TERMS).places) == 2


@pytest.mark.parametrize(
    "more",
    [{"answers": {"1": "yes"}}, {"field_of_study": "chemistry"}, {"audience": "refugees"}],
    ids=["answers", "field of study", "audience"],
)
def test_whoever_says_more_takes_the_long_way(engine: Engine, more: dict[str, Any]) -> None:
    told = prepared(engine)

    assert quickly(engine, told, **more) is None
    with sessions_for(engine).begin() as session:
        assert everything(session)["registration"] == []


@pytest.mark.parametrize("rules", [{"selection": "approval"}, {"selection": "lottery"}, {"by_invitation": True}])
def test_other_ways_of_giving_places_are_the_long_way(engine: Engine, rules: dict[str, Any]) -> None:
    told = prepared(engine, sign_up=SignUpRules(**rules))

    assert quickly(engine, told) is None
    with sessions_for(engine).begin() as session:
        assert everything(session)["registration"] == []


def test_the_statement_wakes_the_relay_and_a_refused_one_does_not(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, woken = prepared(engine), []
    monkeypatch.setattr(wakeup, "nudge", woken.append)

    quickly(engine, told, email="anna@example.org")
    assert len(woken) == 1
    quickly(engine, told, email="anna@example.org")
    assert len(woken) == 1

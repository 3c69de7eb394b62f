"""No change of what public pages show goes uncounted, whoever makes it, and nobody waits for the counting."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from services.events.app import MIGRATIONS
from services.events.storage.catalogue_state import SHOWN, stamp, state_at
from services.events.storage.tables import Availability, Company, Event
from shared.database import connect, is_sqlite, reading_sessions_for, sessions_for
from shared.migrations import upgrade
from tests.events.builders import NOW, a_draft, a_published, an_organisation

_CHANGES = {
    "event": "UPDATE event SET title = title",
    "event_session": "UPDATE event_session SET city = 'Ulm'",
    "quota": "DELETE FROM quota",
    "company": "UPDATE company SET name = 'Feinwerk'",
    "organisation": "UPDATE organisation SET name = 'Brücke'",
}


@pytest.fixture
def migrated(database_url: str) -> Iterator[Engine]:
    """A database as migrations make it, with one event."""
    engine = connect(database_url)
    upgrade(engine, MIGRATIONS)
    with sessions_for(engine).begin() as session:
        session.add(Company(id=uuid4(), name="Werk", created_at=NOW))
        a_published(session)
    yield engine
    engine.dispose()


def version(engine: Engine) -> int:
    with reading_sessions_for(engine)() as session:
        return state_at(session, NOW).version or 0


def test_every_change_of_what_is_shown_counts(migrated: Engine) -> None:
    assert set(_CHANGES) == set(SHOWN)
    for table, change in _CHANGES.items():
        before = version(migrated)
        with migrated.begin() as connection:
            connection.execute(text(change))

        assert version(migrated) > before, table


def test_what_was_taken_back_was_never_counted(migrated: Engine) -> None:
    before = version(migrated)

    with migrated.connect() as connection:
        connection.execute(text(_CHANGES["event"]))
        connection.rollback()

    assert version(migrated) == before


def test_tables_made_from_the_code_count_as_well(engine: Engine) -> None:
    before = version(engine)

    with sessions_for(engine).begin() as session:
        a_draft(session)

    assert version(engine) > before


@pytest.mark.servers
def test_who_changes_events_waits_for_nobody_who_has_not_committed(postgres_url: str) -> None:
    engine = connect(postgres_url)
    upgrade(engine, MIGRATIONS)
    with sessions_for(engine).begin() as session:
        one, other = (a_draft(session, an_organisation(session, slug)).id for slug in ("eine", "andere"))
    before = version(engine)
    change = text("UPDATE event SET note = 'x' WHERE id = :id")

    with engine.connect() as slow, engine.connect() as quick:
        slow.execute(change, {"id": one})
        quick.execute(text("SET LOCAL lock_timeout = '2s'"))
        quick.execute(change, {"id": other})
        quick.commit()
        assert version(engine) == before + 1
        slow.execute(change, {"id": other})
        slow.commit()

    assert version(engine) == before + 2
    engine.dispose()


def test_news_of_places_change_the_stamp_of_their_event_only(engine: Engine) -> None:
    with sessions_for(engine).begin() as session:
        organisation = an_organisation(session)
        one, other = (a_published(session, organisation, title={"de": name}) for name in ("Eins", "Zwei"))
        facts = {"capacity": 10, "free": 9, "waiting": 0}
        session.add(Availability(quota_id=one.quotas[0].id, event_id=one.id, version=3, **facts))

    with reading_sessions_for(engine)() as session:
        now = version(engine)
        assert stamp(session, [one.id]) == (now, 3)
        assert stamp(session, [other.id]) == (now, 0)
        assert stamp(session, [one.id, other.id]) == stamp(session, None) == (now, 3)


def test_time_alone_changes_nothing_until_the_next_session_ends(session: Session) -> None:
    event: Event = a_published(session)
    session.flush()
    end = event.sessions[0].ends_at

    assert state_at(session, NOW).until == end
    assert state_at(session, end - timedelta(seconds=1)).until == end
    assert state_at(session, end).until is None


def test_where_nobody_counts_nothing_is_concluded(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM catalogue_state"))

    with reading_sessions_for(engine)() as session:
        assert state_at(session, NOW).version is None
    assert is_sqlite(engine)

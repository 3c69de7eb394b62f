"""Heard through the real outbox and inbox, on a database made by the migrations."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from services.notifications.app import MIGRATIONS
from services.notifications.domain.webhooks import KINDS
from services.notifications.inbox import handlers
from services.notifications.storage.tables import DeliveryRow, Row
from services.notifications.use_cases.add_webhook import add_webhook
from services.notifications.use_cases.desk import Desk
from shared import migrations
from shared.contracts.message import REGISTRY
from shared.database import connect, new_metadata, sessions_for
from shared.messaging import outbox
from shared.messaging.carry import carry
from shared.messaging.tables import attach, inbox
from shared.policy import ANONYMOUS
from tests.notifications.builders import NOW, ORGANISATION, asked, cancelled, confirmed, waitlisted
from tests.notifications.office import Office


@pytest.fixture
def producer(tmp_path: Path) -> Iterator[Engine]:
    """Some other service's database."""
    engine = connect(f"sqlite:///{tmp_path}/registration.db")
    attach(new_metadata()).create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def migrated(database_url: str, desk: Desk) -> Iterator[Office]:
    """Our database as an installation has it."""
    engine = connect(database_url)
    migrations.upgrade(engine, MIGRATIONS)
    yield Office(engine, desk)
    engine.dispose()


def test_the_migrations_make_the_tables_of_the_code(migrated: Office) -> None:
    assert migrations.check(migrated.engine, MIGRATIONS, Row.metadata) == []
    assert migrations.is_current(migrated.engine, MIGRATIONS)


def test_a_registration_becomes_mails(producer: Engine, migrated: Office) -> None:
    with sessions_for(producer).begin() as session:
        for number, message in enumerate((asked(), confirmed(version=2), cancelled(version=3)), start=1):
            outbox.add(session, message, aggregate=f"registration:{message.registration.id}", version=number)
        other = waitlisted(name="Ng")
        outbox.add(session, other, aggregate=f"registration:{other.registration.id}", version=1)

    hearing = handlers(migrated.desk, zone="Europe/Berlin")
    assert carry(producer, migrated.engine, hearing, NOW) == 4
    assert carry(producer, migrated.engine, hearing, NOW) == 0

    assert migrated.kinds() == ["confirm_address", "ticket", "invitation", "cancelled", "calendar_cancel", "waiting"]


def test_other_systems_are_told_under_the_id_of_the_message(producer: Engine, migrated: Office) -> None:
    with sessions_for(migrated.engine).begin() as session:
        add_webhook(
            "https://example.org",
            kinds=KINDS,
            organisation_id=ORGANISATION,
            actor=ANONYMOUS,
            key=b"k" * 32,
            session=session,
            now=NOW,
        )
    message = confirmed()
    with sessions_for(producer).begin() as session:
        outbox.add(session, message, aggregate=f"registration:{message.registration.id}", version=1)

    carry(producer, migrated.engine, handlers(migrated.desk, zone="Europe/Berlin"), NOW)

    with sessions_for(migrated.engine)() as session:
        heard = session.scalars(select(inbox.c.message_id)).all()
        queued = session.scalars(select(DeliveryRow.message_id)).all()
    assert queued == heard
    assert len(queued) == 1


def test_every_message_is_heard(desk: Desk) -> None:
    heard = {kind.type_name() for kind in handlers(desk, zone="Europe/Berlin")}

    assert set(REGISTRY) - heard == set()

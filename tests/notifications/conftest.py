"""A service with an empty database, and its mailbox."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.notifications.domain.senders import Sender
from services.notifications.rendering.letters import Stationery
from services.notifications.use_cases.desk import Desk
from shared.languages import SHARED, Catalogues
from tests.notifications.office import Office

TRANSLATIONS = Path(__file__).parents[2] / "services/notifications/translations"


@pytest.fixture(scope="session")
def stationery() -> Stationery:
    """Every language there is."""
    return Stationery(Catalogues(SHARED, TRANSLATIONS), default_locale="de")


@pytest.fixture(scope="session")
def sender() -> Sender:
    """Under which address mails leave."""
    return Sender(
        address="kalender@werktor.example.org",
        bounce_domain="bounces.werktor.example.org",
        public_base_url="https://werktor.example.org",
    )


@pytest.fixture
def desk(stationery: Stationery, sender: Sender) -> Desk:
    """With real chance."""
    return Desk(stationery=stationery, sender=sender)


@pytest.fixture
def office(sqlite_url: str, desk: Desk) -> Iterator[Office]:
    """Hears messages, writes mails."""
    with Office.opened(sqlite_url, desk) as found:
        yield found


@pytest.fixture
def any_office(database_url: str, desk: Desk) -> Iterator[Office]:
    """The same on both databases."""
    with Office.opened(database_url, desk) as found:
        yield found

"""How the service is put together."""

import threading
from pathlib import Path

import pytest

from services.notifications.app import create_postmen
from services.notifications.settings import NotificationsSettings
from shared.database import connect
from shared.settings import CommonSettings


@pytest.mark.parametrize(
    ("database_url", "smtp_url", "expected"),
    [
        ("postgresql://nobody@127.0.0.1:1/nothing", "smtp://127.0.0.1:1", 12),
        ("sqlite:///never-opened.db", "smtp://127.0.0.1:1", 2),  # more would keep each other from writing
        ("sqlite:///never-opened.db", "", 1),
    ],
)
def test_there_are_as_many_postmen_as_may_write_at_once(
    tmp_path: Path, database_url: str, smtp_url: str, expected: int
) -> None:
    common = CommonSettings(
        service="notifications",
        secret_key="x" * 40,
        var=tmp_path,
        database_url=database_url,
        public_base_url="http://127.0.0.1",
        identity_public_key="",
    )
    engine = connect(database_url)

    postmen = create_postmen(NotificationsSettings(common=common, smtp_url=smtp_url), engine, threading.Event())

    assert len(postmen) == expected
    engine.dispose()

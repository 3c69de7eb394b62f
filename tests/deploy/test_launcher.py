"""Every role as a process of its own."""

import os
import subprocess
from pathlib import Path

import pytest

from deploy.launcher import _migrate


def test_all_databases_are_migrated_and_one_that_is_away_is_named(tmp_path: Path) -> None:
    files = {f"{name}_DATABASE_URL": f"sqlite:///{tmp_path}/{name}.db" for name in ("EVENTS", "NOTIFICATIONS")}
    away = {"REGISTRATION_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    common = {"VAR": str(tmp_path), "PORT": "8000", "WERKTOR_SECRET_KEY": "only-for-this-test-0123456789abcdef"}

    with pytest.raises(subprocess.CalledProcessError, match=r"services\.registration"):
        _migrate(os.environ | common | files | away)

    assert {each.name for each in tmp_path.glob("*.db")} == {"EVENTS.db", "NOTIFICATIONS.db"}

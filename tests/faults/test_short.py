"""The fault run in its short forms; `make faults` is the long one. The seed is printed when something did not hold."""

import os
from pathlib import Path

import pytest

from tests import servers
from tests.faults.run import fresh_seed, run, run_short_on_servers
from tests.faults.table import shown

SEED = os.environ.get("SEED") or fresh_seed()
pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(600)]


def test_one_process_that_is_killed_and_fills_its_disk_keeps_every_promise(tmp_path: Path) -> None:
    result = run("embedded", seed=SEED, seconds=20, folder=tmp_path / "run", quiet_seconds=120)

    assert result.violations == [], shown(result)
    assert result.record.people


@pytest.mark.servers
def test_every_role_on_servers_that_fail_keeps_every_promise(tmp_path: Path) -> None:
    try:
        result = run_short_on_servers(seed=SEED, folder=tmp_path / "run")
    except servers.ServerMissing as missing:
        pytest.fail(str(missing), pytrace=False)

    assert result.violations == [], shown(result)
    assert result.record.people

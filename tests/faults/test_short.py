"""The fault run in its short form on one process; `make faults` is the long one, there and on servers.

The seed is printed when something did not hold. On servers every role takes more than a minute to start on two cores,
which `make test` has not: `make faults SECONDS=25` is the short form there.
"""

import os
from pathlib import Path

import pytest

from tests.faults.run import fresh_seed, run
from tests.faults.table import shown

SEED = os.environ.get("SEED") or fresh_seed()
pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(600)]


@pytest.mark.xdist_group("product embedded")
def test_one_process_that_is_killed_and_fills_its_disk_keeps_every_promise(tmp_path: Path) -> None:
    result = run("embedded", seed=SEED, seconds=20, folder=tmp_path / "run", quiet_seconds=120)

    assert result.violations == [], shown(result)
    assert result.record.people

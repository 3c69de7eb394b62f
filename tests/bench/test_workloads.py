"""Every workload still does what it is called, on both sides; a wrong answer would raise."""

from dataclasses import replace

import pytest

from tests.bench.timing import measure
from tests.bench.workloads import WORKLOADS


@pytest.mark.servers
@pytest.mark.parametrize("name", WORKLOADS)
def test_a_workload_runs_on_both_sides(name: str) -> None:
    with WORKLOADS[name]() as pairs:
        for pair in pairs:
            found = measure(replace(pair, warm=False), seconds=0.2, rounds=1)

            assert [len(found.ours), len(found.yardstick)] == [1, 1]
            assert min(*found.ours, *found.yardstick) > 0

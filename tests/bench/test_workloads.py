"""Every workload still does what it is called, on both sides; a wrong answer would raise."""

import pytest

from tests.bench.timing import measure
from tests.bench.workloads import WORKLOADS


@pytest.mark.servers
@pytest.mark.parametrize("name", WORKLOADS)
def test_a_workload_runs_on_both_sides(name: str) -> None:
    with WORKLOADS[name](0.05) as pair:
        found = measure(pair, seconds=0.05, rounds=2)

    assert [len(found.ours), len(found.yardstick)] == [2, 2]
    assert min(*found.ours, *found.yardstick) > 0

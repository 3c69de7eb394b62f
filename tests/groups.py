"""Which tests share something that takes long to start, so that one worker runs them all and starts it once.

xdist's own mark for this, xdist_group, is a suffix of the test's id that pytest 9.2 does not take any more: workers got
the tests of a group as they came, and each started everything.
"""

import re

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling

GROUPS = {
    r"tests/end_to_end/.*\[embedded\b": "product embedded",
    r"tests/end_to_end/.*\[servers\b": "product servers",
    r"tests/end_to_end/test_great_rush\.py::": "product servers",
    r"tests/faults/test_short\.py::test_one_process_": "product embedded",
    r"tests/faults/test_short\.py::": "product servers",
    r"tests/bench/test_workloads\.py::": "bench",
}


def group_of(nodeid: str) -> str:
    """What a test shares; the test itself if nothing."""
    return next((group for pattern, group in GROUPS.items() if re.match(pattern, nodeid)), nodeid)


class Groups(LoadGroupScheduling):
    """Hands out whole groups, those with the most tests first."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Groups | None:
    """Ours in place of xdist's."""
    return Groups(config, log) if config.getoption("dist") == "loadgroup" else None

"""Every workload still does what it is called, on both sides; a wrong answer would raise."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import inspect, text

from tests.bench.check_ins import Door
from tests.bench.client import ask
from tests.bench.million import FEW, million
from tests.bench.rig import Rig, Store, open_rig
from tests.bench.sign_ups import SignUps
from tests.bench.timing import measure
from tests.bench.workloads import WORKLOADS

pytestmark = pytest.mark.servers
TRIED = WORKLOADS | {"million": partial(million, events=FEW)}


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """One worker a service is enough to see that it works."""
    with pytest.MonkeyPatch.context() as patch, open_rig() as rig:
        patch.setenv("WERKTOR_WEB_WORKERS", "1")
        yield rig


@pytest.mark.parametrize("name", TRIED)
def test_a_workload_runs_on_both_sides(name: str, rig: Rig) -> None:
    for pair in TRIED[name](rig):
        found = measure(replace(pair, warm=False), seconds=0.2, rounds=1)

        assert [len(found.ours), len(found.yardstick)] == [1, 1]
        assert min(*found.ours, *found.yardstick) > 0


def test_the_yardstick_of_sign_ups_writes_the_rows_that_ours_writes(rig: Rig) -> None:
    house = rig.once(SignUps)
    requests = house.requests()
    house.variables()

    ours = written(house.store, lambda: ask(house.web.port, next(requests)))
    sampled = written(house.store, house.variables)
    yardstick = written(house.store, lambda: house.statements(1, transactions=1))

    assert ours == {"registration": 1, "place": 1, "consent": 1, "outbox": 2}
    assert yardstick == {name: number + ours[name] for name, number in sampled.items()}


def test_the_yardstick_of_check_ins_writes_the_rows_that_ours_writes(rig: Rig) -> None:
    door = rig.once(Door)
    door.rate(0.1)
    requests = door.requests()
    door.fill(0.1)
    door.fill_pgbench(1)

    ours = written(door.store, lambda: ask(door.web.port, next(requests)))
    yardstick = written(door.store, lambda: door.statements(1, transactions=1))

    assert ours == {"scan": 1, "check_in": 1, "outbox": 1}
    assert {name: yardstick[name] for name in ours} == ours


def written(store: Store, act: Callable[[], object]) -> dict[str, int]:
    """How many rows more there are afterwards, by table."""
    before = counted(store)
    act()
    after = counted(store)
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


def counted(store: Store) -> dict[str, int]:
    with store.engine.connect() as connection:
        names = inspect(connection).get_table_names()
        return {name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in names}

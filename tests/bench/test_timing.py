"""The bench's own arithmetic, with a clock that the test moves."""

import json
from dataclasses import dataclass
from threading import Barrier

import pytest

from tests.bench.table import document, table
from tests.bench.timing import Measured, NothingLeft, Pair, measure, rate


@dataclass
class Watch:
    """Time passes only when an act takes some."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def measured(ours: tuple[float, ...], yardstick: tuple[float, ...], *, goal: float = 0.5) -> Measured:
    return Measured(name="sign-ups", against="statements", goal=goal, ours=ours, yardstick=yardstick)


def test_a_rate_counts_what_got_done_in_the_time_it_took() -> None:
    watch = Watch()

    def act() -> None:
        watch.seconds += 0.3

    assert rate(act, seconds=1, clock=watch) == pytest.approx(4 / 1.2)


def test_a_round_has_at_least_one_act_however_short_it_is() -> None:
    watch = Watch()

    def act() -> None:
        watch.seconds += 2

    assert rate(act, seconds=0.1, clock=watch) == pytest.approx(0.5)


def test_a_round_whose_stock_is_used_up_ends_early_and_stays_true() -> None:
    watch, stock = Watch(), [1, 2, 3]

    def act() -> None:
        if not stock:
            raise NothingLeft
        stock.pop()
        watch.seconds += 0.1

    assert rate(act, seconds=1, clock=watch) == pytest.approx(10)


def test_an_act_that_fails_ends_the_measurement() -> None:
    def act() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        rate(act, seconds=1, threads=2)


def test_several_threads_act_at_once_and_are_counted_together() -> None:
    watch = Watch()

    def a_second_passes() -> None:
        watch.seconds += 1

    together = Barrier(3, action=a_second_passes, timeout=30)  # opens only when three are at it

    assert rate(together.wait, seconds=1, threads=3, clock=watch) == pytest.approx(3)


def test_both_sides_take_turns_and_prepare_before_each() -> None:
    watch, diary = Watch(), []

    def side(name: str) -> None:
        watch.seconds += 1
        diary.append(name)

    pair = Pair(
        name="sign-ups",
        against="statements",
        goal=0.5,
        ours=lambda: side("ours"),
        yardstick=lambda: side("yardstick"),
        prepare=lambda: diary.append("prepare"),
    )

    found = measure(pair, seconds=1, rounds=3, clock=watch)

    turns = ["ours", "yardstick", *["ours", "yardstick"], *["yardstick", "ours"], *["ours", "yardstick"]]
    assert diary == [word for turn in turns for word in ("prepare", turn)]
    assert (found.ours, found.yardstick) == ((1, 1, 1), (1, 1, 1))


def test_the_ratio_is_that_of_the_medians_so_one_bad_round_does_not_count() -> None:
    found = measured((100, 110, 1, 105, 120), (200, 210, 220, 1000, 190))

    assert found.ratio == pytest.approx(105 / 210)
    assert found.spread == pytest.approx((1 / 220, 120 / 190))


def test_the_table_lines_up_whatever_the_size_of_the_figures() -> None:
    results = [measured((12_345.6,) * 5, (24_691.2,) * 5), measured((9.87,) * 5, (39.48,) * 5, goal=0.8)]

    assert table(results).splitlines() == [
        "workload  ours/s  yardstick/s  ratio       spread  goal  yardstick",
        "sign-ups  12,346       24,691  0.500  0.500-0.500  0.50  statements",
        "sign-ups     9.9         39.5  0.250  0.250-0.250  0.80  statements",
    ]


def test_the_document_is_json_and_holds_every_round() -> None:
    found = json.loads(json.dumps(document([measured((1, 2, 3), (4, 4, 4))], seconds=0.5)))

    assert found["seconds"] == 0.5
    assert found["workloads"] == [
        {
            "workload": "sign-ups",
            "yardstick": "statements",
            "goal": 0.5,
            "ratio": 0.5,
            "spread": [0.25, 0.75],
            "ours_per_second": 2,
            "yardstick_per_second": 4,
            "rounds": {"ours": [1, 2, 3], "yardstick": [4, 4, 4]},
        }
    ]

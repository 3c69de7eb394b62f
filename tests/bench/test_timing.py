"""The bench's own arithmetic, with a clock that the test moves."""

import json
from dataclasses import dataclass

import pytest

from tests.bench.table import document, table
from tests.bench.timing import Measured, Pair, measure, repeated


@dataclass
class Watch:
    """Time passes only when an act takes some."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def measured(ours: tuple[float, ...], yardstick: tuple[float, ...], **more: object) -> Measured:
    facts = {"name": "sign-ups", "against": "statements", "goal": 0.5} | more
    return Measured(ours=ours, yardstick=yardstick, **facts)  # type: ignore[arg-type]


def test_a_rate_counts_what_got_done_in_the_time_it_took() -> None:
    watch = Watch()

    def act() -> None:
        watch.seconds += 0.3

    assert repeated(act, clock=watch)(1) == pytest.approx(4 / 1.2)


def test_a_turn_has_at_least_one_act_however_short_it_is() -> None:
    watch = Watch()

    def act() -> None:
        watch.seconds += 2

    assert repeated(act, clock=watch)(0.1) == pytest.approx(0.5)


def test_an_act_that_fails_ends_the_measurement() -> None:
    def act() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        repeated(act)(1)


def a_pair(diary: list[str], *, warm: bool = True) -> Pair:
    def side(name: str, seconds: float) -> float:
        diary.append(f"{name} {seconds}")
        return len(diary)

    return Pair(
        name="sign-ups",
        against="statements",
        goal=0.5,
        ours=lambda seconds: side("ours", seconds),
        yardstick=lambda seconds: side("yardstick", seconds),
        prepare=lambda _seconds: diary.append("prepare"),
        warm=warm,
    )


def test_both_sides_take_turns_and_who_begins_changes() -> None:
    diary: list[str] = []

    found = measure(a_pair(diary, warm=False), seconds=1, rounds=3)

    assert diary[1::2] == ["ours 1", "yardstick 1", "yardstick 1", "ours 1", "ours 1", "yardstick 1"]
    assert set(diary[::2]) == {"prepare"}
    assert (found.ours, found.yardstick) == ((2, 8, 10), (4, 6, 12))


def test_the_first_turns_warm_up_both_sides_and_do_not_count() -> None:
    diary: list[str] = []

    found = measure(a_pair(diary), seconds=1, rounds=1)

    assert diary[1::2] == ["ours 0.25", "yardstick 0.25", "ours 1", "yardstick 1"]
    assert (found.ours, found.yardstick) == ((6,), (8,))


def test_the_ratio_is_that_of_the_medians_so_one_bad_round_does_not_count() -> None:
    found = measured((100, 110, 1, 105, 120), (200, 210, 220, 1000, 190))

    assert found.ratio == pytest.approx(105 / 210)
    assert found.spread == pytest.approx((1 / 220, 120 / 190))


def test_a_goal_is_met_from_its_own_side() -> None:
    assert measured((5,), (10,)).is_met
    assert not measured((4,), (10,)).is_met
    assert measured((5,), (10,), at_most=True).is_met
    assert not measured((6,), (10,), at_most=True).is_met


def test_the_table_lines_up_whatever_the_size_of_the_figures() -> None:
    results = [
        measured((12_345.6,) * 5, (24_691.2,) * 5),
        measured((9.87,) * 5, (3.29,) * 5, goal=1.3, unit="MiB", at_most=True),
    ]

    assert table(results).splitlines() == [
        "workload    ours  yardstick  unit  ratio       spread     goal  met  yardstick is",
        "sign-ups  12,346     24,691  1/s   0.500  0.500-0.500  >= 0.50  yes  statements",
        "sign-ups     9.9        3.3  MiB   3.000  3.000-3.000  <= 1.30  no   statements",
    ]


def test_the_document_is_json_and_holds_every_round() -> None:
    found = json.loads(json.dumps(document([measured((1, 2, 3), (4, 4, 4))], seconds=0.5)))

    assert found["seconds"] == 0.5
    assert found["workloads"] == [
        {
            "workload": "sign-ups",
            "yardstick": "statements",
            "unit": "1/s",
            "goal": 0.5,
            "goal_is": "at least",
            "met": True,
            "ratio": 0.5,
            "spread": [0.25, 0.75],
            "ours": 2,
            "yardstick_figure": 4,
            "rounds": {"ours": [1, 2, 3], "yardstick": [4, 4, 4]},
        }
    ]

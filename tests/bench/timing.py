"""Rounds: ours and its yardstick take turns, so that whatever else the machine does meets both."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

ROUNDS = 5
Turn = Callable[[float], float]  # work for so many seconds; the figure
Act = Callable[[], object]
Clock = Callable[[], float]


def _nothing(_seconds: float) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A workload and its yardstick, each measured by a turn of so many seconds.

    `goal` is the ratio that we want; `at_most` says that less is better (a cost, a size). `prepare` comes before
    every turn and is not timed. `warm`: whether each side has a quarter of a turn first that does not count.
    """

    name: str
    against: str
    goal: float
    ours: Turn
    yardstick: Turn
    unit: str = "1/s"
    at_most: bool = False
    prepare: Callable[[float], object] = _nothing
    warm: bool = True


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The figures, round by round."""

    name: str
    against: str
    goal: float
    ours: tuple[float, ...]
    yardstick: tuple[float, ...]
    unit: str = "1/s"
    at_most: bool = False

    @property
    def ratio(self) -> float:
        """Our median in units of the yardstick's median."""
        return median(self.ours) / median(self.yardstick)

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest ratio of a single round: how far to trust the other one."""
        ratios = [ours / yardstick for ours, yardstick in zip(self.ours, self.yardstick, strict=True)]
        return min(ratios), max(ratios)

    @property
    def is_met(self) -> bool:
        """Whether the goal is reached."""
        return self.ratio <= self.goal if self.at_most else self.ratio >= self.goal


def measure(pair: Pair, *, seconds: float, rounds: int = ROUNDS) -> Measured:
    """Let both run in turns; who begins changes from round to round."""
    figures: dict[Turn, list[float]] = {pair.ours: [], pair.yardstick: []}
    for turn in figures if pair.warm else ():
        _take(pair, turn, seconds / 4)
    for number in range(rounds):
        order = (pair.ours, pair.yardstick) if number % 2 == 0 else (pair.yardstick, pair.ours)
        for turn in order:
            figures[turn].append(_take(pair, turn, seconds))
    return Measured(
        name=pair.name,
        against=pair.against,
        goal=pair.goal,
        ours=tuple(figures[pair.ours]),
        yardstick=tuple(figures[pair.yardstick]),
        unit=pair.unit,
        at_most=pair.at_most,
    )


def repeated(act: Act, *, clock: Clock = perf_counter) -> Turn:
    """A turn that calls something as often as it can; how often a second. What is under way at the end counts."""

    def turn(seconds: float) -> float:
        begun, done = clock(), 0
        while not done or clock() < begun + seconds:
            act()
            done += 1
        return done / (clock() - begun)

    return turn


def _take(pair: Pair, turn: Turn, seconds: float) -> float:
    pair.prepare(seconds)
    return turn(seconds)

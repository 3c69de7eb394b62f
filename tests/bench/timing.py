"""Rounds: our act and its yardstick take turns, so that whatever else the machine does meets both."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median
from time import perf_counter

ROUNDS = 5
Act = Callable[[], object]
Clock = Callable[[], float]


class NothingLeft(Exception):
    """What an act raises when its stock is used up: the round ends early, and only the time until then counts."""


def _nothing() -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A workload and its yardstick: one call does the whole thing once, or raises.

    `goal` is the ratio that we want to reach; `prepare` comes before every round and is not timed.
    """

    name: str
    against: str
    goal: float
    ours: Act
    yardstick: Act
    threads: int = 1
    prepare: Act = _nothing


@dataclass(frozen=True, kw_only=True)
class Measured:
    """How often a second, round by round."""

    name: str
    against: str
    goal: float
    ours: tuple[float, ...]
    yardstick: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Our median in units of the yardstick's median."""
        return median(self.ours) / median(self.yardstick)

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest ratio of a single round: how far to trust the other one."""
        ratios = [ours / yardstick for ours, yardstick in zip(self.ours, self.yardstick, strict=True)]
        return min(ratios), max(ratios)


def measure(pair: Pair, *, seconds: float, rounds: int = ROUNDS, clock: Clock = perf_counter) -> Measured:
    """Let both run in turns, so many seconds each; who begins changes from round to round. The first turns warm up."""
    rates: dict[Act, list[float]] = {pair.ours: [], pair.yardstick: []}
    for act in rates:
        _turn(pair, act, seconds=seconds / 4, clock=clock)
    for number in range(rounds):
        order = (pair.ours, pair.yardstick) if number % 2 == 0 else (pair.yardstick, pair.ours)
        for act in order:
            rates[act].append(_turn(pair, act, seconds=seconds, clock=clock))
    return Measured(
        name=pair.name,
        against=pair.against,
        goal=pair.goal,
        ours=tuple(rates[pair.ours]),
        yardstick=tuple(rates[pair.yardstick]),
    )


def rate(act: Act, *, seconds: float, threads: int = 1, clock: Clock = perf_counter) -> float:
    """How often a second the act gets done; one that is under way at the end is finished and counted."""
    begun = clock()
    with ThreadPoolExecutor(threads) as pool:
        running = [pool.submit(_count, act, begun + seconds, clock) for _ in range(threads)]
        done = sum(each.result() for each in running)
    return done / (clock() - begun)


def _turn(pair: Pair, act: Act, *, seconds: float, clock: Clock) -> float:
    pair.prepare()
    return rate(act, seconds=seconds, threads=pair.threads, clock=clock)


def _count(act: Act, until: float, clock: Clock) -> int:
    done = 0
    try:
        while clock() < until or not done:
            act()
            done += 1
    except NothingLeft:
        pass
    return done

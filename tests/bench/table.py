"""What was measured, for people and for programs."""

import os
import platform
from collections.abc import Sequence
from statistics import median
from typing import Any

from tests.bench.timing import Measured

_HEADINGS = ("workload", "ours", "yardstick", "unit", "ratio", "spread", "goal", "met", "yardstick is")
_WORDS = (0, 3, 7, 8)  # these columns are set left, numbers right


def table(results: Sequence[Measured]) -> str:
    """One line a workload. A goal is an aim to look at: nothing fails because of it."""
    lines = [_HEADINGS, *map(_cells, results)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADINGS))]
    return "\n".join(_line(each, widths) for each in lines)


def document(results: Sequence[Measured], *, seconds: float) -> dict[str, Any]:
    """The same as JSON values, with every round and what the figures depend on."""
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "seconds": seconds,
        "workloads": [_entry(each) for each in results],
    }


def _cells(each: Measured) -> tuple[str, ...]:
    lowest, highest = each.spread
    return (
        each.name,
        _number(median(each.ours)),
        _number(median(each.yardstick)),
        each.unit,
        f"{each.ratio:.3f}",
        f"{lowest:.3f}-{highest:.3f}",
        f"{'<=' if each.at_most else '>='} {each.goal:.2f}",
        "yes" if each.is_met else "no",
        each.against,
    )


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    padded = [
        cell.ljust(width) if column in _WORDS else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _entry(each: Measured) -> dict[str, Any]:
    return {
        "workload": each.name,
        "yardstick": each.against,
        "unit": each.unit,
        "goal": each.goal,
        "goal_is": "at most" if each.at_most else "at least",
        "met": each.is_met,
        "ratio": round(each.ratio, 4),
        "spread": [round(one, 4) for one in each.spread],
        "ours": round(median(each.ours), 2),
        "yardstick_figure": round(median(each.yardstick), 2),
        "rounds": {"ours": list(each.ours), "yardstick": list(each.yardstick)},
    }

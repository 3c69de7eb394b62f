"""The table at the end: what was done, what was done to it, and how much of what must hold did not."""

from collections import Counter
from dataclasses import dataclass, field

from tests.faults.record import Record

SHOWN = 40


@dataclass
class Result:
    """One run's outcome. `checks`: what must hold -> (how much was looked at, violations)."""

    way: str
    seed: str
    seconds: float
    record: Record
    took: dict[str, float] = field(default_factory=dict)  # seconds
    checks: dict[str, tuple[str, list[str]]] = field(default_factory=dict)

    @property
    def violations(self) -> list[str]:
        """Of all checks."""
        return [each for _, found in self.checks.values() for each in found]


def shown(result: Result) -> str:
    """For people; every violation with enough to find its cause."""
    record = result.record
    lines = [f"fault run, {result.way}, {result.seconds:.0f} s, seed {result.seed}", ""]
    lines += _counts("operations", Counter(record.operations))
    lines += _counts("answers", Counter(f"{each.status or 'none'}" for each in record.answers))
    lines += _counts("faults", Counter(each.what for each in record.faults))
    lines += ["took " + ", ".join(f"{name} {seconds:.0f} s" for name, seconds in result.took.items()), ""]
    lines += [f"| {'what must hold':72} | {'looked at':>34} | violations |", f"|{'-' * 74}|{'-' * 36}|{'-' * 12}|"]
    lines += [f"| {name:72} | {looked:>34} | {len(found):>10} |" for name, (looked, found) in result.checks.items()]
    for name, (_, found) in result.checks.items():
        lines += [f"  {name}: {each}" for each in found[:SHOWN]]
        lines += [f"  {name}: and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    return "\n".join(lines)


def _counts(title: str, counts: Counter[str]) -> list[str]:
    said = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    return [f"{title} {sum(counts.values())}: {said}", ""]

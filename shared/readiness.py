"""Ask every part that a process needs at once, and name those that do not answer within a second."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

from shared.telemetry import get_logger

BUDGET = 1.0
Checks = Mapping[str, Callable[[], object]]
"""Name of a part -> a question; raising, answering False or not answering means that it is missing."""


class Readiness:
    """Asks again and again; a question that hangs does not stand in the way of the next ones."""

    def __init__(self, checks: Checks) -> None:
        self._checks = checks
        self._asked: dict[str, Future[object]] = {}
        self._pool = ThreadPoolExecutor(max_workers=len(checks) + 2, thread_name_prefix="readyz")

    @property
    def names(self) -> list[str]:
        """Every part that is asked."""
        return sorted(self._checks)

    def missing(self) -> list[str]:
        """The names of the parts that are missing, sorted. A question that still hangs is not asked a second time."""
        for name, check in self._checks.items():
            if name not in self._asked or self._asked[name].done():
                self._asked[name] = self._pool.submit(check)
        wait(self._asked.values(), timeout=BUDGET)
        return sorted(name for name, answer in self._asked.items() if not _is_well(name, answer))


def _is_well(name: str, answer: Future[object]) -> bool:
    if not answer.done():
        get_logger(__name__).warning("not_ready", part=name, silent_for=BUDGET)
        return False
    fault = answer.exception()
    if fault is not None:
        get_logger(__name__).warning("not_ready", part=name, exc_info=fault)
    return fault is None and answer.result() is not False

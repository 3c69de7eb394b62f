"""How often and when to try again, and what to write down about a failure."""

import random
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta

LIMIT = 8
FIRST = timedelta(seconds=0.4)
LONGEST = timedelta(seconds=60)


def next_attempt(tried: int, now: datetime, chance: Callable[[], float] = random.random) -> datetime:
    """0.4 s, 0.8 s … up to a minute, each a little varied so that not everybody tries at once."""
    pause: timedelta = min(FIRST * int(2 ** (tried - 1)), LONGEST)
    return now + pause * (0.75 + chance() / 2)


def describe(error: BaseException) -> str:
    """For the person who looks at a parked message: what and where. Databases name values from the second line on."""
    place = traceback.extract_tb(error.__traceback__)[-1:]
    where = f" at {place[0].filename}:{place[0].lineno}" if place else ""
    first, *_ = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {first}{where}"[:2000]

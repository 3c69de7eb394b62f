"""Which faults come when: drawn from the seed alone, so that a run can be repeated from it."""

import random
from dataclasses import dataclass

EMBEDDED = ("kill", "smtp 421", "smtp 450", "smtp 451", "smtp drop", "smtp hang", "clock", "disk")
ON_SERVERS = (
    "kill",
    "smtp 421",
    "smtp 450",
    "smtp 451",
    "smtp drop",
    "smtp hang",
    "clock",
    "broker restart",
    "broker wiped",
    "broker emptied",
    "broker unreachable",
    "broker cut",
    "postgres restart",
    "postgres crash",
    "postgres cut",
    "duplicates",
    "disorder",
)
LONG = 150  # seconds from which on a broker is away for a minute, as the issue asks
ROLES = ("web", "web master", "relay", "consume", "schedule")


@dataclass(frozen=True)
class Planned:
    """At so many seconds, for so many seconds; `seed` decides what is left to chance."""

    at: float
    kind: str
    seconds: float
    target: str
    seed: int


def planned(way: str, seed: str, seconds: float) -> list[Planned]:
    """Each kind at least once, in the part of the run in which there is still time to get up again."""
    chance = random.Random(f"{seed}-{way}-faults")
    kinds = EMBEDDED if way == "embedded" else ON_SERVERS
    drawn = [_drawn(kind, "", seconds, chance) for kind in kinds if kind != "kill"]
    drawn += [_drawn("kill", target, seconds, chance) for target in _targets(way, seconds, chance)]
    if seconds >= LONG:
        drawn += [_drawn(chance.choice(kinds[1:]), "", seconds, chance) for _ in range(int(seconds / 15))]
    return sorted(drawn, key=lambda each: each.at)


def _targets(way: str, seconds: float, chance: random.Random) -> list[str]:
    if way == "embedded":
        return ["all"] * max(2, int(seconds / 15))
    services = ("events", "registration", "notifications")
    if seconds < LONG:
        return [f"{chance.choice(services)}.{role}" for role in ROLES] + ["notifications.deliver"]
    every = [f"{service}.{role}" for service in services for role in ROLES] + ["notifications.deliver"]
    return every * max(1, int(seconds / LONG))


def _drawn(kind: str, target: str, seconds: float, chance: random.Random) -> Planned:
    lasts = min(8.0, seconds * chance.uniform(0.03, 0.07) + 0.5)
    if kind == "broker unreachable" and seconds >= LONG:
        lasts = 60.0
    latest = max(0.1, 0.85 * seconds - lasts)
    return Planned(chance.uniform(0.04 * seconds, latest), kind, lasts, target, chance.randrange(1 << 32))

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
SHORT = (
    # at, kind, seconds, role: so close together that much is away at once; no broker that takes long to come back
    (0.5, "smtp 451", 2.0, ""),
    (1.5, "kill", 0, "consume"),
    (2.5, "postgres cut", 0, ""),
    (3.0, "kill", 0, "relay"),
    (4.0, "broker wiped", 0, ""),
    (5.0, "kill", 0, "web"),
    (5.5, "broker unreachable", 2.0, ""),
    (6.0, "smtp drop", 1.5, ""),
    (7.0, "kill", 0, "deliver"),
    (8.0, "postgres crash", 0, ""),
    (9.0, "kill", 0, "schedule"),
    (9.5, "duplicates", 0, ""),
    (10.0, "kill", 0, "web master"),
    (10.5, "broker cut", 0, ""),
    (11.0, "disorder", 1.5, ""),
)
"""On servers, where `make test` has no time for all of it."""
LONG = 150  # seconds from which on a broker is away for a minute, as the issue asks
SERVICES = ("events", "registration", "notifications")
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


def short(seed: str) -> list[Planned]:
    """Always the same faults in the same order; whose role it is that dies comes from the seed."""
    chance = random.Random(f"{seed}-short-faults")
    return [_at(moment, kind, seconds, role, chance) for moment, kind, seconds, role in SHORT]


def _at(moment: float, kind: str, seconds: float, role: str, chance: random.Random) -> Planned:
    service = "notifications" if role == "deliver" else chance.choice(SERVICES)
    return Planned(moment, kind, seconds, f"{service}.{role}" if role else "", chance.randrange(1 << 32))


def _targets(way: str, seconds: float, chance: random.Random) -> list[str]:
    if way == "embedded":
        return ["all"] * max(2, int(seconds / 15))
    if seconds < LONG:
        return [f"{chance.choice(SERVICES)}.{role}" for role in ROLES] + ["notifications.deliver"]
    every = [f"{service}.{role}" for service in SERVICES for role in ROLES] + ["notifications.deliver"]
    return every * max(1, int(seconds / LONG))


def _drawn(kind: str, target: str, seconds: float, chance: random.Random) -> Planned:
    lasts = min(8.0, seconds * chance.uniform(0.03, 0.07) + 0.5)
    if kind == "broker unreachable" and seconds >= LONG:
        lasts = 60.0
    latest = max(0.1, 0.85 * seconds - lasts)
    return Planned(chance.uniform(0.04 * seconds, latest), kind, lasts, target, chance.randrange(1 << 32))

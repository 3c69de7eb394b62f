"""In which order the places of an event are given when they are not given to whoever comes first.

A lottery: the installation draws a secret seed and publishes its SHA-256, the commitment, before anybody applies.
Everybody who applies has a lot. At the announced moment the lots are put in the order of SHA-256("<seed>:<lot>"),
written as hexadecimal digits, and the seed is published with them: anybody can recompute the order, and nobody,
the organiser included, could choose it after seeing the lots.

By priority: those who fulfil the first criterion come first, then the second, and so on; then whoever applied earlier.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from shared.contracts.events import EventSnapshot

DRAWN = ("lottery", "priority")
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Applicant:
    """Somebody who applied. `fulfils` are the priorities she fulfils."""

    registration_id: UUID
    lot: str
    applied_at: datetime
    fulfils: frozenset[str] = frozenset()


def due_at(event: EventSnapshot) -> datetime | None:
    """When the places are given; None where everybody gets hers as she comes or is chosen."""
    rules = event.sign_up
    return (rules.decides_at or event.sign_up_closes_at) if rules.selection in DRAWN else None


def commitment(seed: str) -> str:
    """What is published of a seed before the draw."""
    return hashlib.sha256(seed.encode()).hexdigest()


def ticket(seed: str, lot: str) -> str:
    """What decides about a lot: the smaller, the earlier."""
    return hashlib.sha256(f"{seed}:{lot}".encode()).hexdigest()


def order(event: EventSnapshot, applicants: Iterable[Applicant], *, seed: str) -> list[Applicant]:
    """Who comes first. Whoever applied after the announced moment comes after all others, by time."""
    due = due_at(event)
    known = list(applicants)
    in_time = [each for each in known if due is None or each.applied_at < due]
    late = sorted((each for each in known if each not in in_time), key=_by_time)
    if event.sign_up.selection == "lottery":
        return [*sorted(in_time, key=lambda each: (ticket(seed, each.lot), each.lot)), *late]
    priorities = event.sign_up.priorities
    return [*sorted(in_time, key=lambda each: (*_rank(each, priorities), *_by_time(each))), *late]


def _rank(applicant: Applicant, priorities: tuple[str, ...]) -> tuple[bool, ...]:
    return tuple(each not in applicant.fulfils for each in priorities)


def _by_time(applicant: Applicant) -> tuple[datetime, UUID]:
    return applicant.applied_at, applicant.registration_id

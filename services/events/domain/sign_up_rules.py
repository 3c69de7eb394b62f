"""How an event gives its places: what an organiser may choose, and what contradicts itself."""

from collections.abc import Iterator
from datetime import datetime

from shared.contracts.events import SignUpRules
from shared.errors import N_

SELECTIONS = ("first_come", "approval", "lottery", "priority")
PRIORITIES = ("first_time", "field_of_study", "target_group")
AUDIENCES = ("student", "graduate", "skilled_worker", "job_seeker", "refugee", "volunteer", "professional")
DRAWN = ("lottery", "priority")  # all places are given at one moment, to those who applied by then
MOST_OFFER_HOURS, MOST_ANSWER_DAYS, MOST_CHANGE_HOURS = 24 * 14, 30, 24 * 30

Fault = tuple[str, str]


def faults(
    rules: SignUpRules, *, opens_at: datetime | None, closes_at: datetime | None, fields_of_study: tuple[str, ...]
) -> Iterator[Fault]:
    """Pairs of field and sentence for what contradicts itself."""
    if rules.selection in DRAWN and rules.decides_at is None and closes_at is None:
        yield "sign_up.decides_at", N_("Please say when the places are given.")
    if rules.decides_at and opens_at and rules.decides_at <= opens_at:
        yield "sign_up.decides_at", N_("Places can only be given after sign-up has opened.")
    if rules.selection == "priority" and not rules.priorities:
        yield "sign_up.priorities", N_("Please choose who comes first.")
    if "target_group" in rules.priorities and not rules.audiences:
        yield "sign_up.audiences", N_("Please choose at least one group.")
    if "field_of_study" in rules.priorities and not fields_of_study:
        yield "fields_of_study", N_("Please name the subjects that come first.")
    if rules.answer_frees and not rules.answer_days:
        yield "sign_up.answer_days", N_("Please say how many days before people are asked.")


def decides_at(rules: SignUpRules, closes_at: datetime | None) -> datetime | None:
    """When the places of a lottery or by priority are given; None for the other ways."""
    return (rules.decides_at or closes_at) if rules.selection in DRAWN else None


def is_same_choice(before: SignUpRules, after: SignUpRules) -> bool:
    """Whether people who signed up by the one are treated alike by the other: who comes first did not change."""
    return (before.selection, before.priorities, before.audiences) == (
        after.selection,
        after.priorities,
        after.audiences,
    )

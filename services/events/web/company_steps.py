"""The steps of the company's form; each is one screen of a phone."""

from collections.abc import Collection
from dataclasses import dataclass

from shared.errors import N_


@dataclass(frozen=True)
class Step:
    """One screen: its name in the address, its title and the fields that it asks for."""

    name: str
    title: str
    fields: tuple[str, ...]


STEPS = (
    Step("company", N_("Company"), ("company_name", "site", "contact_name", "phone", "website")),
    Step("tour", N_("Tour"), ("title", "description", "language", "fields_of_study")),
    Step("dates", N_("Dates"), ("dates", "duration_minutes", "guides", "places")),
    Step("visitors", N_("Arrival"), ("meeting_point", "arrival", "languages", "german_level")),
    Step("safety", N_("Safety"), ("safety", "safety_notes", "accessibility")),
)
CHECK = "check"
FIELDS = tuple(name for each in STEPS for name in each.fields)
_NUMBERS = {each.name: number for number, each in enumerate(STEPS)}


def numbered(name: str) -> int:
    """Which step this is, from 0."""
    return _NUMBERS[name]


def is_step(name: str) -> bool:
    """Whether there is such a step."""
    return name in _NUMBERS


def after(name: str) -> str:
    """Where Continue leads."""
    following = _NUMBERS[name] + 1
    return STEPS[following].name if following < len(STEPS) else CHECK


def before(name: str) -> str | None:
    """Where Back leads."""
    return STEPS[_NUMBERS[name] - 1].name if _NUMBERS[name] else None


def asking(field: str) -> str:
    """The step that asks for a (dotted) field."""
    outer = field.partition(".")[0]
    return next((each.name for each in STEPS if outer in each.fields), STEPS[0].name)


def first_open(missing: Collection[str]) -> str:
    """Where to go on: the first step that lacks something, else the last look."""
    lacking = {asking(field) for field in missing}
    return next((each.name for each in STEPS if each.name in lacking), CHECK)

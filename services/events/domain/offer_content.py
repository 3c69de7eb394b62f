"""What a company tells about its tour: the lenient draft, and the Tour that cannot be built before all is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.events.domain import local_times
from services.events.domain.offers import OfferIsIncomplete
from shared.errors import N_

Content = Mapping[str, Any]
Errors = dict[str, list[str]]

PLACES_PER_GUIDE = 10
MOST_DATES = 5
BOUNDS = {"duration_minutes": (15, 720), "guides": (1, 50), "places": (1, 500)}
SITE_FIELDS = ("street", "postal_code", "city", "country")

EMPTY: dict[str, Any] = {
    "company_name": "",
    "website": "",
    "site": {"street": "", "postal_code": "", "city": "", "country": "DE"},
    "contact_name": "",
    "phone": "",
    "language": "de",  # in which the texts are written
    "title": "",
    "description": "",
    "fields_of_study": [],
    "dates": [],  # local starts, 2026-12-03T14:00
    "zone": "Europe/Berlin",
    "duration_minutes": 120,
    "guides": 1,
    "places": None,  # None: PLACES_PER_GUIDE for each guide
    "meeting_point": "",
    "arrival": "",
    "languages": [],  # spoken
    "german_level": "",
    "safety": [],
    "safety_notes": "",
    "accessibility": "",
    "unsound": {},  # what was typed but means nothing yet: field -> as typed; kept so that no keystroke is lost
}
_ABOUT_THE_TOUR = (
    "title",
    "description",
    "fields_of_study",
    "duration_minutes",
    "guides",
    "places",
    "language",
    "zone",
)
_LASTING = (
    *("company_name", "website", "site", "contact_name", "phone", "meeting_point", "arrival"),
    *("languages", "german_level", "safety", "safety_notes", "accessibility"),
)
_REQUIRED: tuple[tuple[str, str], ...] = (
    ("company_name", N_("Please enter the name of your company.")),
    ("site.city", N_("Please enter the town.")),
    ("contact_name", N_("Please enter who can be asked.")),
    ("title", N_("Please give the tour a title.")),
    ("description", N_("Please say what visitors will see.")),
    ("dates", N_("Please offer at least one date.")),
    ("duration_minutes", N_("Please say how long the tour takes.")),
    ("meeting_point", N_("Please say where visitors should come to.")),
    ("languages", N_("Please choose at least one language.")),
)


@dataclass(frozen=True, kw_only=True)
class Tour:
    """A tour offer that says all an organiser needs to decide. `starts` are local times in `zone`."""

    company_name: str
    website: str
    site: dict[str, str]
    contact_name: str
    phone: str
    language: str
    title: str
    description: str
    fields_of_study: tuple[str, ...]
    starts: tuple[datetime, ...]
    zone: str
    duration_minutes: int
    places: int
    meeting_point: str
    arrival: str
    languages: tuple[str, ...]
    german_level: str
    safety: tuple[str, ...]
    safety_notes: str
    accessibility: str


def complete_tour(content: Content, *, now: datetime) -> Tour:
    """The step from draft to offer. Raises OfferIsIncomplete with a sentence for every fact that is missing."""
    errors = faults(content, now=now)
    if errors:
        raise OfferIsIncomplete(errors)
    return known_tour(content)


def faults(content: Content, *, now: datetime) -> Errors:
    """What keeps a draft from being sent: field -> sentences, in the order of the form."""
    errors: Errors = {name: [sentence] for name, sentence in _REQUIRED if not value_of(content, name)}
    if content.get("dates"):
        errors |= _faults_of_dates(content, now)
    for name, (least, most) in BOUNDS.items():
        value = content.get(name)
        if value is not None and not least <= value <= most:
            errors.setdefault(name, [N_("Please enter a sensible number.")])
    return errors | {name: [N_("Please correct this entry.")] for name in content.get("unsound", {})}


def known_tour(content: Content) -> Tour:
    """The Tour of an offer that was complete when it was sent; its dates may have passed since."""
    return Tour(
        **{name: content[name] for name in ("company_name", "website", "contact_name", "phone", "title", "zone")},
        **{name: content[name] for name in ("description", "language", "meeting_point", "arrival", "german_level")},
        **{name: content[name] for name in ("duration_minutes", "safety_notes", "accessibility")},
        site=dict(content["site"]),
        fields_of_study=tuple(content["fields_of_study"]),
        starts=tuple(_start(each) for each in content["dates"]),
        places=places_of(content),
        languages=tuple(content["languages"]),
        safety=tuple(content["safety"]),
    )


def new_content(*known: Content, **facts: Any) -> dict[str, Any]:
    """A draft with whatever is known already; later sources win, unknown keys are dropped."""
    content: dict[str, Any] = {**EMPTY, "unsound": {}}
    for source in (*known, facts):
        site = {**content["site"], **source.get("site", {})}
        content |= {name: value for name, value in source.items() if name in EMPTY} | {"site": site}
    return content


def edited(content: Content, changes: Content, unsound: Mapping[str, Any]) -> dict[str, Any]:
    """The draft after a form was saved: `unsound` are the fields of that form which mean nothing as typed."""
    settled = {*changes, *(f"site.{name}" for name in changes.get("site", {}))}
    still = {name: typed for name, typed in content.get("unsound", {}).items() if name not in settled}
    return new_content(content, changes, unsound=still | dict(unsound))


def for_the_next_tour(content: Content) -> dict[str, Any]:
    """What a company told once and need not tell again: who and where it is, whom it can welcome."""
    return {name: content[name] for name in _LASTING if name in content}


def for_the_same_tour(content: Content) -> dict[str, Any]:
    """Everything but the dates: they will be others."""
    return {name: content[name] for name in (*_LASTING, *_ABOUT_THE_TOUR) if name in content}


def places_of(content: Content) -> int:
    """How many may come: what she wrote, or ten for each guide."""
    return int(content.get("places") or PLACES_PER_GUIDE * int(content.get("guides") or 1))


def value_of(content: Content, name: str) -> Any:
    """A field by its dotted name."""
    outer, _, inner = name.partition(".")
    value = content.get(outer)
    return (value or {}).get(inner) if inner else value


def changed_fields(old: Content, new: Content) -> tuple[str, ...]:
    """The dotted names of what differs, in the order of the form."""
    names = [name for name in EMPTY if name not in {"site", "unsound"}]
    names[2:2] = [f"site.{name}" for name in SITE_FIELDS]
    return tuple(name for name in names if _plain(old, name) != _plain(new, name))


def _plain(content: Content, name: str) -> Any:
    if name == "places":
        return places_of(content)
    return value_of(content, name) or None


def _faults_of_dates(content: Content, now: datetime) -> Errors:
    try:
        starts = [_start(each) for each in content["dates"]]
    except (TypeError, ValueError):
        return {"dates": [N_("Please give each date with day and time.")]}
    zone = str(content.get("zone"))
    if not local_times.is_zone(zone):
        return {"zone": [N_("This time zone is not known.")]}
    if not all(local_times.is_sensible(each) for each in starts):
        return {"dates": [N_("Please give a date between 1990 and 2100.")]}
    if any(local_times.instant(each, zone) <= now for each in starts):
        return {"dates": [N_("Please offer dates in the future only.")]}
    if not all(local_times.exists(each, zone) for each in starts):
        return {"dates": [N_("This time does not exist: the clocks go forward that night.")]}
    if len(set(starts)) != len(starts):
        return {"dates": [N_("Two dates are the same.")]}
    return {"dates": [N_("Please offer at most five dates.")]} if len(starts) > MOST_DATES else {}


def _start(text: str) -> datetime:
    start = datetime.fromisoformat(text)
    if start.tzinfo is not None or len(text) < len("2026-12-03T14:00"):
        raise ValueError(text)
    return start

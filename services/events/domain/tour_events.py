"""From a company's tour to an event, and from its wish for a change to the changed event."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from services.events.domain.events import EventWish, Place, QuotaWish, SessionWish, Texts
from services.events.domain.offer_content import Tour

_WHEN_AND_WHERE = frozenset(
    {"dates", "duration_minutes", "zone", "meeting_point", "arrival", "company_name"}
    | {"site.street", "site.postal_code", "site.city", "site.country"}
)
_TEXTS = ("title", "description", "safety_notes", "accessibility")
_VALUES = ("languages", "german_level", "fields_of_study", "safety")


def event_of(tour: Tour, *, start: datetime, company_id: Any) -> EventWish:
    """The event that the tour becomes at one of its dates."""
    return EventWish(
        format="company_tour",
        title=_text(tour, tour.title),
        description=_text(tour, tour.description),
        safety_notes=_text(tour, tour.safety_notes),
        accessibility=_text(tour, tour.accessibility),
        sessions=(
            SessionWish(local_start=start, local_end=_end(tour, start), zone=tour.zone, place=_place(tour, Place())),
        ),
        quotas=(QuotaWish(capacity=tour.places),),
        company_id=company_id,
        languages=tour.languages,
        german_level=tour.german_level,
        fields_of_study=tour.fields_of_study,
        safety=tour.safety,
    )


def changed_event(event: EventWish, tour: Tour, changed: Collection[str]) -> EventWish:
    """Take over exactly what the company changed; what the organiser made of the rest stays."""
    values: dict[str, Any] = {name: getattr(tour, name) for name in _VALUES if name in changed}
    texts: dict[str, Any] = {name: _said_anew(event, tour, name) for name in _TEXTS if name in changed}
    if _WHEN_AND_WHERE & set(changed):
        values["sessions"] = (_moved(event.sessions[0], tour, changed), *event.sessions[1:])
    if {"places", "guides"} & set(changed) and event.quotas:
        values["quotas"] = (replace(event.quotas[0], capacity=tour.places), *event.quotas[1:])
    return replace(event, **values, **texts)


def _said_anew(event: EventWish, tour: Tour, name: str) -> Texts:
    others = {code: text for code, text in getattr(event, name).items() if code != tour.language}
    return others | _text(tour, getattr(tour, name))


def _moved(known: SessionWish, tour: Tour, changed: Collection[str]) -> SessionWish:
    start = tour.starts[0] if "dates" in changed else known.local_start
    lasts = timedelta(minutes=tour.duration_minutes) if "duration_minutes" in changed else _length(known)
    zone = tour.zone if "zone" in changed else known.zone
    return replace(
        known, local_start=start, local_end=start + lasts, zone=zone, place=_place(tour, known.place or Place())
    )


def _place(tour: Tour, known: Place) -> Place:
    return replace(known, **tour.site, name=tour.company_name, meeting_point=tour.meeting_point, arrival=tour.arrival)


def _length(known: SessionWish) -> timedelta:
    return known.local_end - known.local_start


def _end(tour: Tour, start: datetime) -> datetime:
    return start + timedelta(minutes=tour.duration_minutes)


def _text(tour: Tour, text: str) -> Texts:
    return {tour.language: text} if text else {}

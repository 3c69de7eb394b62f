"""An event as our pages show it: in the reader's language, with what the organiser left open left out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.registration.domain.registrations import is_combined
from services.registration.storage.quotas import Counters
from shared.contracts.events import EventSnapshot, Place, SessionSnapshot
from shared.errors import N_
from shared.http.locale import _, in_language, language_name, ngettext, when

SAFETY = {
    "closed_shoes": N_("Please wear closed shoes."),
    "photo_id": N_("Please bring an identity card or passport; you need it at the gate."),
    "no_photos": N_("Taking photos is not allowed."),
    "protective_clothing": N_("You get protective clothing on site."),
}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A quota that can be chosen."""

    id: UUID
    name: Any
    capacity: int
    free: int
    waiting: int
    language: str = ""


def zone_of(event: EventSnapshot) -> str:
    """The zone that the event happens in."""
    return event.sessions[0].zone if event.sessions else "Europe/Berlin"


def when_text(event: EventSnapshot) -> str:
    """When it is; of several sessions the first, and how many follow."""
    if not event.sessions:
        return _("The date is not set yet")
    first, *others = sorted(event.sessions, key=lambda each: each.starts_at)
    text = when(first.starts_at, first.ends_at, first.zone)
    if not others:
        return text
    return ngettext("%(first)s and %(num)s more date", "%(first)s and %(num)s more dates", len(others), first=text)


def where_text(event: EventSnapshot) -> str:
    """Where it is, in one line."""
    if not event.sessions:
        return ""
    first = min(event.sessions, key=lambda each: each.starts_at)
    return address_line(first.place) if first.place else _("Online")


def address_line(place: Place | None) -> str:
    """A place in one line."""
    if place is None:
        return ""
    town = f"{place.postal_code} {place.city}".strip()
    return ", ".join(part for part in (place.name, place.street, town) if part)


def choices(event: EventSnapshot, counters: list[Counters]) -> list[Choice]:
    """The quotas with the places that are free now."""
    state = {each.id: each for each in counters}
    return [
        Choice(
            id=each.id,
            name=quota_name(event, each.id),
            capacity=each.capacity,
            free=state[each.id].free(is_combined=is_combined(event)),
            waiting=state[each.id].waiting,
            language=language_name(each.language) if each.language else "",
        )
        for each in event.quotas
        if each.id in state
    ]


def quota_name(event: EventSnapshot, quota_id: UUID) -> Any:
    """What the organiser calls a quota; else its session's time, else the event's title."""
    quota = next((each for each in event.quotas if each.id == quota_id), None)
    if quota is None:
        return _("No longer offered")
    if any(quota.name.values()):
        return in_language(quota.name)
    session = _session(event, quota.session_id)
    return when(session.starts_at, session.ends_at, session.zone) if session else in_language(event.title)


def _session(event: EventSnapshot, session_id: UUID | None) -> SessionSnapshot | None:
    return next((each for each in event.sessions if each.id == session_id), None)


def safety(event: EventSnapshot) -> list[str]:
    """The safety rules as sentences."""
    return [_(SAFETY[each]) for each in event.safety if each in SAFETY]


def is_before(event: EventSnapshot, now: datetime) -> bool:
    """Whether the first session has not begun yet."""
    return not event.sessions or min(each.starts_at for each in event.sessions) > now

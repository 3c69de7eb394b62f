"""What a message is called outside, and what of it other systems are told: ids, states and counts, never a person."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shared.contracts import events, registration
from shared.contracts.events import EventSnapshot
from shared.contracts.message import Message
from shared.contracts.registration import RegistrationNews


@dataclass(frozen=True, kw_only=True)
class News:
    """`organisation_id` and `slug` are None where the message names the event by its id only."""

    kind: str
    event_id: UUID
    organisation_id: UUID | None = None
    slug: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def news_of(message: Message) -> News | None:
    """None for what is nobody else's business."""
    tell = _TELLING.get(type(message))
    return tell(message) if tell else None


def _event(kind: str) -> Callable[[Any], News]:
    def tell(message: Any) -> News:
        return _about(kind, message.event, {"status": message.event.status, "version": message.event.version})

    return tell


def _registration(kind: str) -> Callable[[Any], News]:
    def tell(message: Any) -> News:
        by = {"by": message.by} if isinstance(message, registration.RegistrationCancelled) else {}
        return _about(kind, message.event, {**_standing(message.registration), **by})

    return tell


def _standing(news: RegistrationNews) -> dict[str, Any]:
    return {
        "registration_id": str(news.id),
        "status": news.status,
        "version": news.version,
        "quota_ids": [str(place.quota_id) for place in news.places],
    }


def _availability(message: registration.AvailabilityChanged) -> News:
    counts = {"capacity": message.capacity, "free": message.free, "waiting": message.waiting}
    facts = {"quota_id": str(message.quota_id), "version": message.version, **counts}
    return News(kind="availability.changed", event_id=message.event_id, facts=facts)


def _checked_in(message: registration.AttendeeCheckedIn) -> News:
    facts = {**_scan(message), "scanned_at": message.scanned_at.isoformat()}
    return News(kind="attendee.checked_in", event_id=message.event_id, facts=facts)


def _undone(message: registration.CheckInUndone) -> News:
    return News(kind="attendee.check_in_undone", event_id=message.event_id, facts=_scan(message))


def _scan(message: registration.AttendeeCheckedIn | registration.CheckInUndone) -> dict[str, str]:
    return {name: str(getattr(message, name)) for name in ("registration_id", "session_id", "scan_id")}


def _about(kind: str, event: EventSnapshot, facts: Mapping[str, Any]) -> News:
    return News(kind=kind, event_id=event.id, organisation_id=event.organiser.id, slug=event.slug, facts=facts)


_TELLING: dict[type[Message], Callable[[Any], News]] = {
    events.EventPublished: _event("event.published"),
    events.EventChanged: _event("event.changed"),
    events.EventRescheduled: _event("event.rescheduled"),
    events.EventCancelled: _event("event.cancelled"),
    registration.RegistrationConfirmed: _registration("registration.confirmed"),
    registration.RegistrationWaitlisted: _registration("registration.waitlisted"),
    registration.ApplicationReceived: _registration("registration.applied"),
    registration.PlaceOffered: _registration("registration.offered"),
    registration.RegistrationCancelled: _registration("registration.cancelled"),
    registration.AvailabilityChanged: _availability,
    registration.AttendeeCheckedIn: _checked_in,
    registration.CheckInUndone: _undone,
}
TOLD = tuple(_TELLING)
"""The message types that other systems may hear of."""

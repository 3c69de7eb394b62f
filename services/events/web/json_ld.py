"""The event for search engines: schema.org/Event as JSON-LD."""

from typing import Any

from flask import json
from markupsafe import Markup

from services.events.domain import local_times
from services.events.domain.events import CANCELLED
from services.events.storage.tables import EventSession
from services.events.web.shown import ShownEvent
from shared.http.locale import in_language

_STATUS = "https://schema.org/"


def json_ld(shown: ShownEvent, base_url: str) -> Markup:
    """The content of a script element of type application/ld+json: no `<` in it can end the element."""
    text = json.dumps(_document(shown, base_url))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)  # noqa: S704 - escaped above, and browsers do not run data blocks


def _document(shown: ShownEvent, base_url: str) -> dict[str, Any]:
    event = shown.event
    url = f"{base_url}/events/{event.slug}"
    document = {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": url,
        "url": url,
        "name": str(shown.title),
        "description": str(in_language(event.summary)) or str(in_language(event.description)) or str(shown.title),
        "eventStatus": _STATUS + ("EventCancelled" if event.status == CANCELLED else "EventScheduled"),
        "inLanguage": [each.replace("_", "-") for each in event.languages],
        "isAccessibleForFree": True,
        "organizer": {"@type": "Organization", "name": event.organisation.name, "url": event.organisation.website},
        "maximumAttendeeCapacity": shown.capacity,
        "remainingAttendeeCapacity": shown.free,
        "offers": _offer(shown, base_url),
        **_times(shown, url),
    }
    return {name: value for name, value in document.items() if value not in ("", [], None)}


def _offer(shown: ShownEvent, base_url: str) -> dict[str, Any] | None:
    if not shown.takes_sign_ups:
        return None
    return {
        "@type": "Offer",
        "price": "0",
        "priceCurrency": "EUR",
        "url": f"{base_url}{shown.sign_up_url}",
        "availability": _STATUS + ("InStock" if shown.free else "SoldOut"),
    }


def _times(shown: ShownEvent, url: str) -> dict[str, Any]:
    sessions = shown.event.sessions
    if not sessions:
        return {}
    parts = [_session(each, url) for each in sessions]
    whole = {**parts[0], "endDate": parts[-1]["endDate"]}
    online = {each["eventAttendanceMode"] for each in parts}
    if len(online) > 1:
        whole["eventAttendanceMode"] = f"{_STATUS}MixedEventAttendanceMode"
    return {**whole, "subEvent": _named(parts, sessions) if len(parts) > 1 else None}


def _named(parts: list[dict[str, Any]], sessions: list[EventSession]) -> list[dict[str, Any]]:
    names = [str(in_language(each.title)) or f"{number}" for number, each in enumerate(sessions, 1)]
    return [{"@type": "Event", "name": name, **part} for name, part in zip(names, parts, strict=True)]


def _session(session: EventSession, url: str) -> dict[str, Any]:
    """The join link is only for those who hold a place: what is public is the event's own page."""
    is_online = session.place is None
    return {
        "startDate": local_times.with_offset(session.starts_at, session.zone),
        "endDate": local_times.with_offset(session.ends_at, session.zone),
        "eventAttendanceMode": _STATUS + ("OnlineEventAttendanceMode" if is_online else "OfflineEventAttendanceMode"),
        "location": {"@type": "VirtualLocation", "url": url} if is_online else _place(session.place or {}),
    }


def _place(place: dict[str, Any]) -> dict[str, Any]:
    address = {
        "@type": "PostalAddress",
        "streetAddress": place.get("street"),
        "postalCode": place.get("postal_code"),
        "addressLocality": place.get("city"),
        "addressCountry": place.get("country"),
    }
    return {
        "@type": "Place",
        "name": place.get("name") or place.get("city"),
        "address": {name: value for name, value in address.items() if value},
    }

"""A calendar file to open by hand: METHOD:PUBLISH, without attendees. The invitation by mail is another thing."""

from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from services.registration.web.event_view import address_line
from shared.contracts.events import EventSnapshot, SessionSnapshot
from shared.languages import in_language

_ZONELESS = "UTC"


def calendar_file(event: EventSnapshot, locale: str, *, now: datetime) -> bytes:
    """One entry per session, in the event's own zone (RFC 5545)."""
    calendar = Calendar()
    calendar.add("prodid", "-//Werktor//registration//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for session in event.sessions:
        calendar.add_component(_entry(event, session, locale, now))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _entry(event: EventSnapshot, session: SessionSnapshot, locale: str, now: datetime) -> Event:
    entry = Event()
    zone = ZoneInfo(session.zone)
    entry.add("uid", f"{session.id}@{urlsplit(event.url).hostname or 'werktor'}")
    entry.add("dtstamp", now)
    entry.add("sequence", event.version)
    entry.add("dtstart", session.starts_at.astimezone(zone))
    entry.add("dtend", session.ends_at.astimezone(zone))
    entry.add("summary", _summary(event, session, locale))
    entry.add("status", "CANCELLED" if event.status == "cancelled" else "CONFIRMED")
    where = address_line(session.place) or session.join_url
    for name, value in (("location", where), ("description", _about(event, session, locale)), ("url", event.url)):
        if value:
            entry.add(name, value)
    return entry


def _summary(event: EventSnapshot, session: SessionSnapshot, locale: str) -> str:
    own = in_language(session.title, locale).text
    title = in_language(event.title, locale).text
    return f"{title}: {own}" if own else title


def _about(event: EventSnapshot, session: SessionSnapshot, locale: str) -> str:
    place = session.place
    parts = [in_language(event.summary, locale).text, place.meeting_point if place else "", session.join_url]
    return "\n\n".join(part for part in parts if part)

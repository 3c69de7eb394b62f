"""The public calendar: everything that is on, to subscribe to."""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Response, request
from icalendar import Calendar
from icalendar import Event as Entry

from services.events.domain.events import CANCELLED
from services.events.storage import catalogue
from services.events.storage.catalogue import Search
from services.events.storage.tables import Event, EventSession
from services.events.web.shown import address_text, place_text
from shared import clock
from shared.http.app import reading
from shared.http.context import installed
from shared.http.locale import _, in_language

pages = Blueprint("feed", __name__)
MOST = 1000
_PAST = timedelta(days=30)


@pages.get("/events/calendar.ics")
def show_calendar() -> Response:
    """The same bytes until something changes, so that calendars ask with If-None-Match and get 304."""
    day = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    with reading() as session:
        events = catalogue.find(session, Search(upcoming_at=day - _PAST), limit=MOST)
        body = _calendar(events).to_ical()
    response = Response(body, mimetype="text/calendar")
    response.headers["Content-Disposition"] = 'inline; filename="werktor.ics"'
    response.headers["Cache-Control"] = "public, max-age=900"
    response.vary.add("Accept-Language")
    response.add_etag()
    response.make_conditional(request)
    return response


def _calendar(events: Sequence[Event]) -> Calendar:
    """No METHOD (nobody is invited), no addresses, times in UTC: a feed is read anew when zones change their rules."""
    calendar = Calendar()
    calendar.add("PRODID", "-//Werktor//Events//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("X-WR-CALNAME", _("Events"))
    calendar.add("NAME", _("Events"))
    calendar.add("REFRESH-INTERVAL", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", "PT1H")
    for event in events:
        for session in event.sessions:
            calendar.add_component(_entry(event, session))
    return calendar


def _entry(event: Event, session: EventSession) -> Entry:
    base_url = installed().common.public_base_url
    url = f"{base_url}/events/{event.slug}"
    entry = Entry()
    entry.add("UID", f"{session.id}@{urlsplit(base_url).hostname}")
    entry.add("DTSTAMP", event.changed_at)
    entry.add("LAST-MODIFIED", event.changed_at)
    entry.add("SEQUENCE", event.version)
    entry.add("SUMMARY", _summary(event, session))
    entry.add("DTSTART", session.starts_at)
    entry.add("DTEND", session.ends_at)
    entry.add("LOCATION", address_text(session) or place_text(session))
    entry.add("DESCRIPTION", "\n\n".join(part for part in (str(in_language(event.summary)), url) if part))
    entry.add("URL", url)
    entry.add("STATUS", "CANCELLED" if event.status == CANCELLED else "CONFIRMED")
    entry.add("TRANSP", "TRANSPARENT")
    return entry


def _summary(event: Event, session: EventSession) -> str:
    names = (str(in_language(event.title)), str(in_language(session.title)))
    return " – ".join(name for name in names if name)

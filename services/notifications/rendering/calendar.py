"""Calendar invitations and cancellations as iMIP wants them (RFC 5545, 5546, 6047, 7986)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Parameters, Timezone, vCalAddress, vText, vUri

from services.notifications.domain.entries import Entry
from services.notifications.domain.text import clean_line, clean_text
from services.notifications.rendering.timezones import component_for

PRODID = "-//Werktor//Werktor//EN"


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """A person or organisation with its address."""

    name: str
    email: str


@dataclass(frozen=True, kw_only=True)
class CalendarMessage:
    """One iTIP message about one entry of one attendee. `dtstamp` and `uid` are stored, never made here."""

    method: str  # REQUEST | CANCEL
    uid: str
    sequence: int
    dtstamp: datetime
    organizer: Mailbox
    attendee: Mailbox
    entry: Entry


def calendar(message: CalendarMessage) -> bytes:
    """The VCALENDAR: CRLF, folded at 75 octets, UTF-8."""
    document = Calendar()
    document.add("VERSION", "2.0")
    document.add("PRODID", PRODID)
    document.add("CALSCALE", "GREGORIAN")
    document.add("METHOD", message.method)
    timezone = component_for(message.entry.zone, message.entry.starts_at, message.entry.ends_at)
    if timezone is not None:
        document.add_component(timezone)
    document.add_component(_event(message, timezone))
    return bytes(document.to_ical(sorted=False))


def _event(message: CalendarMessage, timezone: Timezone | None) -> Event:
    event, entry, cancelled = Event(), message.entry, message.method == "CANCEL"
    event.add("UID", message.uid)
    event.add("DTSTAMP", message.dtstamp.astimezone(UTC).replace(microsecond=0))
    event.add("SEQUENCE", message.sequence)
    zone = UTC if timezone is None else ZoneInfo(entry.zone)
    event.add("DTSTART", entry.starts_at.astimezone(zone))
    event.add("DTEND", entry.ends_at.astimezone(zone))
    event.add("SUMMARY", clean_line(entry.summary) or "–")
    event.add("ORGANIZER", _organizer(message.organizer))
    event.add("ATTENDEE", _attendee(message.attendee))
    event.add("STATUS", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT" if cancelled else "OPAQUE")
    for name, value in _details(entry):
        event.add(name, value)
    event.add("X-MICROSOFT-CDO-BUSYSTATUS", "FREE" if cancelled else "BUSY")
    event.add("X-MICROSOFT-DISALLOW-COUNTER", "TRUE")
    return event


def _details(entry: Entry) -> Iterator[tuple[str, object]]:
    if description := clean_text(entry.description):
        yield "DESCRIPTION", vText(description)
    if location := clean_line(entry.location):
        yield "LOCATION", vText(location)
    if url := clean_line(entry.url):
        yield "URL", vUri(url)
    if join_url := clean_line(entry.join_url):
        yield "CONFERENCE", _conference(join_url)


def _conference(url: str) -> vUri:
    link = vUri(url)
    link.params = _Quoted({"VALUE": "URI", "FEATURE": ["AUDIO", "VIDEO"], "LABEL": "Online"})
    return link


def _organizer(mailbox: Mailbox) -> vCalAddress:
    address = vCalAddress(f"mailto:{clean_line(mailbox.email)}")
    address.params = _Quoted({"CN": _common_name(mailbox)})
    return address


def _attendee(mailbox: Mailbox) -> vCalAddress:
    address = vCalAddress(f"mailto:{clean_line(mailbox.email)}")
    address.params = _Quoted(
        {
            "CN": _common_name(mailbox),
            "CUTYPE": "INDIVIDUAL",
            "PARTSTAT": "NEEDS-ACTION",
            "ROLE": "REQ-PARTICIPANT",
            "RSVP": "TRUE",
        }
    )
    return address


def _common_name(mailbox: Mailbox) -> str:
    """Without double quotes and carets, which RFC 6868 would turn into signs that few clients read."""
    return clean_line(mailbox.name.replace('"', "'").replace("^", " "), 75) or clean_line(mailbox.email)


class _Quoted(Parameters):
    """CN always in quotes: ical4j-based clients drop all parameters of an unquoted name with umlauts."""

    always_quoted = (*Parameters.always_quoted, "CN", "LABEL")  # type: ignore[assignment]

"""An event as a letter shows it: in the reader's language, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from services.notifications.domain.entries import Entry
from services.notifications.domain.text import clean_line, clean_text
from shared.contracts.events import EventSnapshot, Organiser, Place, SessionSnapshot, Texts
from shared.errors import N_
from shared.languages import Localised, Speaker, in_language, when, zone_name

SAFETY = {
    "closed_shoes": N_("Please wear closed, sturdy shoes."),
    "photo_id": N_("Please bring an identity card or passport."),
    "no_photos": N_("Photos and films are not allowed."),
    "protective_clothing": N_("You will be lent protective clothing."),
}


@dataclass(frozen=True, kw_only=True)
class SessionView:
    """One time block in words."""

    title: Localised
    when: str
    zone: str
    place: tuple[str, ...]
    meeting_point: str
    arrival: str
    is_online: bool
    join_url: str


@dataclass(frozen=True, kw_only=True)
class EventView:
    """What a letter says about an event. `parts`: what the reader chose of it, where there was a choice."""

    title: Localised
    summary: Localised
    organiser: Organiser
    host: str
    url: str
    sessions: tuple[SessionView, ...]
    safety: tuple[str, ...]
    safety_notes: Localised
    accessibility: Localised
    parts: tuple[Localised, ...] = ()


def view_of(
    event: EventSnapshot, speaker: Speaker, *, sessions: Iterable[UUID], quotas: Iterable[UUID] = ()
) -> EventView:
    """The event with those of its sessions that the reader goes to, and of several quotas those with a name."""
    chosen = set(sessions)
    return EventView(
        title=line_in(event.title, speaker),
        summary=text_in(event.summary, speaker),
        organiser=event.organiser,
        host=clean_line(event.host.name) if event.host else "",
        url=event.url,
        sessions=tuple(session_view(each, speaker) for each in event.sessions if each.id in chosen),
        safety=tuple(speaker.gettext(SAFETY[key]) for key in event.safety if key in SAFETY),
        safety_notes=text_in(event.safety_notes, speaker),
        accessibility=text_in(event.accessibility, speaker),
        parts=_parts(event, speaker, set(quotas)) if len(event.quotas) > 1 else (),
    )


def _parts(event: EventSnapshot, speaker: Speaker, chosen: set[UUID]) -> tuple[Localised, ...]:
    return tuple(line_in(each.name, speaker) for each in event.quotas if each.id in chosen and any(each.name.values()))


def session_view(session: SessionSnapshot, speaker: Speaker) -> SessionView:
    """A time block with weekday, hours and zone in the reader's language."""
    place = session.place or Place()
    return SessionView(
        title=line_in(session.title, speaker),
        when=when(session.starts_at, session.ends_at, session.zone, speaker.locale),
        zone=zone_name(session.zone, speaker.locale),
        place=address_lines(place),
        meeting_point=clean_line(place.meeting_point),
        arrival=clean_text(place.arrival),
        is_online=bool(session.join_url) or not address_lines(place),
        join_url=clean_line(session.join_url),
    )


def entry_view(entry: Entry, speaker: Speaker) -> SessionView:
    """A session that the event no longer has, as the calendar still shows it."""
    return SessionView(
        title=Localised(entry.summary, speaker.locale),
        when=when(entry.starts_at, entry.ends_at, entry.zone, speaker.locale),
        zone=zone_name(entry.zone, speaker.locale),
        place=(entry.location,) if entry.location else (),
        meeting_point="",
        arrival="",
        is_online=bool(entry.join_url),
        join_url=entry.join_url,
    )


def address_lines(place: Place) -> tuple[str, ...]:
    """Name, street, town: what is known of them."""
    town = f"{place.postal_code} {place.city}".strip()
    return tuple(clean_line(line) for line in (place.name, place.street, town) if line.strip())


def quota_name(event: EventSnapshot, quota_id: UUID, speaker: Speaker) -> Localised:
    """What the organiser calls a group, slot or date; else its time, else the event."""
    quota = next((each for each in event.quotas if each.id == quota_id), None)
    if quota is not None and any(quota.name.values()):
        return line_in(quota.name, speaker)
    session = next((each for each in event.sessions if quota is not None and each.id == quota.session_id), None)
    if session is None:
        return line_in(event.title, speaker)
    return Localised(when(session.starts_at, session.ends_at, session.zone, speaker.locale), speaker.locale)


def line_in(texts: Texts, speaker: Speaker) -> Localised:
    """One line in the reader's language or the best there is."""
    found = in_language(texts, speaker.locale)
    return Localised(clean_line(found.text), found.language)


def text_in(texts: Texts, speaker: Speaker) -> Localised:
    """A text in the reader's language or the best there is."""
    found = in_language(texts, speaker.locale)
    return Localised(clean_text(found.text), found.language)

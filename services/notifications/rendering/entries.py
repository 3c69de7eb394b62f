"""The calendar entry of one session, in the attendee's language."""

from services.notifications.domain.entries import Entry
from services.notifications.rendering.letters import Stationery
from services.notifications.rendering.views import SessionView, session_view, view_of
from shared.contracts.events import EventSnapshot, SessionSnapshot


def entry_of(
    event: EventSnapshot, session: SessionSnapshot, *, stationery: Stationery, locale: str, page_url: str
) -> Entry:
    """What her calendar shows. It holds the link to her page and never the ticket code: calendars are shared."""
    speaker = stationery.speaker(locale)
    shown = view_of(event, speaker, sessions=[session.id])
    place = session_view(session, speaker)
    description = stationery.text("calendar_entry.txt", locale, event=shown, session=place, page_url=page_url)
    return Entry(
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        zone=session.zone,
        summary=_summary(event, shown.title.text, place),
        description=description,
        location=_location(place, speaker.gettext("Online")),
        url=place.join_url or page_url,
        join_url=place.join_url,
    )


def _summary(event: EventSnapshot, title: str, session: SessionView) -> str:
    several = len(event.sessions) > 1 and session.title.text and session.title.text != title
    return f"{title} – {session.title.text}" if several else title


def _location(session: SessionView, online: str) -> str:
    address = ", ".join(session.place)
    if not address:
        return online if session.is_online else session.meeting_point
    return f"{address} ({session.meeting_point})" if session.meeting_point else address

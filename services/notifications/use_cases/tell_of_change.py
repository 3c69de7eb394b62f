"""Tell an attendee once that her sessions have another time or place than she was told."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from services.notifications.rendering.views import SessionView, line_in, session_view, text_in
from services.notifications.storage import copies
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.tell_attendee import her_sessions, tell_attendee
from shared.contracts.events import EventSnapshot, SessionSnapshot
from shared.contracts.registration import RegistrationNews
from shared.languages import Localised, Speaker


@dataclass(frozen=True, kw_only=True)
class Change:
    """One session as it was and as it is; None where it did not exist or exists no more."""

    title: Localised
    before: SessionView | None
    after: SessionView | None


def tell_of_change(
    news: RegistrationNews, event: EventSnapshot, *, desk: Desk, session: Session, now: datetime
) -> None:
    """Compare what she was told with what is, and write if it differs for her."""
    before = her_sessions(news, event, copies.told_sessions(session, news.id))
    speaker = desk.stationery.speaker(news.locale)
    found = tuple(changes(before, her_sessions(news, event), speaker))
    if not found:
        return
    tell_attendee(
        "rescheduled",
        news,
        event,
        cause=f"rescheduled:{news.id}:{event.version}",
        desk=desk,
        session=session,
        now=now,
        changes=found,
        has_place=news.status != "waiting",
        reason=text_in(copies.reason_of(session, event.id), speaker),
    )
    copies.keep_told(session, news.id, event.sessions)


def changes(before: Iterable[SessionSnapshot], after: Iterable[SessionSnapshot], speaker: Speaker) -> Iterator[Change]:
    """Sessions that moved, went or came; those that stayed are left out."""
    old, new = ({each.id: each for each in sessions} for sessions in (before, after))
    for key in [*new, *(each for each in old if each not in new)]:
        was, is_now = old.get(key), new.get(key)
        if was and is_now and _where_and_when(was) == _where_and_when(is_now):
            continue
        yield Change(
            title=line_in((is_now or old[key]).title, speaker),
            before=session_view(was, speaker) if was else None,
            after=session_view(is_now, speaker) if is_now else None,
        )


def _where_and_when(session: SessionSnapshot) -> tuple[object, ...]:
    place = session.place
    spot = (place.name, place.street, place.postal_code, place.city, place.meeting_point) if place else ()
    return session.starts_at, session.ends_at, session.zone, spot, place is None

"""Take over what is new about an event, and tell everybody whom it concerns."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from services.notifications.storage import copies
from services.notifications.use_cases.call_off import call_off
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.keep_calendar import keep_calendar
from services.notifications.use_cases.tell_host import tell_host
from services.notifications.use_cases.tell_of_change import tell_of_change
from shared.contracts.events import EventSnapshot, SessionSnapshot, Texts


def follow_event(
    event: EventSnapshot,
    *,
    desk: Desk,
    session: Session,
    now: datetime,
    previous: Iterable[SessionSnapshot] | None = None,
    reason: Texts | None = None,
) -> None:
    """One letter and one calendar mail per session for each attendee whose sessions changed; the host too.

    `previous` and `reason` come with a move. Late old news changes nothing: newer news has told all of it.
    """
    _, current = copies.lock_event(session, event)
    if reason is not None:
        copies.keep_reason(session, event, reason)
    if event.version < current.version:
        return
    for news in copies.attendees_of(session, event.id):
        if current.status == "cancelled":
            call_off(news, current, has_place=news.status == "confirmed", desk=desk, session=session, now=now)
        else:
            tell_of_change(news, current, desk=desk, session=session, now=now)
        keep_calendar(news, current, desk=desk, session=session, now=now)
    tell_host(current, previous=tuple(previous or ()), reason=reason or {}, desk=desk, session=session, now=now)

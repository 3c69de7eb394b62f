"""Take over what is new about an event, and tell everybody whom it concerns."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from services.notifications.storage import copies
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.follow_registration import catch_up
from services.notifications.use_cases.tell_host import tell_host
from shared.contracts.events import EventSnapshot, SessionSnapshot, Texts

AT_ONCE = 100  # attendees told within one message; the rest is told in batches, so that no transaction grows long
BATCH = 25


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
    _tell(current, AT_ONCE, desk=desk, session=session, now=now)
    tell_host(current, previous=tuple(previous or ()), reason=reason or {}, desk=desk, session=session, now=now)


def follow_up(*, desk: Desk, session: Session, now: datetime) -> bool:
    """Tell the next of those who are left; True while there may be more."""
    event = copies.lock_event_behind(session)
    if event is None:
        return False
    _tell(event, BATCH, desk=desk, session=session, now=now)
    return True


def _tell(event: EventSnapshot, limit: int, *, desk: Desk, session: Session, now: datetime) -> None:
    behind = copies.attendees_behind(session, event, limit)
    for news in behind:
        catch_up(news, event, desk=desk, session=session, now=now)
    copies.mark_behind(session, event.id, is_behind=len(behind) == limit)

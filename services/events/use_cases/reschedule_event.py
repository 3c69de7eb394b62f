"""An event moves to another time or place."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from services.events.domain.events import EventWish, QuotaWish, SessionWish, Texts
from services.events.storage import event_rows
from services.events.storage.tables import Event
from services.events.use_cases.change_event import change_event
from shared.policy import ANONYMOUS, Actor


def reschedule_event(
    event: Event,
    sessions: Sequence[SessionWish],
    *,
    reason: Texts,
    base_url: str,
    session: Session,
    now: datetime,
    expected_version: int | None = None,
    by: Actor = ANONYMOUS,
) -> None:
    """Give the event these sessions; everybody's calendar entry moves along. Raises as change_event does.

    A session named by id keeps its calendar entry; unnamed ones take the places of the others in order.
    """
    wish = event_rows.wish_of(event)
    change_event(
        event,
        moved(wish, sessions),
        reason=reason,
        base_url=base_url,
        session=session,
        now=now,
        expected_version=expected_version,
        by=by,
    )


def moved(wish: EventWish, sessions: Sequence[SessionWish]) -> EventWish:
    """The same wish with other sessions; a quota of one session follows that session."""
    numbers = {each.id: number for number, each in enumerate(sessions)}

    def follow(quota: QuotaWish) -> QuotaWish:
        if quota.session is None:
            return quota
        known = wish.sessions[quota.session].id
        number = quota.session if known is None else numbers.get(known, quota.session)
        return dataclasses.replace(quota, session=number if number < len(sessions) else None)

    quotas = None if wish.quotas is None else tuple(follow(each) for each in wish.quotas)
    return dataclasses.replace(wish, sessions=tuple(sessions), quotas=quotas)

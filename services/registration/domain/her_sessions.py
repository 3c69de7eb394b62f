"""Which sessions somebody's places lead to, when they are, and until when she may change them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from shared.contracts.events import EventSnapshot, SessionSnapshot


def her_sessions(event: EventSnapshot, quota_ids: Iterable[UUID]) -> list[SessionSnapshot]:
    """In the order of time.

    A place in a session's own quota leads to that session; a place in any other quota to every session that has no
    quota of its own. The notifications service reads places in the same way.
    """
    by_quota = {each.id: each.session_id for each in event.quotas}
    wanted = {by_quota.get(each) for each in quota_ids}
    with_quota = {each for each in by_quota.values() if each}
    found = [each for each in event.sessions if each.id in wanted or (None in wanted and each.id not in with_quota)]
    return sorted(found or event.sessions, key=lambda each: (each.starts_at, str(each.id)))


def overlap(some: Iterable[SessionSnapshot], others: Iterable[SessionSnapshot]) -> list[SessionSnapshot]:
    """Those of the others that take place while one of the first does."""
    known = list(some)
    return [
        other
        for other in others
        if any(each.starts_at < other.ends_at and other.starts_at < each.ends_at for each in known)
    ]


def changeable_until(event: EventSnapshot, quota_id: UUID) -> datetime | None:
    """Until when somebody may give up a place there, or take one; None if nobody knows when it is."""
    starts = [each.starts_at for each in her_sessions(event, [quota_id])]
    return min(starts) - timedelta(hours=event.sign_up.changes_until_hours) if starts else None


def is_changeable(event: EventSnapshot, quota_id: UUID, now: datetime) -> bool:
    """Whether the deadline of a quota lies ahead."""
    until = changeable_until(event, quota_id)
    return until is None or now < until

"""Which sessions of an event somebody goes to, given the places she holds."""

from collections.abc import Iterable, Mapping
from uuid import UUID


def attended_sessions(
    sessions: Iterable[UUID], *, session_of_quota: Mapping[UUID, UUID | None], held: Iterable[UUID]
) -> tuple[UUID, ...]:
    """Her sessions, in the event's order.

    A place in a session's own quota leads to that session; a place in any other quota leads to every session
    that has no quota of its own.
    """
    taken = [session_of_quota.get(quota) for quota in held]
    own = {session for session in taken if session}
    with_quota = {session for session in session_of_quota.values() if session}
    return tuple(session for session in sessions if session in own or (session not in with_quota and (None in taken)))

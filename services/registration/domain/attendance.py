"""Who came and who did not: what follows from the check-ins of an event's sessions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.registration.domain.check_in import TimeBlock


@dataclass(frozen=True, kw_only=True)
class Presence:
    """One person's check-in to one session."""

    session_id: UUID
    scan_id: UUID
    scanned_at: datetime
    device: str


@dataclass(frozen=True, kw_only=True)
class Attendee:
    """Somebody on the attendance list. `sessions` are those that her places are in."""

    registration_id: UUID
    name: str
    email: str
    status: str
    quota_ids: frozenset[UUID]
    sessions: frozenset[UUID]
    consents: tuple[str, ...] = ()
    presences: Mapping[UUID, Presence] = field(default_factory=dict)

    def belongs_to(self, session_id: UUID) -> bool:
        """Whether the session's list names her: she is expected, or she came."""
        return session_id in self.presences or (self.status == "confirmed" and session_id in self.sessions)


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many of those who are expected are in."""

    session_id: UUID
    checked_in: int
    expected: int


def sessions_of(
    held: Iterable[UUID], *, sessions: Iterable[TimeBlock], session_by_quota: Mapping[UUID, UUID | None]
) -> tuple[TimeBlock, ...]:
    """The sessions that a person's places are in. A place in a quota without a session is for all of them."""
    named = {session_by_quota.get(quota_id) for quota_id in held}
    return tuple(each for each in sessions if not named or None in named or each.id in named)

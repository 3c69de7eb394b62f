"""What stands in an attendee's calendar, and when she must be told that it differs."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One session as her calendar shows it, in her language. Instants are aware."""

    starts_at: datetime
    ends_at: datetime
    zone: str
    summary: str
    description: str
    location: str = ""
    url: str = ""
    join_url: str = ""

    @property
    def schedule_key(self) -> str:
        """Changes exactly when time or place do: SEQUENCE must grow (RFC 5546 2.1.4)."""
        return _digest(self.starts_at.timestamp(), self.ends_at.timestamp(), self.zone, self.location, self.join_url)

    @property
    def content_key(self) -> str:
        """Changes when anything in the entry does."""
        return _digest(self.schedule_key, self.summary, self.description, self.url)


@dataclass(frozen=True, kw_only=True)
class Known:
    """The entry as her calendar has it now."""

    sequence: int
    schedule_key: str
    content_key: str
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class Step:
    """One calendar mail to send: an invitation, a move (SEQUENCE + 1), an update of texts, or a cancellation."""

    kind: str  # invite | move | update | cancel
    sequence: int


def next_step(known: Known | None, wanted: Entry | None, *, now: datetime) -> Step | None:
    """What brings her calendar up to date; None when it is, or when it is about the past.

    An entry that she must not have any more is cancelled; a cancelled one is no longer `known`: what comes
    after it is a new invitation with a new UID, because calendars remember the old one as gone.
    """
    if wanted is None:
        is_ahead = known is not None and known.ends_at > now
        return Step(kind="cancel", sequence=known.sequence + 1) if known and is_ahead else None
    if wanted.ends_at <= now:
        return None
    if known is None:
        return Step(kind="invite", sequence=0)
    if known.schedule_key != wanted.schedule_key:
        return Step(kind="move", sequence=known.sequence + 1)
    if known.content_key != wanted.content_key:
        return Step(kind="update", sequence=known.sequence)
    return None


def _digest(*facts: object) -> str:
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

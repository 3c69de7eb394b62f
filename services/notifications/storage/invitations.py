"""What attendees' calendars know."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notifications.domain.entries import Entry, Known
from services.notifications.storage.tables import InvitationRow


def active(session: Session, registration_id: UUID) -> Sequence[InvitationRow]:
    """The entries that should be in her calendar now, in a fixed order."""
    rows = session.scalars(
        select(InvitationRow)
        .where(InvitationRow.registration_id == registration_id, InvitationRow.status == "active")
        .order_by(InvitationRow.uid)
    )
    return rows.all()


def as_known(row: InvitationRow) -> Known:
    """The part that decides whether she must be told something."""
    return Known(
        sequence=row.sequence,
        schedule_key=row.schedule_key,
        content_key=row.content_key,
        ends_at=entry_of(row).ends_at,
    )


def entry_of(row: InvitationRow) -> Entry:
    """The entry as it was sent last: a cancellation repeats it."""
    facts: dict[str, Any] = dict(row.entry)
    facts |= {key: datetime.fromisoformat(facts[key]) for key in ("starts_at", "ends_at")}
    return Entry(**facts)


def as_facts(entry: Entry) -> dict[str, Any]:
    """The entry as JSON values."""
    return {
        "starts_at": entry.starts_at.isoformat(),
        "ends_at": entry.ends_at.isoformat(),
        "zone": entry.zone,
        "summary": entry.summary,
        "description": entry.description,
        "location": entry.location,
        "url": entry.url,
        "join_url": entry.join_url,
    }

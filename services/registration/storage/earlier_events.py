"""How often somebody came to an organisation's earlier events: read from what is kept, stored nowhere."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, exists, func, select
from sqlalchemy.orm import Session

from services.registration.domain.selection import Earlier
from services.registration.storage.tables import CheckIn, Event, Registration


def earlier(
    session: Session, people: Iterable[Registration], *, organisation_id: UUID, now: datetime
) -> dict[str, Earlier]:
    """email_key -> what is known, of those whose address is confirmed.

    Counted are confirmed registrations with a confirmed address for events of the organisation that are over and
    took place. An event at whose door nobody was checked in says nothing about anybody.
    """
    keys = {each.email_key for each in people if each.address_confirmed_at is not None}
    if not keys:
        return {}
    came = exists().where(CheckIn.registration_id == Registration.id)
    had_door = exists().where(CheckIn.event_id == Event.id)
    rows = session.execute(
        select(
            Registration.email_key,
            func.sum(case((came, 1), else_=0)),
            func.sum(case((came, 0), (had_door, 1), else_=0)),
            func.sum(case((had_door, 0), else_=1)),
        )
        .join(Event, Event.id == Registration.event_id)
        .where(
            Registration.email_key.in_(keys),
            Registration.status == "confirmed",
            Registration.address_confirmed_at.is_not(None),
            Event.organisation_id == organisation_id,
            Event.status != "cancelled",
            Event.ends_at <= now,
        )
        .group_by(Registration.email_key)
    )
    return {
        key: Earlier(came=came, missed=missed, not_recorded=not_recorded) for key, came, missed, not_recorded in rows
    }

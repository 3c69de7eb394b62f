"""Who is expected, who came."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from services.registration.domain.attendance import Count, sessions_of
from services.registration.domain.check_in import Holder
from services.registration.storage import check_ins, events
from services.registration.storage.tables import Event, Place, Registration


def holder_of(registration: Registration, event: Event) -> Holder:
    """What the door may know of a ticket's holder."""
    told = events.snapshot(event)
    return Holder(
        name=registration.name,
        status=registration.status,
        sessions=sessions_of(
            [each.quota_id for each in registration.places if each.state == "held"],
            sessions=told.sessions,
            session_by_quota={each.id: each.session_id for each in told.quotas},
        ),
    )


def counts(session: Session, event: Event) -> list[Count]:
    """How many are in and how many are expected, for each session in the event's order."""
    checked_in = check_ins.count_checked_in(session, event.id)
    expected = _expected(session, event)
    return [
        Count(session_id=each.id, checked_in=checked_in.get(each.id, 0), expected=expected[each.id])
        for each in events.snapshot(event).sessions
    ]


def _expected(session: Session, event: Event) -> Counter[UUID]:
    """Confirmed registrations by session. Two columns, so that a count at the door stays cheap."""
    told = events.snapshot(event)
    session_by_quota = {each.id: each.session_id for each in told.quotas}
    held: dict[UUID, list[UUID]] = {}
    rows = session.execute(
        select(Registration.id, Place.quota_id)
        .outerjoin(Place, (Place.registration_id == Registration.id) & (Place.state == "held"))
        .where(Registration.event_id == event.id, Registration.status == "confirmed")
    )
    for registration_id, quota_id in rows:
        held.setdefault(registration_id, []).extend([quota_id] if quota_id else [])
    return Counter(
        each.id
        for quotas in held.values()
        for each in sessions_of(quotas, sessions=told.sessions, session_by_quota=session_by_quota)
    )


def people(session: Session, event: Event) -> Sequence[Registration]:
    """Everybody who ever signed up, with places and consents, oldest first."""
    return session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id)
        .options(selectinload(Registration.places), selectinload(Registration.consents))
        .order_by(Registration.created_at, Registration.id)
    ).all()

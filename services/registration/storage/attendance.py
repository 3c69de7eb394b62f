"""Who is expected, who came."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, selectinload

from services.registration.domain.attendance import Attendee, Count, Presence, sessions_of
from services.registration.domain.check_in import Holder
from services.registration.domain.registrations import LIVING
from services.registration.storage import check_ins, events
from services.registration.storage.tables import CheckIn, Event, Place, Registration
from shared.contracts.events import EventSnapshot, SessionSnapshot


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


def counts(session: Session, told: EventSnapshot) -> list[Count]:
    """How many are in and how many are expected, for each session in the event's order."""
    if len(told.sessions) == 1:
        return [_count_of_the_only(session, told.id, told.sessions[0].id)]
    checked_in = check_ins.count_checked_in(session, told.id)
    expected = _expected(session, told)
    return [
        Count(session_id=each.id, checked_in=checked_in.get(each.id, 0), expected=expected[each.id])
        for each in told.sessions
    ]


def _count_of_the_only(session: Session, event_id: UUID, session_id: UUID) -> Count:
    """Where there is one session everybody is expected there, whatever her places: one query, two indexes."""
    row = session.execute(_BOTH, {"event_id": event_id, "session_id": session_id}).one()
    return Count(session_id=session_id, checked_in=row.checked_in, expected=row.expected)


_BOTH = select(
    select(func.count())
    .select_from(CheckIn)
    .where(CheckIn.event_id == bindparam("event_id"), CheckIn.session_id == bindparam("session_id"))
    .scalar_subquery()
    .label("checked_in"),
    select(func.count())
    .select_from(Registration)
    .where(Registration.event_id == bindparam("event_id"), Registration.status == "confirmed")
    .scalar_subquery()
    .label("expected"),
)


def _expected(session: Session, told: EventSnapshot) -> Counter[UUID]:
    """Confirmed registrations by session. Two columns, so that a count at the door stays cheap."""
    session_by_quota = {each.id: each.session_id for each in told.quotas}
    held: dict[UUID, list[UUID]] = {}
    rows = session.execute(
        select(Registration.id, Place.quota_id)
        .outerjoin(Place, (Place.registration_id == Registration.id) & (Place.state == "held"))
        .where(Registration.event_id == told.id, Registration.status == "confirmed")
    )
    for registration_id, quota_id in rows:
        held.setdefault(registration_id, []).extend([quota_id] if quota_id else [])
    return Counter(
        each.id
        for quotas in held.values()
        for each in sessions_of(quotas, sessions=told.sessions, session_by_quota=session_by_quota)
    )


def attendees(session: Session, event: Event) -> list[Attendee]:
    """Everybody who counts or came, by name as people sort."""
    told = events.snapshot(event)
    session_by_quota = {each.id: each.session_id for each in told.quotas}
    presences: dict[UUID, dict[UUID, Presence]] = {}
    for row in check_ins.checked_in(session, event.id):
        presences.setdefault(row.registration_id, {})[row.session_id] = Presence(
            session_id=row.session_id, scan_id=row.scan_id, scanned_at=row.scanned_at, device=row.device
        )
    return sorted(
        (
            _attendee(each, told.sessions, session_by_quota, presences.get(each.id, {}))
            for each in _people(session, event)
            if each.status in LIVING or each.id in presences
        ),
        key=lambda each: (each.name.casefold(), each.registration_id),
    )


def _people(session: Session, event: Event) -> Sequence[Registration]:
    return session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id)
        .options(selectinload(Registration.places), selectinload(Registration.consents))
    ).all()


def _attendee(
    row: Registration,
    sessions: Sequence[SessionSnapshot],
    session_by_quota: dict[UUID, UUID | None],
    presences: dict[UUID, Presence],
) -> Attendee:
    held = frozenset(each.quota_id for each in row.places if each.state == "held")
    open_to = sessions_of(held, sessions=sessions, session_by_quota=session_by_quota)
    return Attendee(
        registration_id=row.id,
        name=row.name,
        email=row.email,
        status=row.status,
        quota_ids=held,
        sessions=frozenset(each.id for each in open_to),
        consents=tuple(sorted(each.purpose for each in row.consents if each.withdrawn_at is None)),
        presences=presences,
    )

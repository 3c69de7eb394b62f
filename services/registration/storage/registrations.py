"""Registrations and their places."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from services.registration.domain.registrations import LIVING, PlaceState, Status
from services.registration.domain.secrets import fingerprint
from services.registration.storage import answers
from services.registration.storage.tables import (
    LIVING_ONLY,
    Claim,
    Consent,
    ContactWish,
    Event,
    Place,
    Quota,
    Registration,
)
from shared.database import is_sqlite
from shared.errors import NotFound


def add(session: Session, **facts: Any) -> bool:
    """Store a registration; False if the address has a living one for this event already."""
    new: Any = sqlite.insert if is_sqlite(session.connection()) else postgresql.insert
    statement = (
        new(Registration)
        .values(**facts)
        .on_conflict_do_nothing(index_elements=["event_id", "email_key"], index_where=LIVING_ONLY)
        .returning(Registration.id)
    )
    return session.execute(statement).one_or_none() is not None


def add_consents(session: Session, rows: list[dict[str, Any]]) -> None:
    """Store what she agreed to."""
    session.execute(insert(Consent), rows)


def add_claim(session: Session, registration_id: UUID, *, field_of_study: str, audience: str) -> None:
    """Store what she said of herself where some come first."""
    session.execute(
        insert(Claim), [{"registration_id": registration_id, "field_of_study": field_of_study, "audience": audience}]
    )


def add_places(session: Session, rows: list[dict[str, Any]]) -> None:
    """Store where she has a place, or waits."""
    session.execute(insert(Place), rows)


def find_living(session: Session, event_id: UUID, email_key: str) -> Registration | None:
    """The registration of an address for an event, if there is one that counts."""
    return session.scalars(
        select(Registration).where(
            Registration.event_id == event_id, Registration.email_key == email_key, Registration.status.in_(LIVING)
        )
    ).one_or_none()


def get(session: Session, registration_id: UUID) -> Registration:
    """A registration with its event and places. Raises NotFound."""
    found = session.scalars(_WHOLE.where(Registration.id == registration_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def get_by_page(session: Session, token: str) -> Registration:
    """The registration whose own page this token opens. Raises NotFound."""
    found = session.scalars(_WHOLE.where(Registration.page_hash == fingerprint(token.lower()))).one_or_none()
    if found is None:
        raise NotFound
    return found


def find_by_ticket(session: Session, code: str) -> Registration | None:
    """The registration that a ticket code belongs to; the code as domain.tickets.read_code gives it."""
    return session.scalars(_WHOLE.where(Registration.ticket_hash == fingerprint(code))).one_or_none()


def lock(session: Session, registration_ids: Iterable[UUID]) -> Sequence[Registration]:
    """Hold registrations until the end of the transaction, fresh, with event and places, ordered by id."""
    ids = list(registration_ids)
    if not ids:
        return []
    session.execute(
        select(Registration.id)
        .where(Registration.id.in_(ids))
        .order_by(Registration.id)
        .with_for_update(key_share=True)
    )
    return session.scalars(
        _WHOLE.where(Registration.id.in_(ids)).order_by(Registration.id).execution_options(populate_existing=True)
    ).all()


def has_applied(session: Session, registration_id: UUID) -> bool:
    """Whether somebody has yet to decide about one of her places."""
    applied = exists().where(Place.registration_id == registration_id, Place.state == PlaceState.APPLIED)
    return bool(session.scalar(select(applied)))


def in_closed_lines(session: Session, *, now: datetime, limit: int) -> Sequence[UUID]:
    """Ids of registrations that wait or applied where the organiser of a published event offers nothing any more.

    After the event the lines stay as they were.
    """
    return session.scalars(
        select(Place.registration_id)
        .join(Registration, Registration.id == Place.registration_id)
        .join(Quota, Quota.id == Place.quota_id)
        .join(Event, Event.id == Quota.event_id)
        .where(
            Quota.is_open.is_(False),
            Event.status == "published",
            or_(Event.ends_at.is_(None), Event.ends_at > now),
            Registration.forgotten_at.is_(None),
            Place.state.in_((PlaceState.WAITING, PlaceState.APPLIED)),
        )
        .distinct()
        .limit(limit)
    ).all()


def concerned_quotas(session: Session, registration_ids: Iterable[UUID]) -> Sequence[UUID]:
    """All quotas of her events: a place that comes free may let somebody change who holds one elsewhere."""
    theirs = select(Registration.event_id).where(Registration.id.in_(list(registration_ids)))
    return session.scalars(select(Quota.id).where(Quota.event_id.in_(theirs))).all()


def positions(session: Session, registration_id: UUID) -> dict[UUID, int]:
    """Her position on each waiting list by quota; 1 is next."""
    ahead = aliased(Place)
    rows = session.execute(
        select(Place.quota_id, func.count())
        .join(
            ahead,
            (ahead.quota_id == Place.quota_id) & (ahead.state == "waiting") & (ahead.number <= Place.number),
        )
        .where(Place.registration_id == registration_id, Place.state == "waiting")
        .group_by(Place.quota_id)
    )
    return {quota_id: position for quota_id, position in rows}  # noqa: C416 - mypy cannot see a pair


def lapsed(session: Session, now: datetime, *, limit: int) -> Sequence[UUID]:
    """Ids of registrations that nobody confirmed in time, the oldest first."""
    return session.scalars(
        select(Registration.id)
        .where(Registration.status == Status.PENDING, Registration.confirm_by <= now)
        .order_by(Registration.confirm_by)
        .limit(limit)
    ).all()


def at_the_same_time(session: Session, registration: Registration) -> Sequence[Registration]:
    """Other registrations of the same confirmed address whose events begin before this one's ends, and end after it
    begins."""
    this = registration.event
    if this.starts_at is None or this.ends_at is None:
        return []
    return session.scalars(
        _WHOLE.join(Event, Event.id == Registration.event_id)
        .where(
            Registration.email_key == registration.email_key,
            Registration.id != registration.id,
            Registration.status.in_((Status.CONFIRMED, Status.WAITING)),
            Registration.address_confirmed_at.is_not(None),
            Event.status == "published",
            Event.starts_at < this.ends_at,
            Event.ends_at > this.starts_at,
        )
        .order_by(Event.starts_at)
    ).all()


def forgettable(session: Session, *, lapsed_before: datetime, over_before: datetime, limit: int) -> Sequence[UUID]:
    """Ids of registrations whose person nobody needs to know any more."""
    lapsed_long_ago = (Registration.status == Status.EXPIRED) & (Registration.changed_at <= lapsed_before)
    return session.scalars(
        select(Registration.id)
        .join(Event, Event.id == Registration.event_id)
        .where(Registration.forgotten_at.is_(None), or_(lapsed_long_ago, Event.ends_at <= over_before))
        .limit(limit)
    ).all()


def forget(session: Session, registration_ids: Sequence[UUID], *, now: datetime) -> None:
    """Take name, address and secrets out of registrations; places and times stay for the statistics."""
    session.execute(delete(Consent).where(Consent.registration_id.in_(registration_ids)))
    answers.forget(session, registration_ids)
    session.execute(delete(Claim).where(Claim.registration_id.in_(registration_ids)))
    session.execute(delete(ContactWish).where(ContactWish.registration_id.in_(registration_ids)))
    anonymous = dict.fromkeys(("name", "email", "ascii_email", "search_text", "cancelled_reason"), "")
    for each in registration_ids:  # what must be unique stays so
        unique = dict.fromkeys(("email_key", "page_hash", "ticket_hash"), f"forgotten:{each}")
        session.execute(
            update(Registration).where(Registration.id == each).values(forgotten_at=now, **anonymous, **unique),
            execution_options={"synchronize_session": False},
        )


def set_status(session: Session, registration_id: UUID, status: Status) -> None:
    """Change the status of a registration that this transaction has just stored."""
    session.execute(
        update(Registration).where(Registration.id == registration_id).values(status=status),
        execution_options={"synchronize_session": False},
    )


def note_repeat(
    session: Session, event_id: UUID, email_key: str, *, now: datetime, not_since: datetime
) -> Registration | None:
    """Note that the address was used again; the registration if its owner is to be told, else None."""
    found = session.scalars(
        update(Registration)
        .where(
            Registration.event_id == event_id,
            Registration.email_key == email_key,
            Registration.status.in_(LIVING),
            or_(Registration.repeated_at.is_(None), Registration.repeated_at <= not_since),
        )
        .values(repeated_at=now, version=Registration.version + 1)
        .returning(Registration.id),
        execution_options={"synchronize_session": False},
    ).one_or_none()
    return None if found is None else lock(session, [found])[0]


_WHOLE = select(Registration).options(joinedload(Registration.event), selectinload(Registration.places))


def names(session: Session, registration_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What people are called, of those ids that are registrations."""
    rows = session.execute(
        select(Registration.id, Registration.name).where(Registration.id.in_(list(registration_ids)))
    )
    return {registration_id: name for registration_id, name in rows}  # noqa: C416 - mypy cannot see a pair


def living_keys(session: Session, event_id: UUID, email_keys: Iterable[str]) -> set[str]:
    """Which of these addresses have a registration that counts."""
    return set(
        session.scalars(
            select(Registration.email_key).where(
                Registration.event_id == event_id,
                Registration.email_key.in_(list(email_keys)),
                Registration.status.in_(LIVING),
            )
        )
    )

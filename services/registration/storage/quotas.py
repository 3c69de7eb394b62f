"""The counters of places. They change by conditional updates only, so no race can oversell them.

Lock order, everywhere: the event, invitations, quotas by id, then registrations by id. A registration's status and
the state of its places change only under its own row lock; whether somebody waits in a quota changes only under the
quota's. Whoever gives places to those who wait holds all quotas of the event, and with them the right to lock its
registrations in any order: one place that comes free may move many people on. So do those who lock several
registrations for another reason.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Update, or_, select, update
from sqlalchemy.orm import Session

from services.registration.storage.tables import Place, Quota, Registration


@dataclass(frozen=True, kw_only=True)
class Counters:
    """The state of a quota after a change. `number` is the waiting number that the change gave, if it did."""

    id: UUID
    event_id: UUID
    version: int
    capacity: int
    taken: int
    waiting: int
    number: int | None = None
    is_open: bool = True

    def free(self, *, is_combined: bool) -> int:
        """Places that whoever comes next really gets: none while others wait before her, none below a lowered capacity.

        is_combined: people take several quotas. Then she passes those who wait while there is room, for they want
        several together and could take nothing now.
        """
        return 0 if self.waiting and not is_combined else max(0, self.capacity - self.taken)

    @property
    def has_room(self) -> bool:
        """Whether there is a place that nobody has, though others may wait who cannot take it."""
        return self.taken < self.capacity

    @property
    def position(self) -> int | None:
        """Of whoever was just added, on the waiting list; None if she holds a place."""
        return None if self.number is None else self.waiting


_HAS_ROOM = Quota.taken < Quota.capacity
_NOBODY_WAITS = Quota.waiting == 0


def take(session: Session, quota_id: UUID) -> Counters | None:
    """Take a place, or a number on the waiting list. None if the quota is closed.

    Whoever comes new never overtakes those who wait. Between the two statements a place may come free, then the
    second matches nothing and the first is tried again.
    """
    while True:
        if held := _take_place(session, quota_id):
            return held
        if queued := _take_number(session, quota_id):
            return queued
        if not session.scalar(select(Quota.is_open).where(Quota.id == quota_id)):
            return None


def take_past(session: Session, quota_id: UUID) -> Counters | None:
    """Take a place although others wait, or else a number. None if the quota is closed.

    For events whose quotas people combine, whoever holds all of them: those who wait could take nothing now.
    """
    has_room = update(Quota).where(Quota.id == quota_id, Quota.is_open, _HAS_ROOM)
    return _tried(session, has_room.values(taken=Quota.taken + 1)) or queue(session, quota_id)


def reserve(session: Session, quota_id: UUID, number: int, *, past: bool = False) -> Counters | None:
    """Take several free places at once for people who are yet to sign up; None if there are not that many.

    past: as take_past.
    """
    has_room = update(Quota).where(Quota.id == quota_id, Quota.is_open, Quota.taken + number <= Quota.capacity)
    return _tried(session, (has_room if past else has_room.where(_NOBODY_WAITS)).values(taken=Quota.taken + number))


def queue(session: Session, quota_id: UUID, number: int = 1) -> Counters | None:
    """Take so many numbers on the waiting list, room or not; `number` of the answer is the first. None if closed."""
    changed = _tried(
        session,
        update(Quota)
        .where(Quota.id == quota_id, Quota.is_open)
        .values(waiting=Quota.waiting + number, next_number=Quota.next_number + number),
        numbered=True,
    )
    return changed and replace(changed, number=(changed.number or 0) - number + 1)


def state(session: Session, quota_id: UUID) -> Counters:
    """The counters as they are, unchanged."""
    return Counters(**session.execute(select(*_COLUMNS).where(Quota.id == quota_id)).one()._asdict())


def release(session: Session, quota_id: UUID) -> Counters:
    """Give a held place back."""
    return _changed(session, update(Quota).where(Quota.id == quota_id).values(taken=Quota.taken - 1))


def leave(session: Session, quota_id: UUID) -> Counters:
    """Leave the waiting list."""
    return _changed(session, update(Quota).where(Quota.id == quota_id).values(waiting=Quota.waiting - 1))


def advance(session: Session, quota_id: UUID) -> Counters | None:
    """Give a free place to somebody who waits; None if there is no free place, or nobody, or it is closed."""
    return _tried(
        session,
        update(Quota)
        .where(Quota.id == quota_id, Quota.is_open, _HAS_ROOM, Quota.waiting > 0)
        .values(taken=Quota.taken + 1, waiting=Quota.waiting - 1),
    )


def lock(session: Session, quota_ids: Iterable[UUID]) -> Sequence[Quota]:
    """Hold quotas until the end of the transaction, in the one order that cannot end in a deadlock."""
    return session.scalars(
        select(Quota)
        .where(Quota.id.in_(list(quota_ids)))
        .order_by(Quota.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def lock_all(session: Session, event_id: UUID) -> Sequence[Quota]:
    """Hold all quotas of an event."""
    return lock_events(session, [event_id])


def lock_events(session: Session, event_ids: Iterable[UUID]) -> Sequence[Quota]:
    """Hold all quotas of several events."""
    ids = session.scalars(select(Quota.id).where(Quota.event_id.in_(list(event_ids)))).all()
    return lock(session, ids)


def create(
    session: Session, quota_id: UUID, *, event_id: UUID, position: int, capacity: int, is_open: bool
) -> Counters:
    """A new quota with nobody in it."""
    session.add(Quota(id=quota_id, event_id=event_id, position=position, capacity=capacity, is_open=is_open))
    session.flush()
    return Counters(id=quota_id, event_id=event_id, version=1, capacity=capacity, taken=0, waiting=0)


def shape(session: Session, quota_id: UUID, *, position: int, capacity: int, is_open: bool) -> Counters:
    """Give a quota the size and order that the organiser wants; who is in it stays."""
    facts = {"position": position, "capacity": capacity, "is_open": is_open}
    return _changed(session, update(Quota).where(Quota.id == quota_id).values(**facts))


def close(session: Session, quota_id: UUID) -> None:
    """The quota is no longer part of the event; who is in it stays."""
    session.execute(
        update(Quota).where(Quota.id == quota_id).values(is_open=False),
        execution_options={"synchronize_session": False},
    )


def next_in_line(session: Session, quota_id: UUID, limit: int) -> Sequence[UUID]:
    """Ids of the registrations to which free places go: confirmed addresses first, then by number."""
    return session.scalars(
        select(Registration.id)
        .join(Place, Place.registration_id == Registration.id)
        .where(Place.quota_id == quota_id, Place.state == "waiting")
        .order_by(Registration.address_confirmed_at.is_(None), Place.number)
        .limit(limit)
    ).all()


def in_line(session: Session, event_id: UUID) -> Sequence[tuple[UUID, UUID, bool]]:
    """(registration, quota, only together with her other quotas) of those who wait, in the order of next_in_line."""
    rows = session.execute(
        select(Registration.id, Place.quota_id, Place.together)
        .join(Place, Place.registration_id == Registration.id)
        .where(Registration.event_id == event_id, Place.state == "waiting")
        .order_by(Place.quota_id, Registration.address_confirmed_at.is_(None), Place.number)
    )
    return [(registration_id, quota_id, together) for registration_id, quota_id, together in rows]


def of_event(session: Session, event_id: UUID) -> list[Counters]:
    """The present state of an event's open quotas, in the organiser's order."""
    rows = session.execute(select(*_COLUMNS).where(Quota.event_id == event_id, Quota.is_open).order_by(Quota.position))
    return [Counters(**row._asdict()) for row in rows]


def closed(session: Session, event_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of the events' quotas that are no longer offered."""
    gone = select(Quota.id).where(Quota.event_id.in_(list(event_ids)), Quota.is_open.is_(False))
    return frozenset(session.scalars(gone))


_COLUMNS = (Quota.id, Quota.event_id, Quota.version, Quota.capacity, Quota.taken, Quota.waiting, Quota.is_open)


def _take_place(session: Session, quota_id: UUID) -> Counters | None:
    return _tried(
        session,
        update(Quota)
        .where(Quota.id == quota_id, Quota.is_open, _HAS_ROOM, _NOBODY_WAITS)
        .values(taken=Quota.taken + 1),
    )


def _take_number(session: Session, quota_id: UUID) -> Counters | None:
    return _tried(
        session,
        update(Quota)
        .where(Quota.id == quota_id, Quota.is_open, or_(~_HAS_ROOM, ~_NOBODY_WAITS))
        .values(waiting=Quota.waiting + 1, next_number=Quota.next_number + 1),
        numbered=True,
    )


def _tried(session: Session, change: Update, *, numbered: bool = False) -> Counters | None:
    row = session.execute(
        change.values(version=Quota.version + 1).returning(*_COLUMNS, Quota.next_number),
        execution_options={"synchronize_session": False},
    ).one_or_none()
    if row is None:
        return None
    facts = row._asdict()
    following = facts.pop("next_number")
    return Counters(**facts, number=following - 1 if numbered else None)


def _changed(session: Session, change: Update) -> Counters:
    counters = _tried(session, change)
    if counters is None:
        raise LookupError("the quota is gone")
    return counters

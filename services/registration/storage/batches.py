"""Actions on many registrations and what became of each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import Session

from services.registration.storage.tables import Batch, BatchItem, Place, Registration
from shared.errors import NotFound


def add(session: Session, batch: Batch, registration_ids: Sequence[UUID]) -> None:
    """Keep a batch with its items in their order."""
    session.add(batch)
    session.flush()
    rows = [
        {"batch_id": batch.id, "registration_id": each, "position": position, "state": "waiting", "outcome": ""}
        for position, each in enumerate(registration_ids)
    ]
    session.execute(insert(BatchItem), rows)


def get(session: Session, batch_id: UUID) -> Batch:
    """One batch. Raises NotFound."""
    if (found := session.get(Batch, batch_id)) is None:
        raise NotFound
    return found


def lock(session: Session, batch_id: UUID) -> Batch:
    """Hold a batch: whoever carries it out and whoever takes it back meet here."""
    query = select(Batch).where(Batch.id == batch_id).with_for_update().execution_options(populate_existing=True)
    if (found := session.scalars(query).one_or_none()) is None:
        raise NotFound
    return found


def lock_due(session: Session, now: datetime) -> Batch | None:
    """The next one to work on, held."""
    is_due = (Batch.state == "waiting") & (Batch.due_at <= now)
    return session.scalars(
        select(Batch)
        .where(or_(is_due, Batch.state.in_(("running", "taking_back"))))
        .order_by(Batch.due_at, Batch.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).first()


def open_items(session: Session, batch_id: UUID, state: str, limit: int) -> Sequence[BatchItem]:
    """The next items in a state, in order."""
    return session.scalars(
        select(BatchItem)
        .where(BatchItem.batch_id == batch_id, BatchItem.state == state)
        .order_by(BatchItem.position)
        .limit(limit)
    ).all()


def set_all(session: Session, batch_id: UUID, before: str, after: str) -> None:
    """Change the state of all items that are in one."""
    session.execute(
        update(BatchItem).where(BatchItem.batch_id == batch_id, BatchItem.state == before).values(state=after),
        execution_options={"synchronize_session": False},
    )


def counts(session: Session, batch_id: UUID) -> dict[str, int]:
    """How many items are in each state."""
    rows = session.execute(
        select(BatchItem.state, func.count()).where(BatchItem.batch_id == batch_id).group_by(BatchItem.state)
    )
    return {state: number for state, number in rows}  # noqa: C416 - mypy cannot see a pair


def people(session: Session, batch_id: UUID, *, limit: int, after: int = -1) -> list[tuple[BatchItem, str]]:
    """Items with the names of their people, in order."""
    rows = session.execute(
        select(BatchItem, Registration.name)
        .join(Registration, Registration.id == BatchItem.registration_id)
        .where(BatchItem.batch_id == batch_id, BatchItem.position > after)
        .order_by(BatchItem.position)
        .limit(limit)
    )
    return [(item, name) for item, name in rows]


def of_event(session: Session, event_id: UUID, limit: int) -> Sequence[Batch]:
    """The last ones, newest first."""
    query = select(Batch).where(Batch.event_id == event_id)
    return session.scalars(query.order_by(Batch.created_at.desc(), Batch.id).limit(limit)).all()


def messages_since(session: Session, registration_ids: Sequence[UUID], since: datetime) -> dict[UUID, int]:
    """How many messages of organisers each of these got since then."""
    rows = session.execute(
        select(BatchItem.registration_id, func.count())
        .join(Batch, Batch.id == BatchItem.batch_id)
        .where(
            BatchItem.registration_id.in_(registration_ids),
            BatchItem.state == "done",
            BatchItem.done_at > since,
            Batch.action == "message",
        )
        .group_by(BatchItem.registration_id)
    )
    return {registration_id: number for registration_id, number in rows}  # noqa: C416 - mypy cannot see a pair


def one_per_person(session: Session, registration_ids: Sequence[UUID]) -> list[UUID]:
    """Of several registrations of one address the newest: nobody gets the same mail twice."""
    rows = session.execute(
        select(Registration.id, Registration.email_key)
        .where(Registration.id.in_(registration_ids))
        .order_by(Registration.created_at, Registration.id)
    )
    newest: dict[Any, UUID] = {}
    for registration_id, email_key in rows:
        newest.pop(email_key, None)
        newest[email_key] = registration_id
    return list(newest.values())


def last_in_line_first(session: Session, registration_ids: Sequence[UUID]) -> list[UUID]:
    """So that those who are put to the front one by one keep their order; those who wait for nothing at the end."""
    rows = session.execute(
        select(Place.registration_id, func.max(Place.number))
        .where(Place.registration_id.in_(registration_ids), Place.state == "waiting")
        .group_by(Place.registration_id)
    )
    number = {registration_id: last or 0 for registration_id, last in rows}
    return sorted(registration_ids, key=lambda each: -number.get(each, -1))

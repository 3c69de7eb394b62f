"""Personal invitations. Those that hold a place have taken it in their quota, so the counters know of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, func, select, tuple_, update
from sqlalchemy.orm import Session

from services.registration.domain.secrets import fingerprint
from services.registration.storage.tables import Event, Invitation
from shared.database import insert_if_new
from shared.errors import NotFound


def add(session: Session, **facts: Any) -> bool:
    """Keep an invitation; False if the address has an open one for this event."""
    return insert_if_new(session, cast("Table", Invitation.__table__), **facts)


def get(session: Session, invitation_id: UUID) -> Invitation:
    """One invitation. Raises NotFound."""
    if (found := session.get(Invitation, invitation_id)) is None:
        raise NotFound
    return found


def find_by_token(session: Session, token: str) -> Invitation | None:
    """The invitation that a link opens."""
    return session.scalars(select(Invitation).where(Invitation.token_hash == fingerprint(token.lower()))).one_or_none()


def lock(session: Session, invitation_ids: Iterable[UUID]) -> Sequence[Invitation]:
    """Hold invitations, fresh, by id. They are locked before quotas: whoever uses one signs up afterwards."""
    return session.scalars(
        select(Invitation)
        .where(Invitation.id.in_(list(invitation_ids)))
        .order_by(Invitation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def open_keys(session: Session, event_id: UUID, email_keys: Iterable[str]) -> set[str]:
    """Which of these addresses have an open invitation."""
    return set(
        session.scalars(
            select(Invitation.email_key).where(
                Invitation.event_id == event_id,
                Invitation.email_key.in_(list(email_keys)),
                Invitation.state == "open",
            )
        )
    )


def listed(
    session: Session,
    event_id: UUID,
    *,
    limit: int,
    state: str | None = None,
    after: tuple[datetime, UUID] | None = None,
) -> Sequence[Invitation]:
    """In the order in which they were sent."""
    query = select(Invitation).where(Invitation.event_id == event_id)
    if state:
        query = query.where(Invitation.state == state)
    if after:
        query = query.where(tuple_(Invitation.created_at, Invitation.id) > tuple_(*after))
    return session.scalars(query.order_by(Invitation.created_at, Invitation.id).limit(limit)).all()


def counts(session: Session, event_id: UUID) -> dict[str, int]:
    """How many there are in each state."""
    rows = session.execute(
        select(Invitation.state, func.count()).where(Invitation.event_id == event_id).group_by(Invitation.state)
    )
    return {state: number for state, number in rows}  # noqa: C416 - mypy cannot see a pair


def kept_places(session: Session, event_id: UUID) -> dict[UUID, int]:
    """How many places are kept for invited people, by quota."""
    rows = session.execute(
        select(Invitation.quota_id, func.count())
        .where(Invitation.event_id == event_id, Invitation.state == "open", Invitation.holds_place)
        .group_by(Invitation.quota_id)
    )
    return {quota_id: number for quota_id, number in rows}  # noqa: C416 - mypy cannot see a pair


def lapsed(session: Session, now: datetime, limit: int) -> Sequence[Invitation]:
    """Open ones whose deadline is over, or whose event is."""
    is_late = (Invitation.deadline <= now) | (Event.ends_at <= now)
    return session.scalars(
        select(Invitation)
        .join(Event, Event.id == Invitation.event_id)
        .where(Invitation.state == "open", is_late)
        .order_by(Invitation.id)
        .limit(limit)
    ).all()


def forget(session: Session, *, over_before: datetime) -> None:
    """Take names and addresses out of the invitations of events that are long over."""
    over = select(Event.id).where(Event.ends_at <= over_before)
    session.execute(
        update(Invitation)
        .where(Invitation.event_id.in_(over), Invitation.email != "")
        .values(name="", email="", ascii_email="", email_key=""),
        execution_options={"synchronize_session": False},
    )

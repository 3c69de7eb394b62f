"""Places that are being handed on."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.registration.domain.hand_overs import HandOverState
from services.registration.domain.secrets import fingerprint
from services.registration.storage.tables import HandOver


def find_open(session: Session, registration_id: UUID) -> HandOver | None:
    """The one that waits for an answer."""
    wanted = select(HandOver).where(HandOver.registration_id == registration_id, HandOver.state == HandOverState.OPEN)
    return session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def find_by_token(session: Session, token: str) -> HandOver | None:
    """What a friend's link opens."""
    return session.scalars(select(HandOver).where(HandOver.token_hash == fingerprint(token.lower()))).one_or_none()


def count(session: Session, registration_id: UUID) -> int:
    """How many people she has asked."""
    asked = select(func.count()).select_from(HandOver).where(HandOver.registration_id == registration_id)
    return session.scalar(asked) or 0


def late(session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """Ids of the registrations of those that nobody answered in time, the oldest first."""
    return session.scalars(
        select(HandOver.registration_id)
        .where(HandOver.state == HandOverState.OPEN, HandOver.deadline <= now)
        .order_by(HandOver.deadline)
        .limit(limit)
    ).all()


def close(each: HandOver, state: HandOverState, *, now: datetime) -> None:
    """It is decided, and nobody needs the friend's address any more."""
    each.state, each.changed_at = state, now
    each.name = each.email = each.ascii_email = each.email_key = ""

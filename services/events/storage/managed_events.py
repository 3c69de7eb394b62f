"""Events as their organisers list them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from services.events.domain.events import CANCELLED, DRAFT, PUBLISHED
from services.events.storage.tables import Event, Organisation

LISTS = ("coming", "draft", "past", "cancelled")
_WHOLE = (
    joinedload(Event.organisation),
    joinedload(Event.company),
    selectinload(Event.sessions),
    selectinload(Event.quotas),
)
Organisations = frozenset[UUID] | None  # None: all, for who runs the installation


def listed(
    session: Session, organisation_ids: Organisations, kind: str, *, now: datetime, limit: int = 100, offset: int = 0
) -> Sequence[Event]:
    """One of the LISTS: what comes first is what matters first."""
    query = select(Event).where(*_of(organisation_ids), *_IN_LIST[kind](now)).order_by(*_ORDER[kind])
    return session.scalars(query.options(*_WHOLE).limit(limit).offset(offset)).all()


def organisations(session: Session, organisation_ids: Organisations) -> Sequence[Organisation]:
    """For whom somebody may plan, by name."""
    query = select(Organisation).order_by(Organisation.name)
    if organisation_ids is not None:
        query = query.where(Organisation.id.in_(organisation_ids))
    return session.scalars(query).all()


_ORDER: dict[str, tuple[Any, ...]] = {
    "coming": (Event.starts_at.asc().nulls_last(), Event.id),
    "draft": (Event.changed_at.desc(), Event.id),
    "past": (Event.starts_at.desc(), Event.id),
    "cancelled": (Event.starts_at.desc(), Event.id),
}


def _of(organisation_ids: Organisations) -> tuple[ColumnElement[bool], ...]:
    return () if organisation_ids is None else (Event.organisation_id.in_(organisation_ids),)


def _not_over(now: datetime) -> ColumnElement[bool]:
    return or_(Event.ends_at > now, Event.ends_at.is_(None))


_IN_LIST: dict[str, Callable[[datetime], tuple[ColumnElement[bool], ...]]] = {
    "coming": lambda now: (Event.status == PUBLISHED, _not_over(now)),
    "draft": lambda _now: (Event.status == DRAFT,),
    "past": lambda now: (Event.status == PUBLISHED, Event.ends_at <= now),
    "cancelled": lambda _now: (Event.status == CANCELLED,),
}

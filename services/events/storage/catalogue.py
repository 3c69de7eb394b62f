"""What is on: events by format, city, language, date, free places and words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, load_only, selectinload

from services.events.domain.events import CANCELLED, PUBLISHED
from services.events.storage.tables import Availability, Company, Event, EventSession, Organisation, Quota


@dataclass(frozen=True, kw_only=True)
class Search:
    """What somebody looks for. Days are those of the event's own place.

    organisations: whose drafts she may see too. status "": all that she may see.
    """

    format: str = ""
    city: str = ""
    language: str = ""
    first_day: date | None = None
    last_day: date | None = None
    free: bool = False
    text: str = ""
    status: str = ""
    organiser: str = ""
    organisations: Collection[UUID] = ()
    upcoming_at: datetime | None = None


_WHOLE = (
    joinedload(Event.organisation),
    joinedload(Event.company),
    selectinload(Event.sessions),
    selectinload(Event.quotas),
)


_CARD = (
    load_only(
        Event.slug,
        Event.format,
        Event.status,
        Event.title,
        Event.languages,
        Event.starts_at,
        Event.ends_at,
        Event.sign_up_opens_at,
        Event.sign_up_closes_at,
        raiseload=True,
    ),
    joinedload(Event.company).load_only(Company.name, raiseload=True),
    selectinload(Event.sessions).load_only(
        EventSession.starts_at, EventSession.ends_at, EventSession.zone, EventSession.place, raiseload=True
    ),
    selectinload(Event.quotas).load_only(Quota.name, Quota.capacity, raiseload=True),
)


def find(session: Session, search: Search, *, limit: int) -> Sequence[Event]:
    """The events that match, by date; those without one come last."""
    return session.scalars(_matching(search).limit(limit).options(*_WHOLE)).all()


def find_cards(session: Session, search: Search, *, limit: int, offset: int = 0) -> Sequence[Event]:
    """The same with what a card of the catalogue shows, and no more: the long texts stay where they are."""
    return session.scalars(_matching(search).limit(limit).offset(offset).options(*_CARD)).all()


def find_after(session: Session, search: Search, *, cursor: Sequence[str] | None, limit: int) -> Sequence[Event]:
    """The same, beginning after a place in the list: [instant or "", id], as `place_of` writes it."""
    conditions = [*_conditions(search), *([_after(cursor)] if cursor else [])]
    return session.scalars(select(Event).where(*conditions).order_by(*_ORDER).limit(limit).options(*_WHOLE)).all()


def place_of(event: Event) -> list[str]:
    """Where the event stands in the list."""
    return ["" if event.starts_at is None else event.starts_at.isoformat(), str(event.id)]


def count(session: Session, search: Search) -> int:
    """How many match."""
    return session.scalar(select(func.count()).select_from(Event).where(*_conditions(search))) or 0


def cities(session: Session, upcoming_at: datetime) -> list[str]:
    """Where something is on."""
    found = (
        select(EventSession.city)
        .join(Event)
        .where(_is_public(), Event.ends_at > upcoming_at, EventSession.city != "")
        .distinct()
        .order_by(EventSession.city)
    )
    return list(session.scalars(found))


def languages(session: Session, upcoming_at: datetime) -> list[str]:
    """What is spoken there."""
    found = session.scalars(select(Event.languages).where(_is_public(), Event.ends_at > upcoming_at).distinct())
    return sorted({language for each in found for language in each})


def get_whole(session: Session, condition: ColumnElement[bool]) -> Event | None:
    """One event with all that a page or an answer shows, in few queries."""
    return session.scalar(select(Event).where(condition).options(*_WHOLE))


_ORDER = (Event.starts_at.asc().nulls_last(), Event.id)  # PostgreSQL walks the index on starts_at


def _matching(search: Search) -> Select[Event]:
    return select(Event).where(*_conditions(search)).order_by(*_ORDER)


def _conditions(search: Search) -> list[ColumnElement[bool]]:
    conditions = [_is_visible(search.organisations)]
    if search.status:
        conditions.append(Event.status == search.status)
    if search.format:
        conditions.append(Event.format == search.format)
    if search.organiser:
        conditions.append(Event.organisation.has(Organisation.slug == search.organiser))
    if search.language:
        conditions.append(cast(Event.languages, String).contains(f'"{search.language}"', autoescape=True))
    if search.free:
        conditions.append(_has_free_places())
    if search.upcoming_at is not None:
        conditions.append(or_(Event.ends_at > search.upcoming_at, Event.ends_at.is_(None)))
    return [*conditions, *_about_sessions(search), *map(_mentions, search.text.casefold().split()[:10])]


def _is_visible(organisations: Collection[UUID]) -> ColumnElement[bool]:
    return or_(_is_public(), Event.organisation_id.in_(organisations)) if organisations else _is_public()


def _is_public() -> ColumnElement[bool]:
    """Published now, or called off after it was."""
    return and_(Event.status.in_((PUBLISHED, CANCELLED)), Event.published_at.is_not(None))


def _has_free_places() -> ColumnElement[bool]:
    taken = func.coalesce(Availability.capacity - Availability.free, 0)
    left = select(Quota.id).outerjoin(Availability, Availability.quota_id == Quota.id)
    return and_(Event.status == PUBLISHED, left.where(Quota.event_id == Event.id, Quota.capacity > taken).exists())


def _about_sessions(search: Search) -> list[ColumnElement[bool]]:
    """The place and the days must fit one and the same session."""
    conditions: list[ColumnElement[bool]] = []
    if search.city:
        conditions.append(or_(EventSession.city == search.city, func.lower(EventSession.city) == search.city.lower()))
    if search.first_day:
        conditions.append(EventSession.local_end >= search.first_day.isoformat())
    if search.last_day:
        conditions.append(EventSession.local_start < _day_after(search.last_day).isoformat())
    return [exists().where(EventSession.event_id == Event.id, *conditions)] if conditions else []


def _mentions(word: str) -> ColumnElement[bool]:
    """In the event's own words, or the names of those who hold it."""
    return or_(
        Event.words.contains(word, autoescape=True),
        Event.organisation.has(func.lower(Organisation.name).contains(word, autoescape=True)),
        Event.company.has(func.lower(Company.name).contains(word, autoescape=True)),
    )


def _after(cursor: Sequence[str]) -> ColumnElement[bool]:
    instant, event_id = datetime.fromisoformat(cursor[0]) if cursor[0] else None, UUID(cursor[1])
    if instant is None:
        return and_(Event.starts_at.is_(None), Event.id > event_id)
    later = or_(Event.starts_at > instant, and_(Event.starts_at == instant, Event.id > event_id))
    return or_(later, Event.starts_at.is_(None))


def _day_after(day: date) -> date:
    return day + timedelta(days=1) if day < date.max else day

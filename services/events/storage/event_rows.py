"""Between an organiser's wish and the rows of an event."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Protocol, TypeVar
from uuid import UUID, uuid4

from services.events.domain import local_times
from services.events.domain.events import EventWish, Place, QuotaWish, SessionWish
from services.events.domain.formats import FORMATS
from services.events.storage.tables import Event, EventSession, Quota
from shared.contracts.events import SignUpRules
from shared.contracts.message import schema_of


class _HasId(Protocol):
    @property
    def id(self) -> UUID | None: ...


W = TypeVar("W", bound=_HasId)
R = TypeVar("R", EventSession, Quota)


def wish_of(event: Event) -> EventWish:
    """The event as it stands, as a wish to change parts of."""
    sessions = sorted(event.sessions, key=lambda each: (each.starts_at, each.id))
    numbers = {each.id: number for number, each in enumerate(sessions)}
    return EventWish(
        format=event.format,
        slug=event.slug,
        title=event.title,
        summary=event.summary,
        description=event.description,
        sessions=tuple(_session_wish(each) for each in sessions),
        quotas=tuple(_quota_wish(each, numbers) for each in event.quotas),
        quota_choice=event.quota_choice,
        company_id=event.company_id,
        languages=tuple(event.languages),
        german_level=event.german_level,
        fields_of_study=tuple(event.fields_of_study),
        safety=tuple(event.safety),
        safety_notes=event.safety_notes,
        accessibility=event.accessibility,
        sign_up_opens_at=event.sign_up_opens_at,
        sign_up_closes_at=event.sign_up_closes_at,
        sign_up=rules_of(event),
        missing=tuple(event.missing),
        note=event.note,
    )


def rules_of(event: Event) -> SignUpRules:
    """How it gives its places; an event from before there was a choice: first come, first served."""
    rules: SignUpRules = schema_of(SignUpRules).load(event.sign_up_rules or {})
    return rules


def write(event: Event, wish: EventWish) -> None:
    """Make the rows say what is wished; slug, status, version and missing facts are not touched."""
    event.format = wish.format
    event.title, event.summary, event.description = wish.title, wish.summary, wish.description
    event.company_id = wish.company_id
    event.languages, event.german_level = list(wish.languages), wish.german_level
    event.fields_of_study = list(wish.fields_of_study)
    event.safety, event.safety_notes = list(wish.safety), wish.safety_notes
    event.accessibility = wish.accessibility
    event.quota_choice = wish.quota_choice or FORMATS[wish.format].quota_choice
    event.sign_up_opens_at, event.sign_up_closes_at = wish.sign_up_opens_at, wish.sign_up_closes_at
    event.sign_up_rules = schema_of(SignUpRules).dump(wish.sign_up)
    event.note = wish.note
    write_quotas(event, quotas_of(wish), write_sessions(event, wish.sessions))
    event.words = _words(wish)


def quotas_of(wish: EventWish) -> tuple[QuotaWish, ...]:
    """The wished quotas, or the format's usual ones where none were named."""
    if wish.quotas is not None:
        return wish.quotas
    patterns = FORMATS[wish.format].quotas
    return tuple(QuotaWish(capacity=each.capacity, kind=each.kind, name=each.texts) for each in patterns)


def write_sessions(event: Event, wishes: Sequence[SessionWish]) -> list[EventSession]:
    """The rows in the order of the wishes; a session that goes on existing keeps its id, and so its calendar entry."""
    rows = [row or EventSession(id=uuid4()) for row in matched(event.sessions, wishes)]
    for row, wish in zip(rows, wishes, strict=True):
        _write_session(row, wish)
    event.sessions = sorted(rows, key=lambda each: (each.starts_at, each.id))
    event.starts_at = min((each.starts_at for each in rows), default=None)
    event.ends_at = max((each.ends_at for each in rows), default=None)
    return rows


def write_quotas(event: Event, wishes: Sequence[QuotaWish], sessions: Sequence[EventSession]) -> None:
    """Likewise for quotas; `sessions` are the rows that the wishes' indices point to."""
    rows = [row or Quota(id=uuid4()) for row in matched(event.quotas, wishes)]
    for position, (row, wish) in enumerate(zip(rows, wishes, strict=True)):
        row.position, row.capacity, row.kind = position, wish.capacity, wish.kind
        row.name, row.language = wish.name, wish.language
        row.session = None if wish.session is None else sessions[wish.session]
    event.quotas = rows


def matched(rows: Iterable[R], wishes: Sequence[W]) -> list[R | None]:
    """For each wish the row it means: by id, else the next one that no wish names, else None (a new one)."""
    known = {row.id: row for row in rows}
    named = {wish.id for wish in wishes}
    unnamed = iter([row for row in known.values() if row.id not in named])
    return [known[wish.id] if wish.id in known else next(unnamed, None) for wish in wishes]


def _write_session(row: EventSession, wish: SessionWish) -> None:
    row.title, row.zone, row.join_url = wish.title, wish.zone, wish.join_url
    row.local_start, row.local_end = local_times.written(wish.local_start), local_times.written(wish.local_end)
    row.starts_at = local_times.instant(wish.local_start, wish.zone)
    row.ends_at = local_times.instant(wish.local_end, wish.zone)
    row.place = None if wish.place is None else asdict(wish.place)
    row.city = "" if wish.place is None else wish.place.city


def _words(wish: EventWish) -> str:
    texts = [*wish.title.values(), *wish.summary.values(), *wish.description.values(), *wish.fields_of_study]
    places = [f"{each.place.name} {each.place.city}" for each in wish.sessions if each.place is not None]
    return " ".join([*texts, *places]).casefold()


def _session_wish(row: EventSession) -> SessionWish:
    return SessionWish(
        id=row.id,
        local_start=local_times.parse(row.local_start),
        local_end=local_times.parse(row.local_end),
        zone=row.zone,
        title=row.title,
        place=None if row.place is None else Place(**row.place),
        join_url=row.join_url,
    )


def _quota_wish(row: Quota, numbers: dict[UUID, int]) -> QuotaWish:
    return QuotaWish(
        id=row.id,
        capacity=row.capacity,
        name=row.name,
        kind=row.kind,
        language=row.language,
        session=None if row.session_id is None else numbers.get(row.session_id),
    )

"""An organiser changes an event; what is published, people hear of."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.events.domain import event_rules, sign_up_rules, slugs
from services.events.domain.events import (
    CANCELLED,
    DRAFT,
    PUBLISHED,
    EventIsCancelled,
    EventWish,
    PlacesAreTaken,
    SelectionIsKnown,
    Texts,
)
from services.events.storage import audit, availability, event_rows, events, snapshots
from services.events.storage.tables import Event
from services.events.use_cases.choose_host import ensure_host
from services.events.use_cases.completeness import ensure_complete
from shared.contracts.events import EventChanged, EventRescheduled, SessionSnapshot
from shared.errors import N_, InvalidInput
from shared.messaging import outbox
from shared.policy import ANONYMOUS, Actor


def change_event(
    event: Event,
    wish: EventWish,
    *,
    base_url: str,
    session: Session,
    now: datetime,
    reason: Texts | None = None,
    expected_version: int | None = None,
    by: Actor = ANONYMOUS,
) -> None:
    """Make the event what is wished.

    A published event tells the others: EventRescheduled if time or place of a session moved (with the sessions
    as people knew them), else EventChanged. Raises EventIsCancelled, InvalidInput, EventIsIncomplete,
    SelectionIsKnown, PlacesAreTaken, EventWasChangedMeanwhile.
    """
    before = event_rows.wish_of(event)
    _ensure_possible(event, wish, session=session)
    previous = snapshots.sessions(event.sessions)
    events.raise_version(session, event, expected=expected_version, now=now)
    _write(event, wish, session=session)
    if event.status == PUBLISHED:
        moved = event_rules.is_moved(before.sessions, event_rows.wish_of(event).sessions)
        _tell(event, previous if moved else None, reason=reason or {}, base_url=base_url, session=session)
    audit.record(session, "change_event", by=by, object_id=event.id, organisation_id=event.organisation_id, now=now)


def _ensure_possible(event: Event, wish: EventWish, *, session: Session) -> None:
    if event.status == CANCELLED:
        raise EventIsCancelled
    event_rules.ensure_sound(wish)
    if wish.company_id != event.company_id:
        ensure_host(wish.company_id, organisation_id=event.organisation_id, session=session)
    if event.status == PUBLISHED:
        ensure_complete(event, wish)
        _ensure_same_format(event, wish)
        if not sign_up_rules.is_same_choice(event_rows.rules_of(event), wish.sign_up):
            raise SelectionIsKnown
        _ensure_places_suffice(event, wish, session=session)


def _ensure_same_format(event: Event, wish: EventWish) -> None:
    if wish.format != event.format:
        raise InvalidInput({"format": [N_("The format of a published event cannot be changed.")]})


def _ensure_places_suffice(event: Event, wish: EventWish, *, session: Session) -> None:
    """As far as we were told: registration has the last word and never takes a place from anybody."""
    places = availability.of_events(session, [event])
    wishes = event_rows.quotas_of(wish)
    left = event_rows.matched(event.quotas, wishes)
    capacities = {row.id: each.capacity for row, each in zip(left, wishes, strict=True) if row is not None}
    for quota in event.quotas:
        if places[quota.id].taken > capacities.get(quota.id, 0):
            raise PlacesAreTaken(taken=places[quota.id].taken)


def _write(event: Event, wish: EventWish, *, session: Session) -> None:
    event_rows.write(event, wish)
    event.missing = event_rules.missing_facts(wish)
    if event.status == DRAFT and wish.slug and wish.slug != event.slug:
        mark = event.id.hex[:6]
        slug = slugs.slug_of(wish.slug, fallback=wish.format, mark=mark)
        event.slug = slug if events.find_by_slug(session, slug) in (None, event) else slugs.with_mark(slug, mark)
    session.flush()


def _tell(
    event: Event,
    previous: tuple[SessionSnapshot, ...] | None,
    *,
    reason: Texts,
    base_url: str,
    session: Session,
) -> None:
    news = snapshots.snapshot(session, event, base_url=base_url)
    message = (
        EventChanged(event=news) if previous is None else EventRescheduled(event=news, previous=previous, reason=reason)
    )
    outbox.add(session, message, aggregate=f"event:{event.id}", version=event.version)

"""She wants another group, slot or date than the one she has, and never stands without one in between."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from services.registration.domain.her_sessions import is_changeable
from services.registration.domain.links import Links
from services.registration.domain.registrations import (
    PlaceState,
    Status,
    choose_quotas,
    ensure_alive,
    is_combined,
    standing,
)
from services.registration.domain.rejections import (
    AddressNotConfirmed,
    ChangesAreClosed,
    OfferIsOpen,
    OrganiserDecides,
    RegistrationCancelled,
    SignUpClosed,
)
from services.registration.storage import events, quotas
from services.registration.storage.quotas import Counters
from services.registration.storage.tables import Place, Registration
from services.registration.use_cases.end_registration import hold
from services.registration.use_cases.free_places import let_go, move_up
from services.registration.use_cases.giving import is_applied_for
from services.registration.use_cases.news import tell_availability, tell_standing, tell_wish
from shared.contracts.events import EventSnapshot


def change_places(
    registration_id: UUID,
    wanted: Iterable[UUID],
    *,
    session: Session,
    now: datetime,
    links: Links,
    by_organiser: bool = False,
) -> Registration:
    """Take part in these quotas instead. Where there is room she moves at once.

    Where there is none she waits, and keeps the place that she has until the new one is hers. Wanting again what she
    has takes the wish back. by_organiser: the deadline and who decides do not matter. Raises InvalidInput,
    AddressNotConfirmed, ChangesAreClosed, OrganiserDecides, OfferIsOpen, SignUpClosed, RegistrationCancelled.
    """
    held = hold(session, [registration_id])
    if not held:
        raise RegistrationCancelled
    (registration,) = held
    if registration.status == Status.PENDING:
        raise AddressNotConfirmed
    told = events.snapshot(registration.event)
    ensure_alive(told, now)
    chosen = _chosen(registration, told, wanted)
    if not _is_new(registration, chosen):
        return registration
    if by_organiser:
        _ensure_no_offer(registration)
    else:
        ensure_may_change(registration, told, chosen, now)
    changed: dict[UUID, Counters] = {}
    before = registration.version
    taken = _rearrange(session, registration, chosen, changed, is_combined=is_combined(told))
    registration.untold = False
    registration.status = standing(PlaceState(each.state) for each in living(registration))
    session.flush()
    move_up(session, changed, {registration.event_id: registration.event}, links=links, now=now)
    if registration.version == before:
        _tell(session, registration, taken=taken, now=now, links=links)
    tell_availability(session, changed.values())
    return registration


def living(registration: Registration) -> list[Place]:
    """What she holds, waits for or applied for."""
    found = [each for each in registration.places if each.state != PlaceState.RELEASED]
    return sorted(found, key=lambda each: each.quota_id)


def without_wish(registration: Registration) -> frozenset[UUID]:
    """Where she is if she waits for nothing instead of what she has."""
    hers = living(registration)
    return frozenset(each.quota_id for each in hers) - {each.replaced_by for each in hers}


def ensure_may_change(registration: Registration, told: EventSnapshot, chosen: Sequence[UUID], now: datetime) -> None:
    """Let the change pass, or say why not."""
    hers = living(registration)
    has_applied = all(each.state == PlaceState.APPLIED for each in hers)
    if told.sign_up.by_invitation or (is_applied_for(registration.event, told) and not has_applied):
        raise OrganiserDecides
    _ensure_no_offer(registration)
    given_up = {each.quota_id for each in hers if each.state == PlaceState.HELD} - set(chosen)
    added = set(chosen) - {each.quota_id for each in hers}
    if not all(is_changeable(told, each, now) for each in given_up | added):
        raise ChangesAreClosed


def _ensure_no_offer(registration: Registration) -> None:
    if any(each.state == PlaceState.OFFERED for each in registration.places):
        raise OfferIsOpen


def _chosen(registration: Registration, told: EventSnapshot, wanted: Iterable[UUID]) -> tuple[UUID, ...]:
    """What she has was judged when she chose it; the event may offer less since."""
    stays, chosen = without_wish(registration), frozenset(wanted)
    if chosen == stays:
        return tuple(sorted(stays))
    held = frozenset(each.quota_id for each in registration.places if each.state == PlaceState.HELD)
    return choose_quotas(told, chosen, held=held)


def _is_new(registration: Registration, chosen: Sequence[UUID]) -> bool:
    wanted = {each.quota_id for each in living(registration) if each.replaced_by is None}
    return wanted != set(chosen)


def _rearrange(
    session: Session,
    registration: Registration,
    chosen: Sequence[UUID],
    changed: dict[UUID, Counters],
    *,
    is_combined: bool,
) -> int:
    """Take what is wanted now, give back what is not; how many new places are hers at once.

    Of those she no longer wants she keeps as many held places as she waits for others.
    """
    hers = living(registration)
    manner = _manner(hers, is_combined=is_combined)
    added = [each for each in chosen if each not in {place.quota_id for place in hers}]
    left = [each for each in hers if each.quota_id not in chosen]
    kept = [each for each in left if each.state == PlaceState.HELD]
    for each in hers:
        each.replaced_by = None
    for each in left:
        if each.state != PlaceState.HELD:
            let_go(session, each, changed)
    at_once = [_add(session, _place(registration, each), manner, changed) for each in added].count(PlaceState.HELD)
    lines = [each.quota_id for each in living(registration) if each.state == PlaceState.WAITING]
    for each in kept[: at_once if lines else None]:
        let_go(session, each, changed)
    for number, each in enumerate(kept[at_once:] if lines else []):
        each.replaced_by = lines[min(number, len(lines) - 1)]
    return at_once


@dataclass(frozen=True, kw_only=True)
class _Manner:
    """How she gets new places: like those that she has."""

    has_applied: bool
    together: bool  # all or none
    is_combined: bool  # then she passes those who wait although there is room: they could take nothing now


def _manner(hers: Sequence[Place], *, is_combined: bool) -> _Manner:
    open_ = {PlaceState.APPLIED, PlaceState.WAITING}
    return _Manner(
        has_applied=all(each.state == PlaceState.APPLIED for each in hers),
        together=any(each.together and each.state in open_ for each in hers),
        is_combined=is_combined,
    )


def _place(registration: Registration, quota_id: UUID) -> Place:
    """One that she had before comes back."""
    known = next((each for each in registration.places if each.quota_id == quota_id), None)
    if known is None:
        known = Place(id=uuid4(), quota_id=quota_id)
        registration.places.append(known)
    return known


def _add(session: Session, place: Place, manner: _Manner, changed: dict[UUID, Counters]) -> PlaceState:
    place.number, place.together, place.state = None, manner.together, PlaceState.APPLIED
    if manner.has_applied:
        return PlaceState.APPLIED
    take = quotas.queue if manner.together else quotas.take_past if manner.is_combined else quotas.take
    counters = take(session, place.quota_id)
    if counters is None:
        raise SignUpClosed
    changed[place.quota_id] = counters
    place.number = counters.number
    place.state = PlaceState.HELD if counters.number is None else PlaceState.WAITING
    return PlaceState(place.state)


def _tell(session: Session, registration: Registration, *, taken: int, now: datetime, links: Links) -> None:
    registration.version += 1
    registration.changed_at = now
    session.flush()
    if taken or registration.status != Status.CONFIRMED:
        tell_standing(session, registration, links=links, changed=True)
    else:
        tell_wish(session, registration, links=links)

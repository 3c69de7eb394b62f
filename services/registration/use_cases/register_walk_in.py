"""Somebody stands at the door without a sign-up and is let in."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.registrations import Receipt, SignUpWish, Terms, choose_quotas, is_combined
from services.registration.domain.rejections import NoFreePlace
from services.registration.storage import audit, events, quotas
from services.registration.storage.tables import Event
from services.registration.use_cases.access import ensure_may
from services.registration.use_cases.correct_attendance import mark_present
from services.registration.use_cases.sign_up import sign_up
from shared.contracts.events import EventSnapshot
from shared.policy import Actor


def register_walk_in(
    wish: SignUpWish,
    *,
    session_id: UUID | None,
    event: Event,
    actor: Actor,
    session: Session,
    now: datetime,
    terms: Terms,
) -> Receipt:
    """Sign up and check in, in one transaction: both or nothing. Without a session nobody is checked in.

    She needs a free place: nobody is let in beyond the number of places, and nobody before those who could take one.
    An address is not needed; without one she gets no mail and her own page only from the organiser. Raises
    NoFreePlace, AlreadyRegistered, EventIsOver, and what check-in would say.
    """
    ensure_may(actor, "change_registration", event)
    wish = replace(wish, source="walk_in")
    _ensure_free(session, events.snapshot(event), wish)
    receipt = sign_up(wish, event=event, session=session, now=now, terms=terms, by_organiser=True)
    audit.record(
        session,
        actor,
        "register_walk_in",
        object_id=receipt.id,
        organisation_id=event.organisation_id,
        event_id=event.id,
        now=now,
        has_address=bool(wish.address.written),
    )
    if session_id is not None:
        mark_present(receipt.id, session_id, event=event, actor=actor, session=session, now=now)
    return receipt


def _ensure_free(session: Session, told: EventSnapshot, wish: SignUpWish) -> None:
    """A place in each chosen quota that sign_up will give her, whatever others do meanwhile."""
    chosen, combined = choose_quotas(told, wish.quota_ids), is_combined(told)
    if combined:
        quotas.lock_all(session, told.id)
    else:
        quotas.lock(session, chosen)
    for each in (quotas.state(session, quota_id) for quota_id in chosen):
        if not each.free(is_combined=combined):
            raise NoFreePlace(free=0, waiting=each.waiting, capacity=each.capacity)

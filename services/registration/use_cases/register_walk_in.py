"""Somebody stands at the door without a sign-up and is let in."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.registrations import Receipt, SignUpWish, Terms, choose_quotas
from services.registration.domain.rejections import NoFreePlace
from services.registration.storage import audit, events, quotas
from services.registration.storage.tables import Event
from services.registration.use_cases.access import ensure_may
from services.registration.use_cases.correct_attendance import mark_present
from services.registration.use_cases.sign_up import sign_up
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

    She needs a free place: nobody is let in beyond the number of places, and nobody before those who wait. An
    address is not needed; without one she gets no mail and her own page only from the organiser. Raises NoFreePlace,
    AlreadyRegistered, EventIsOver, and what check-in would say.
    """
    ensure_may(actor, "change_registration", event)
    wish = replace(wish, source="walk_in")
    for each in quotas.lock(session, choose_quotas(events.snapshot(event), wish.quota_ids)):
        if each.waiting or each.taken >= each.capacity:
            raise NoFreePlace(free=0, waiting=each.waiting, capacity=each.capacity)
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

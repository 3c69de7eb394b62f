"""An organiser signs somebody up: on the telephone, on paper, at the stand."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from services.registration.domain.registrations import Receipt, SignUpWish, Terms
from services.registration.storage import audit
from services.registration.storage.tables import Event
from services.registration.use_cases.access import ensure_may
from services.registration.use_cases.sign_up import sign_up
from shared.policy import Actor


def register_attendee(
    wish: SignUpWish, *, event: Event, actor: Actor, session: Session, now: datetime, terms: Terms
) -> Receipt:
    """As sign_up, but the address counts at once, the sign-up window does not, and a known address is a rejection."""
    ensure_may(actor, "change_registration", event)
    if wish.source == "form":
        wish = replace(wish, source="organiser")
    receipt = sign_up(wish, event=event, session=session, now=now, terms=terms, by_organiser=True)
    audit.record(
        session,
        actor,
        "register_attendee",
        object_id=receipt.id,
        organisation_id=event.organisation_id,
        now=now,
        status=str(receipt.status),
    )
    return receipt

"""Somebody with the right reads what is sealed, and the log says so."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.answers import Answer
from services.registration.domain.registrations import Terms
from services.registration.storage import answers, audit
from services.registration.storage.tables import Event, Registration
from services.registration.use_cases.access import ensure_may
from shared.policy import Actor

ACTION = "read_sensitive_answers"


def read_sensitive_answers(
    registration: Registration, *, actor: Actor, session: Session, now: datetime, terms: Terms
) -> dict[UUID, Answer]:
    """One person's answers, all of them, by question."""
    ensure_may(actor, "see_registrations", registration.event)
    ensure_may(actor, ACTION, registration.event)
    _note(registration.event, registration.id, actor=actor, session=session, now=now)
    return answers.opened(session, registration.id, ring=terms.ring)


def read_all_sensitive_answers(
    event: Event, *, actor: Actor, session: Session, now: datetime, terms: Terms
) -> dict[UUID, dict[UUID, Answer]]:
    """Everybody's answers for a list or an export: registration -> question -> answer."""
    ensure_may(actor, "see_registrations", event)
    ensure_may(actor, ACTION, event)
    _note(event, event.id, actor=actor, session=session, now=now)
    return answers.answers_to_event(session, event.id, ring=terms.ring)


def _note(event: Event, object_id: UUID, *, actor: Actor, session: Session, now: datetime) -> None:
    audit.record(session, actor, ACTION, object_id=object_id, organisation_id=event.organisation_id, now=now)

"""The form of another event of the same organisation, taken over as new questions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.forms import NothingToCopy, Questions, are_alike, copied
from services.registration.storage import events, forms
from services.registration.storage.tables import Event
from services.registration.use_cases.access import ensure_may
from services.registration.use_cases.change_form import ACTION
from services.registration.use_cases.publish_form import publish_form
from shared.errors import NotFound
from shared.policy import Actor


def copy_form(source_id: UUID, *, event: Event, actor: Actor, session: Session, now: datetime) -> None:
    """Ask what the other event asks, in place of what this one asked. Again is harmless. Raises NothingToCopy."""
    questions = questions_to_copy(source_id, event=event, actor=actor, session=session)
    forms.lock_draft(session, event.id, now=now)
    session.refresh(event)  # of two at once the second sees what the first published
    current = forms.current(session, event)
    if current is not None and are_alike(current.questions, questions):
        questions = current.questions
    publish_form(event, actor=actor, session=session, now=now, instead=questions)


def questions_to_copy(source_id: UUID, *, event: Event, actor: Actor, session: Session) -> Questions:
    """What the other event asks now. Nothing is stored: change_form takes it. Raises NothingToCopy."""
    source = events.get(session, source_id)
    if source.id == event.id or source.organisation_id != event.organisation_id:
        raise NotFound
    ensure_may(actor, ACTION, source)
    form = forms.current(session, source)
    if form is None:
        raise NothingToCopy
    return copied(form.questions)

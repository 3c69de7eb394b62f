"""An organiser builds the form of an event; nobody is asked anything new before it is published."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from services.registration.domain.forms import Questions
from services.registration.storage import audit, forms
from services.registration.storage.tables import Event
from services.registration.use_cases.access import ensure_may
from shared.policy import Actor

ACTION = "change_registration"


def change_form(
    event: Event, change: Callable[[Questions], Questions], *, actor: Actor, session: Session, now: datetime
) -> Questions:
    """Apply one change of domain.forms to the newest draft and return it. Raises the change's rejections."""
    ensure_may(actor, ACTION, event)
    questions = change(forms.lock_draft(session, event.id, now=now))
    forms.keep_draft(session, event.id, questions, now=now)
    audit.record(
        session,
        actor,
        "change_form",
        object_id=event.id,
        organisation_id=event.organisation_id,
        now=now,
        questions=len(questions),
    )
    return questions

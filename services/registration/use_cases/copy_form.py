"""The form of another event of the same organisation, taken over as new questions."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.forms import NothingToCopy, Questions, copied
from services.registration.storage import events, forms
from services.registration.storage.tables import Event
from services.registration.use_cases.access import ensure_may
from services.registration.use_cases.change_form import ACTION
from shared.errors import NotFound
from shared.policy import Actor


def questions_to_copy(source_id: UUID, *, event: Event, actor: Actor, session: Session) -> Questions:
    """What the other event asks now. Nothing is stored: change_form or publish_form takes it. Raises NothingToCopy."""
    source = events.get(session, source_id)
    if source.id == event.id or source.organisation_id != event.organisation_id:
        raise NotFound
    ensure_may(actor, ACTION, source)
    form = forms.current(session, source)
    if form is None:
        raise NothingToCopy
    return copied(form.questions)

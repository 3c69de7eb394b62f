"""What the organiser still wants to know from somebody: after she was signed up by others, or the form changed."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.registration.domain.answers import editable_until, wanted
from services.registration.domain.questions import Question
from services.registration.domain.sign_up import NewRegistration
from services.registration.storage import answers, events, forms
from services.registration.storage.tables import Event, Registration

BY_OTHERS = frozenset({"organiser", "import", "walk_in", "company"})  # sources: she has not seen the questions


def open_questions(
    session: Session, event: Event, registration: Registration | NewRegistration, *, now: datetime
) -> list[Question]:
    """Those she should answer while she can: required ones, and all if others signed her up and nothing is answered.

    Nothing is looked up where the event asks nothing.
    """
    form = forms.current(session, event)
    deadline = editable_until(events.snapshot(event))
    if form is None or (deadline is not None and now >= deadline):
        return []
    given = answers.answers_of(session, [registration.id]).get(registration.id, {})
    values = {key: True if each.is_sealed else each.value for key, each in given.items()}
    return wanted(form.questions, values, is_new=registration.source in BY_OTHERS and not given)

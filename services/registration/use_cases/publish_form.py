"""The form as it was built becomes what people are asked."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.registration.domain.forms import FormVersion, Questions, ensure_whole, renewed
from services.registration.storage import audit, forms
from services.registration.storage.tables import Event
from services.registration.use_cases.access import ensure_may
from services.registration.use_cases.change_form import ACTION
from shared.policy import Actor


def publish_form(
    event: Event, *, actor: Actor, session: Session, now: datetime, instead: Questions | None = None
) -> FormVersion | None:
    """Publish the draft, or `instead` in its place, as a new version; None if it is what is asked already.

    Answers that were given before keep pointing to their own version.
    """
    ensure_may(actor, ACTION, event)
    questions = forms.lock_draft(session, event.id, now=now)
    if instead is not None:
        questions = instead
    published = [each for version in forms.versions(session, event.id) for each in version.questions]
    questions = renewed(questions, published)
    ensure_whole(questions)
    forms.keep_draft(session, event.id, questions, now=now)
    current = forms.current(session, event)
    if questions == (current.questions if current else ()):
        return None
    version = forms.publish(session, event.id, questions, now=now)
    audit.record(
        session,
        actor,
        "publish_form",
        object_id=event.id,
        organisation_id=event.organisation_id,
        now=now,
        version=version.number,
    )
    return version

"""She changes what she answered, until the deadline."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.answers import AnswersAreFixed, Sheet, editable_until, question_files
from services.registration.domain.questions import Kind
from services.registration.domain.registrations import LIVING, Terms, ensure_alive
from services.registration.storage import answers, events, files, registrations
from services.registration.use_cases.keep_answers import claim_files


def edit_answers(registration_id: UUID, sheet: Sheet, *, session: Session, now: datetime, terms: Terms) -> None:
    """Put these answers in place of hers. An answer that is left out is deleted, with its file and consent.

    Raises AnswersAreFixed after the deadline and for a registration that no longer counts.
    """
    (registration,) = registrations.lock(session, [registration_id])
    told = events.snapshot(registration.event)
    ensure_alive(told, now)
    deadline = editable_until(told)
    if registration.status not in LIVING or (deadline is not None and now >= deadline):
        raise AnswersAreFixed
    claim_files(registration_id, sheet, session=session)
    asked = [each.id for each in sheet.form.questions if each.kind == Kind.FILE]
    files.keep_only(session, registration_id, among=asked, kept=list(question_files(sheet).values()))
    answers.replace(session, registration_id, sheet, ring=terms.ring, now=now)

"""The answers of a sign-up, in its transaction."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.answers import Sheet, question_files
from services.registration.domain.registrations import SignUpWish, Terms
from services.registration.storage import answers, files
from services.registration.storage.tables import Event
from shared.errors import N_, InvalidInput


def ensure_answered(wish: SignUpWish, event: Event) -> None:
    """Let nobody pass a form by: a door that forgot to read the answers is told. A check without a query."""
    if event.form_id is not None and (wish.sheet is None or wish.sheet.form.id != event.form_id):
        raise InvalidInput({"answers": [N_("The questions have changed meanwhile. Please look at them again.")]})


def keep_answers(registration_id: UUID, sheet: Sheet, *, session: Session, now: datetime, terms: Terms) -> None:
    """Store the answers of a new registration; files that were sent before become part of it."""
    claim_files(registration_id, sheet, session=session)
    answers.add(session, registration_id, sheet, ring=terms.ring, now=now)


def claim_files(registration_id: UUID, sheet: Sheet, *, session: Session) -> None:
    """Raises InvalidInput for a file that is gone or never was hers."""
    for question_id, file_id in question_files(sheet).items():
        event_id = sheet.form.event_id
        if not files.claim(
            session, file_id, question_id=question_id, event_id=event_id, registration_id=registration_id
        ):
            raise InvalidInput({f"answers.{question_id}": [N_("Please choose the file again.")]})

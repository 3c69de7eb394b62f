"""An organiser opens a file that an attendee sent."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.registrations import Terms
from services.registration.domain.uploads import FileIsGone
from services.registration.storage import audit, files, forms, registrations
from services.registration.storage.files import FileFacts
from services.registration.storage.tables import Event
from services.registration.use_cases.access import ensure_may
from services.registration.use_cases.read_sensitive_answers import ACTION
from shared.errors import NotFound
from shared.policy import Actor


def read_file(
    file_id: UUID, *, event: Event, actor: Actor, session: Session, now: datetime, terms: Terms
) -> tuple[FileFacts, bytes]:
    """A file of a registration of this event. Every reading is in the log; sensitive ones need the right to them."""
    ensure_may(actor, "see_registrations", event)
    file = files.facts(session, [file_id]).get(file_id)
    if file is None or file.registration_id is None:
        raise NotFound
    if registrations.get(session, file.registration_id).event_id != event.id:
        raise NotFound  # whatever its question's id: anybody may use that in a form of her own
    if _is_sensitive(session, event, file.question_id):
        ensure_may(actor, ACTION, event)
    audit.record(
        session,
        actor,
        "read_file",
        object_id=file.registration_id,
        organisation_id=event.organisation_id,
        now=now,
        file=str(file_id),
    )
    content = files.content(session, file_id, ring=terms.ring)
    if content is None:
        raise FileIsGone
    return file, content


def _is_sensitive(session: Session, event: Event, question_id: UUID) -> bool:
    """In any version: who may read does not grow by a later change of the form."""
    found = (each.question(question_id) for each in forms.versions(session, event.id))
    return any(each is not None and each.sensitive for each in found)

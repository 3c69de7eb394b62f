"""Organisers write down what they have to remember about a registration."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.storage import audit, notes, registrations
from services.registration.storage.tables import Note
from services.registration.use_cases.access import ensure_may
from shared.errors import NotFound
from shared.policy import Actor


def write_note(registration_id: UUID, text: str, *, actor: Actor, session: Session, now: datetime) -> Note:
    """Keep a note about a registration. It goes on no queue and to no company. Raises NotFound."""
    registration = registrations.get(session, registration_id)
    ensure_may(actor, "change_registration", registration.event)
    note = notes.add(
        session,
        registration_id=registration.id,
        event_id=registration.event_id,
        text=text,
        author_id=actor.id,
        now=now,
    )
    _record(session, actor, "write_note", registration_id, now=now, organisation=registration.event.organisation_id)
    return note


def drop_note(note_id: UUID, *, actor: Actor, session: Session, now: datetime) -> None:
    """Take a note away for good. Raises NotFound."""
    note = notes.get(session, note_id)
    registration = registrations.get(session, note.registration_id)
    ensure_may(actor, "change_registration", registration.event)
    notes.drop(session, note)
    _record(session, actor, "drop_note", registration.id, now=now, organisation=registration.event.organisation_id)


def notes_of(registration_id: UUID, *, actor: Actor, session: Session) -> list[Note]:
    """The notes, for organisers of the same organisation alone. Raises NotFound."""
    registration = registrations.get(session, registration_id)
    ensure_may(actor, "change_registration", registration.event)
    return list(notes.of_registration(session, registration_id))


def ensure_note_of(note: Note, registration_id: UUID) -> None:
    """A note under another registration's address does not exist."""
    if note.registration_id != registration_id:
        raise NotFound


def _record(
    session: Session, actor: Actor, action: str, registration_id: UUID, *, now: datetime, organisation: UUID
) -> None:
    audit.record(session, actor, action, object_id=registration_id, organisation_id=organisation, now=now)

"""Notes, histories and the log of who did what, as JSON. For organisers."""

from typing import Any
from uuid import UUID

from services.registration.api.first import own_event, own_registration
from services.registration.domain.selection import Earlier
from services.registration.schemas.notes import (
    HistorySchema,
    LogPage,
    LogQuery,
    NoteSchema,
    NotesSchema,
    NoteWish,
    log_before,
    log_key,
)
from services.registration.storage import audit, earlier_events, history, registrations
from services.registration.storage import notes as stored
from services.registration.storage.audit import LogFilter
from services.registration.storage.tables import Note
from services.registration.use_cases.notes import drop_note, ensure_note_of, notes_of, write_note
from shared import clock
from shared.http.app import reading, transaction
from shared.http.identity import current_actor
from shared.http.openapi import Blueprint
from shared.http.paging import page

resource = Blueprint(
    "notes", __name__, url_prefix="/registration/api/v1", description="Notes, histories, and who did what"
)


@resource.get("/registrations/<uuid:registration_id>/notes")
@own_registration
@resource.response(200, NotesSchema)
@resource.alt_response(404, description="No such registration, or not yours")
def list_notes(registration_id: UUID) -> dict[str, Any]:
    """What organisers wrote down about a registration."""
    with reading() as session:
        return {"items": notes_of(registration_id, actor=current_actor(), session=session)}


@resource.post("/registrations/<uuid:registration_id>/notes")
@own_registration
@resource.arguments(NoteWish)
@resource.response(201, NoteSchema)
@resource.alt_response(404, description="No such registration, or not yours")
def add_note(wish: dict[str, Any], registration_id: UUID) -> Note:
    """Write something down. It is never sent to anybody."""
    with transaction() as session:
        return write_note(registration_id, wish["text"], actor=current_actor(), session=session, now=clock.now())


@resource.delete("/registrations/<uuid:registration_id>/notes/<uuid:note_id>")
@own_registration
@resource.response(204)
@resource.alt_response(404, description="No such note, or not yours")
def remove_note(registration_id: UUID, note_id: UUID) -> None:
    """Take a note away for good."""
    with transaction() as session:
        ensure_note_of(stored.get(session, note_id), registration_id)
        drop_note(note_id, actor=current_actor(), session=session, now=clock.now())


@resource.get("/registrations/<uuid:registration_id>/history")
@own_registration
@resource.response(200, HistorySchema)
@resource.alt_response(404, description="No such registration, or not yours")
def show_history(registration_id: UUID) -> dict[str, Any]:
    """What became of a registration, and how often its owner came to earlier events of the organisation."""
    with reading() as session:
        found = registrations.get(session, registration_id)
        organisation = found.event.organisation_id
        known = earlier_events.earlier(session, [found], organisation_id=organisation, now=clock.now())
        items = [
            *({"at": found.created_at, "kind": "signed_up", "actor_id": None, "facts": {"source": found.source}},),
            *(
                {"at": each.at, "kind": each.kind, "actor_id": None, "facts": each.facts}
                for each in history.of_registration(session, found.id)
            ),
            *(
                {"at": each.at, "kind": each.action, "actor_id": each.actor_id, "facts": each.facts}
                for each in audit.of_object(session, found.id)
            ),
        ]
        earlier = known.get(found.email_key, Earlier())
        return {"items": sorted(items, key=lambda each: each["at"]), "earlier": earlier}


@resource.get("/events/<uuid:event_id>/log")
@own_event
@resource.arguments(LogQuery, location="query")
@resource.response(200, LogPage)
@resource.alt_response(404, description="No such event, or not yours")
def show_log(query: dict[str, Any], event_id: UUID) -> dict[str, Any]:
    """Who did what with an event's registrations, newest first."""
    wanted = LogFilter(
        action=query["action"],
        actor_id=query["actor"],
        object_id=query["registration"],
        since=query["since"],
        until=query["until"],
    )
    with reading() as session:
        before, limit = log_before(query["cursor"]), query["limit"]
        rows = audit.of_event(session, event_id, wanted, limit=limit + 1, before=before)
        return page(rows, limit, key=log_key)

"""What an event asks, what people answered, and files that are answers."""

from typing import Any, cast
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from services.registration.api.first import known_event, own_event, own_registration
from services.registration.domain.answers import Answer
from services.registration.domain.questions import Kind
from services.registration.domain.registrations import ensure_open
from services.registration.domain.uploads import ENDINGS, MOST_BYTES
from services.registration.schemas.forms import (
    CopyWish,
    FileQuery,
    FileSchema,
    FormSchema,
    FormWish,
    form_document,
    whole_form,
)
from services.registration.schemas.house import terms
from services.registration.schemas.told_answers import AnswersQuery, AnswersSchema, answer_documents
from services.registration.storage import answers, events, files, forms, idempotency, registrations
from services.registration.storage.tables import Registration
from services.registration.use_cases.access import is_organiser
from services.registration.use_cases.clean_upload import clean_upload
from services.registration.use_cases.copy_form import copy_form
from services.registration.use_cases.publish_form import publish_form
from services.registration.use_cases.read_sensitive_answers import read_sensitive_answers
from shared import clock
from shared.errors import NotFound
from shared.http.app import reading, transaction
from shared.http.hardening import accepts_body
from shared.http.idempotency import IDEMPOTENCY, once
from shared.http.identity import current_actor
from shared.http.openapi import Blueprint

resource = Blueprint(
    "forms", __name__, url_prefix="/registration/api/v1", description="Questions of a sign-up, and answers"
)
_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}


@resource.get("/events/<uuid:event_id>/form")
@known_event
@resource.response(200, FormSchema)
@resource.alt_response(404, description="No such event")
def show(event_id: UUID) -> dict[str, Any]:
    """What the event asks now. `answers` of a sign-up are named by the questions' ids."""
    with reading() as session:
        return form_document(event_id, forms.current(session, events.get(session, event_id)))


@resource.put("/events/<uuid:event_id>/form")
@own_event
@resource.arguments(FormWish)
@resource.response(200, FormSchema)
@resource.alt_response(401, description="No token")
@resource.alt_response(404, description="No such event, or not yours")
@resource.alt_response(409, description="The questions do not stand in an order that works")
def replace(wish: dict[str, Any], event_id: UUID) -> dict[str, Any]:
    """Ask this from now on, as a new version. For organisers.

    Answers that were given keep pointing to the version they were given to. Questions that have an `id` stay the same
    question; with another `kind` they become another one, with a new id. The draft in the builder is replaced too.
    """
    with transaction() as session:
        event = events.get(session, event_id)
        publish_form(event, actor=current_actor(), session=session, now=clock.now(), instead=whole_form(wish))
        return form_document(event_id, forms.current(session, event))


@resource.post("/events/<uuid:event_id>/form/copy")
@own_event
@resource.arguments(CopyWish)
@resource.response(200, FormSchema)
@resource.alt_response(401, description="No token")
@resource.alt_response(404, description="No such event, or not yours, or of different organisations")
@resource.alt_response(409, description="That event asks nothing")
@resource.doc(parameters=[IDEMPOTENCY])
def copy(wish: dict[str, UUID], event_id: UUID) -> Response:
    """Ask what another event asks, from now on, in place of what this one asked. For organisers.

    The questions get new ids; if the same is asked already, they stay. The draft in the builder is replaced too.
    """

    def act() -> tuple[dict[str, Any], int]:
        how: dict[str, Any] = {"actor": current_actor(), "session": session, "now": clock.now()}
        copy_form(wish["from_event_id"], event=event, **how)
        document = form_document(event_id, forms.current(session, event))
        return cast("dict[str, Any]", FormSchema().dump(document)), 200

    with transaction() as session:
        event = events.get(session, event_id)
        return once(session, act, answers=idempotency)


@resource.post("/events/<uuid:event_id>/files")
@known_event
@accepts_body(most=MOST_BYTES + 1, types=tuple(ENDINGS))
@resource.arguments(FileQuery, location="query")
@resource.response(201, FileSchema)
@resource.alt_response(404, description="No such event, or no such question for a file")
@resource.alt_response(409, description="Sign-up is closed; organisers may send files all the same")
@resource.alt_response(413, description="More than 5 MB")
@resource.alt_response(415, description="By its content neither PDF, PNG nor JPEG")
@resource.doc(requestBody={"required": True, "content": dict.fromkeys(ENDINGS, _BINARY)})
def add_file(query: dict[str, Any], event_id: UUID) -> dict[str, Any]:
    """Send a file; the id that comes back is the answer to the question. It is deleted after an hour without sign-up.

    Pictures are painted anew without their metadata; PDF files with scripts, attachments or a password are refused.
    """
    now = clock.now()
    with reading() as session:
        event = events.get(session, event_id)
        version = forms.current(session, event)
        question = version.question(query["question_id"]) if version else None
        if question is None or question.kind != Kind.FILE:
            raise NotFound
        if not is_organiser(current_actor(), event):
            ensure_open(events.snapshot(event), now)
    cleaned = clean_upload("", request.get_data())
    with transaction() as session:
        kept = files.stage(session, cleaned, event_id=event_id, question_id=question.id, ring=terms().ring, now=now)
    return {"id": kept.id, "name": kept.name, "media_type": kept.media_type, "size": kept.size}


@resource.get("/registrations/<uuid:registration_id>/answers")
@own_registration
@resource.arguments(AnswersQuery, location="query")
@resource.response(200, AnswersSchema)
@resource.alt_response(401, description="No token")
@resource.alt_response(403, description="Sensitive answers are for people who are signed in, not for tokens")
@resource.alt_response(404, description="No such registration, or not yours")
def show_answers(query: dict[str, Any], registration_id: UUID) -> dict[str, Any]:
    """What somebody answered, also to questions that are asked no longer. For organisers."""
    with transaction() as session:
        registration = registrations.get(session, registration_id)
        given = _opened(session, registration) if query["sensitive"] else _plain(session, registration)
        closed = set() if query["sensitive"] else forms.ever_sensitive(session, registration.event_id)
        told = answer_documents(session, given.values(), closed=closed)
        return {"registration_id": registration_id, "answers": told}


def _opened(session: Session, registration: Registration) -> dict[UUID, Answer]:
    return read_sensitive_answers(registration, actor=current_actor(), session=session, now=clock.now(), terms=terms())


def _plain(session: Session, registration: Registration) -> dict[UUID, Answer]:
    return answers.answers_of(session, [registration.id]).get(registration.id, {})

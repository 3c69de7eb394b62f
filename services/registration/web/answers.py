"""What one attendee answered, for organisers: sealed answers on demand and logged, files as attachments only."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from services.registration.domain.answers import Answer
from services.registration.schemas.house import terms
from services.registration.storage import answers, events, registrations
from services.registration.storage.tables import Event, Registration
from services.registration.use_cases.access import ensure_may, scope_of
from services.registration.use_cases.read_file import read_file
from services.registration.use_cases.read_sensitive_answers import ACTION, read_sensitive_answers
from services.registration.web import answer_view, event_view
from services.registration.web.personal import personal
from shared import clock
from shared.errors import NotFound
from shared.http.app import reading, transaction
from shared.http.identity import current_actor, require_signed_in
from shared.http.locale import in_language
from shared.policy import may

pages = Blueprint("answers", __name__, url_prefix="/registration/manage")


@pages.get("/<string:slug>/registrations/<uuid:registration_id>/answers")
@personal
def show(slug: str, registration_id: UUID) -> ResponseReturnValue:
    """Her answers, without the sealed ones."""
    with reading() as session:
        registration = _registration(session, slug, registration_id)
        given = answers.answers_of(session, [registration.id]).get(registration.id, {})
        return _page(session, registration, given)


@pages.post("/<string:slug>/registrations/<uuid:registration_id>/answers")
@personal
def open_sealed(slug: str, registration_id: UUID) -> ResponseReturnValue:
    """All of her answers; that they were read stands in the log."""
    with transaction() as session:
        registration = _registration(session, slug, registration_id)
        given = read_sensitive_answers(
            registration, actor=current_actor(), session=session, now=clock.now(), terms=terms()
        )
        return _page(session, registration, given)


@pages.get("/<string:slug>/files/<uuid:file_id>")
@personal
def file(slug: str, file_id: UUID) -> ResponseReturnValue:
    """A file that an attendee sent, to be saved and never shown in our pages."""
    actor = require_signed_in()
    with transaction() as session:
        event = events.get_by_slug(session, slug)
        facts, content = read_file(file_id, event=event, actor=actor, session=session, now=clock.now(), terms=terms())
    response = Response(content, mimetype=facts.media_type)
    response.headers.set("Content-Disposition", "attachment", filename=facts.name)
    g.policy = {"sandbox": "", "script-src": "'none'", "style-src": "'none'", "img-src": "'none'"}
    return response


def _registration(session: Session, slug: str, registration_id: UUID) -> Registration:
    actor = require_signed_in()
    event: Event = events.get_by_slug(session, slug)
    ensure_may(actor, "see_registrations", event)
    found = registrations.get(session, registration_id)
    if found.event_id != event.id:
        raise NotFound
    return found


def _page(session: Session, registration: Registration, given: dict[UUID, Answer]) -> str:
    event = registration.event
    told = events.snapshot(event)
    shown: list[Any] = answer_view.shown(session, event, given)
    return render_template(
        "registration/answers.html",
        registration=registration,
        answers=shown,
        has_sealed=any(each.is_sealed for each in shown),
        may_open=may(current_actor(), ACTION, scope_of(event)),
        file_base=f"/registration/manage/{event.slug}/files/",
        slug=event.slug,
        event=told,
        title=in_language(told.title),
        when_text=event_view.when_text(told),
    )

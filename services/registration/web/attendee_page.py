"""One registration as its organiser sees it: facts, history, earlier events, notes, and what can be done."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from services.registration.domain.registrations import LIVING
from services.registration.domain.selection import Earlier
from services.registration.schemas.notes import NoteWish
from services.registration.storage import audit, earlier_events, notes, notices, registrations
from services.registration.use_cases.notes import drop_note, ensure_note_of, write_note
from services.registration.web import attendee_columns, coming_view, history_view, words
from services.registration.web.batch_words import OFFERED
from services.registration.web.manage_view import context, event_of, registration_of
from services.registration.web.personal import personal
from services.registration.web.standing import standing
from shared import clock
from shared.http.app import reading, transaction
from shared.http.forms import Form, read_form
from shared.http.identity import current_actor
from shared.http.locale import _

pages = Blueprint("attendee_page", __name__, url_prefix="/registration/manage")


@pages.get("/<string:slug>/attendees/<uuid:registration_id>")
@personal
def show(slug: str, registration_id: UUID) -> ResponseReturnValue:
    """Everything about one registration."""
    return _show(slug, registration_id, Form())


@pages.post("/<string:slug>/attendees/<uuid:registration_id>/notes")
@personal
def add_note(slug: str, registration_id: UUID) -> ResponseReturnValue:
    """Write something down."""
    wish, form = read_form(NoteWish)
    if wish is None:
        return _show(slug, registration_id, form)
    with transaction() as session:
        found = registration_of(session, event_of(session, slug), registration_id)
        write_note(found.id, wish["text"], actor=current_actor(), session=session, now=clock.now())
    flash(_("The note is kept. Only organisers of your organisation can read it."), "success")
    return redirect(_page(slug, registration_id, "notes"), 303)


@pages.post("/<string:slug>/attendees/<uuid:registration_id>/notes/<uuid:note_id>/delete")
@personal
def delete_note(slug: str, registration_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Take a note away."""
    with transaction() as session:
        registration_of(session, event_of(session, slug), registration_id)
        ensure_note_of(notes.get(session, note_id), registration_id)
        drop_note(note_id, actor=current_actor(), session=session, now=clock.now())
    flash(_("The note is deleted."), "success")
    return redirect(_page(slug, registration_id, "notes"), 303)


def _page(slug: str, registration_id: UUID, anchor: str) -> str:
    return url_for("attendee_page.show", slug=slug, registration_id=registration_id, _anchor=anchor)


def _show(slug: str, registration_id: UUID, form: Form) -> ResponseReturnValue:
    now = clock.now()
    with reading() as session:
        event = event_of(session, slug)
        found = registration_of(session, event, registration_id)
        known = earlier_events.earlier(session, [found], organisation_id=event.organisation_id, now=now)
        written = notes.of_registration(session, found.id)
        page = render_template(
            "registration/attendee.html",
            form=form,
            registration=found,
            standing=standing(found),
            places=attendee_columns.living(found),
            positions=registrations.positions(session, found.id),
            earlier=known.get(found.email_key, Earlier()),
            notes=written,
            authors=audit.names(session, {each.author_id for each in written if each.author_id}),
            history=history_view.happenings(session, found),
            source=_(words.SOURCES.get(found.source, found.source)),
            consents=[
                (_(words.CONSENTS.get(each.purpose, each.purpose)), each.given_at, each.withdrawn_at)
                for each in found.consents
            ],
            offered=[(name, _(label)) for name, label in OFFERED.items() if name != "cancel"],
            is_living=found.status in LIVING,
            coming=coming_view.answer_words(notices.questions(session, [found.id]).get(found.id)),
            **context(session, event),
        )
    return page, 422 if form.has_errors() else 200

"""After the event: who came, corrections, exports, and the list for signature."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from services.registration.domain.check_in import choose_session
from services.registration.schemas.attendance import CorrectionForm
from services.registration.schemas.house import terms
from services.registration.storage import attendance, events
from services.registration.use_cases.access import ensure_may
from services.registration.use_cases.correct_attendance import mark_absent, mark_present
from services.registration.use_cases.export_attendance import export_attendance
from services.registration.use_cases.read_sensitive_answers import read_all_sensitive_answers
from services.registration.web import answer_view, attendance_files, event_view
from services.registration.web.check_in_view import session_labels
from services.registration.web.personal import personal
from shared import clock
from shared.contracts.events import SessionSnapshot
from shared.http.app import reading, transaction
from shared.http.forms import read_form
from shared.http.identity import require_signed_in
from shared.http.locale import current_direction, in_language
from shared.http.problems import BadForm

pages = Blueprint("attendance_pages", __name__, url_prefix="/registration/manage")


@pages.get("/<string:slug>/attendance")
@personal
def show_attendance(slug: str) -> ResponseReturnValue:
    """Who came to a session and who did not."""
    with reading() as session:
        return render_template("registration/attendance.html", **_context(session, slug))


@pages.get("/<string:slug>/attendance/print")
@personal
def print_attendance(slug: str) -> ResponseReturnValue:
    """Name and signature, on paper."""
    with reading() as session:
        return render_template("registration/attendance_print.html", **_context(session, slug))


@pages.post("/<string:slug>/attendance/<uuid:registration_id>")
@personal
def correct(slug: str, registration_id: UUID) -> ResponseReturnValue:
    """Mark somebody present or absent."""
    actor, now = require_signed_in(), clock.now()
    wish, _form = read_form(CorrectionForm)
    if wish is None:
        raise BadForm
    change = mark_present if wish["is_present"] else mark_absent
    with transaction() as session:
        event = events.get_by_slug(session, slug)
        change(registration_id, wish["session_id"], event=event, actor=actor, session=session, now=now)
    back = f"/registration/manage/{slug}/attendance?session={wish['session_id']}#attendee-{registration_id}"
    return redirect(back, 303)


@pages.get("/<string:slug>/attendance.csv")
@personal
def export_csv(slug: str) -> ResponseReturnValue:
    """For other programs."""
    event, rows = _exported(slug, "csv")
    return _file(attendance_files.as_csv(rows), attendance_files.CSV, attendance_files.file_name(event, "csv"))


@pages.get("/<string:slug>/attendance.xlsx")
@personal
def export_xlsx(slug: str) -> ResponseReturnValue:
    """For spreadsheets."""
    event, rows = _exported(slug, "xlsx")
    book = attendance_files.as_xlsx(
        rows, title=in_language(event.title).text, right_to_left=current_direction() == "rtl"
    )
    return _file(book, attendance_files.XLSX, attendance_files.file_name(event, "xlsx"))


def _exported(slug: str, form: str) -> tuple[Any, list[list[str]]]:
    actor = require_signed_in()
    with transaction() as session:
        event = events.get_by_slug(session, slug)
        now = clock.now()
        people = export_attendance(event, form=form, actor=actor, session=session, now=now)
        told = events.snapshot(event)
        opened = None
        if request.args.get("sensitive") == "true":
            opened = read_all_sensitive_answers(event, actor=actor, session=session, now=now, terms=terms())
        return told, attendance_files.table(told, people, answer_view.columns(session, event, opened=opened))


def _file(content: bytes, kind: str, name: str) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = kind
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _context(session: Session, slug: str) -> dict[str, Any]:
    event = events.get_by_slug(session, slug)
    ensure_may(require_signed_in(), "see_registrations", event)
    told = events.snapshot(event)
    chosen = _chosen(told.sessions)
    people = [each for each in attendance.attendees(session, event) if chosen and each.belongs_to(chosen.id)]
    return {
        "event": told,
        "slug": event.slug,
        "title": in_language(told.title),
        "when_text": event_view.when_text(told),
        "where_text": event_view.where_text(told),
        "organiser": told.organiser.name,
        "sessions": told.sessions,
        "labels": session_labels(event),
        "chosen": chosen,
        "is_over": chosen is not None and chosen.ends_at <= clock.now(),
        "people": people,
        "present": [each for each in people if chosen and chosen.id in each.presences],
        "absent": [each for each in people if chosen and chosen.id not in each.presences],
    }


def _chosen(sessions: tuple[SessionSnapshot, ...]) -> SessionSnapshot | None:
    by_id = {str(each.id): each for each in sessions}
    current = choose_session(sessions, clock.now())
    return by_id.get(request.args.get("session", "")) or (by_id[str(current.id)] if current else None)

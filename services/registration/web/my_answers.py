"""What she answered, and how she changes it until the deadline."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from services.registration.domain.answers import AnswersAreFixed, editable_until
from services.registration.domain.registrations import LIVING
from services.registration.schemas.house import terms
from services.registration.schemas.sign_up import AnswersForm
from services.registration.storage import answers, events, forms, registrations
from services.registration.storage.tables import Registration
from services.registration.use_cases.edit_answers import edit_answers
from services.registration.use_cases.open_questions import open_questions
from services.registration.web import answer_forms, answer_view, event_view, question_view
from services.registration.web.personal import personal
from shared import clock
from shared.errors import InvalidInput
from shared.http.app import reading, transaction
from shared.http.forms import Form, read_form
from shared.http.hardening import accepts_body
from shared.http.locale import _, in_language

pages = Blueprint("my_answers", __name__, url_prefix="/registration/my")


@pages.get("/<string:token>/answers")
@personal
def ask(token: str) -> ResponseReturnValue:
    """The form with what she answered."""
    with reading() as session:
        registration = registrations.get_by_page(session, token)
        given = answers.opened(session, registration.id, ring=terms().ring)
    return _show(token, Form(answer_forms.values_of(given)))


@pages.post("/<string:token>/answers")
@personal
@accepts_body(most=answer_forms.MOST_BODY)
def change(token: str) -> ResponseReturnValue:
    """Put these answers in place of the ones before."""
    with reading() as session:
        registration = registrations.get_by_page(session, token)
        _ensure_open(registration, clock.now())
        version = forms.current(session, registration.event)
    taken, faults = answer_forms.take_in(version)
    wish, form = read_form(AnswersForm)
    form = form.filled(taken).rejected(faults)
    if wish is None or faults or version is None:
        return _show(token, form)
    try:
        with transaction() as session:
            found = registrations.get_by_page(session, token)
            sheet = answer_forms.sheet_in(version, form, found.event)
            edit_answers(found.id, sheet, session=session, now=clock.now(), terms=terms())
    except InvalidInput as rejection:
        return _show(token, form.rejected(rejection))
    flash(_("Your answers are saved."), "success")
    return redirect(f"/registration/my/{token}", 303)


def shown(session: Session, registration: Registration) -> dict[str, Any]:
    """What her page says about her answers; sensitive ones are named, not shown."""
    given = answers.answers_of(session, [registration.id]).get(registration.id, {})
    can_answer = registration.event.form_id is not None and is_open(registration, clock.now())
    wanted = open_questions(session, registration.event, registration, now=clock.now()) if can_answer else []
    return {
        "answers": answer_view.shown(session, registration.event, given),
        "can_answer": can_answer,
        "wanted": [in_language(each.label) for each in wanted],
        "needs_answers": any(each.required or each.must_agree for each in wanted),
        "answer_until": editable_until(events.snapshot(registration.event)),
    }


def is_open(registration: Registration, now: datetime) -> bool:
    """Whether she may still change her answers."""
    told = events.snapshot(registration.event)
    deadline = editable_until(told)
    is_alive = registration.status in LIVING and told.status == "published"
    return is_alive and (deadline is None or now < deadline)


def _ensure_open(registration: Registration, now: datetime) -> None:
    if registration.event.form_id is None or not is_open(registration, now):
        raise AnswersAreFixed


def _show(token: str, form: Form) -> ResponseReturnValue:
    with reading() as session:
        registration = registrations.get_by_page(session, token)
        _ensure_open(registration, clock.now())
        told = events.snapshot(registration.event)
        if form.has_errors():
            form = answer_forms.with_faults(form, forms.current(session, registration.event), registration.event)
        questions = answer_forms.asked(session, registration.event, form)
    page = render_template(
        "registration/my_answers.html",
        form=form,
        questions=questions,
        names=question_view.labels(questions),
        token=token,
        title=in_language(told.title),
        until=editable_until(told),
        zone=event_view.zone_of(told),
    )
    return page, 422 if form.has_errors() else 200

"""One question of a form: its words in all languages, its answers, when it is asked and how long answers are kept."""

import re
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from services.registration.domain import forms as rules
from services.registration.domain.forms import Questions
from services.registration.domain.questions import CHOICES, Kind, Question, to_document
from services.registration.schemas.forms import QuestionForm, question_of
from services.registration.storage import forms
from services.registration.use_cases.change_form import change_form
from services.registration.web.form_builder import head, own_event
from services.registration.web.personal import personal
from services.registration.web.question_words import KINDS, answers_named
from shared import clock
from shared.errors import InvalidInput, NotFound
from shared.http.app import reading, transaction
from shared.http.forms import Form, read_form
from shared.http.identity import current_actor
from shared.http.locale import _, choices, current_locale

pages = Blueprint("form_question", __name__, url_prefix="/registration/manage")

SPARE_ROWS = 3
_ROW = re.compile(r"[0-9]{1,4}")
_MORE = frozenset({"more", "rows", "kind"})


@pages.get("/<string:slug>/form/questions/new")
@personal
def ask_new(slug: str) -> ResponseReturnValue:
    """The empty page for a question of a kind."""
    return _show(slug, _kind(request.args.get("kind")), Form({"retention_days": ""}))


@pages.post("/<string:slug>/form/questions/new")
@personal
def add(slug: str) -> ResponseReturnValue:
    """A new question at the end."""
    return _save(slug, _kind(request.form.get("kind")), None)


@pages.get("/<string:slug>/form/questions/<uuid:question_id>")
@personal
def ask(slug: str, question_id: UUID) -> ResponseReturnValue:
    """A question to change."""
    with reading() as session:
        question = _question(session, slug, question_id)
    return _show(slug, question.kind, Form(_values(question)), question)


@pages.post("/<string:slug>/form/questions/<uuid:question_id>")
@personal
def change(slug: str, question_id: UUID) -> ResponseReturnValue:
    """Other words, other rules; the same question."""
    with reading() as session:
        question = _question(session, slug, question_id)
    return _save(slug, question.kind, question)


def _save(slug: str, kind: Kind, known: Question | None) -> ResponseReturnValue:
    wish, form = read_form(QuestionForm, ignore=_MORE)
    if "more" in request.form:
        return _show(slug, kind, form.without_errors(), known)
    if wish is None:
        return _show(slug, kind, form, known)
    try:
        question = question_of(wish, id=known.id if known else uuid4(), kind=kind)
        with transaction() as session:
            event = own_event(session, slug)
            put = partial(rules.put, question=question)
            change_form(event, put, actor=current_actor(), session=session, now=clock.now())
    except InvalidInput as rejection:
        return _show(slug, kind, form.rejected(rejection), known)
    flash(_("The question is saved. Publish the form to make it count."), "success")
    return redirect(f"/registration/manage/{slug}/form#question-{question.id}", 303)


def _show(slug: str, kind: Kind, form: Form, known: Question | None = None) -> ResponseReturnValue:
    with reading() as session:
        event = own_event(session, slug)
        draft = forms.draft(session, event.id)
        is_answered = known is not None and any(
            version.question(known.id) for version in forms.versions(session, event.id)
        )
    page = render_template(
        "registration/form/question.html",
        form=form,
        kind=str(kind),
        kind_name=_(KINDS[kind]),
        is_choice=kind in CHOICES,
        rows=_rows(form),
        conditions=_conditions(draft, known),
        texts_in=_languages(),
        is_new=known is None,
        is_answered=is_answered,
        names=_names(),
        **head(event),
    )
    return page, 422 if form.has_errors() else 200


def _question(session: Session, slug: str, question_id: UUID) -> Question:
    draft = forms.draft(session, own_event(session, slug).id)
    found = next((each for each in draft if each.id == question_id), None)
    if found is None:
        raise NotFound
    return found


def _kind(name: str | None) -> Kind:
    try:
        return Kind(name or "")
    except ValueError:
        raise NotFound from None


def _values(question: Question) -> dict[str, Any]:
    values = to_document(question)
    condition = question.condition
    values["condition"] = f"{condition.question_id}:{condition.value}" if condition else ""
    return {name: value for name, value in values.items() if name not in {"id", "kind"} and value is not None}


def _conditions(draft: Questions, known: Question | None) -> list[tuple[str, str]]:
    """Every answer to a question before this one."""
    order = [each.id for each in draft]
    before = draft[: order.index(known.id)] if known and known.id in order else draft
    return answers_named(before)


def _rows(form: Form) -> list[int]:
    """As many options as there are, and some to fill in."""
    rows = {name.split(".")[1] for name in form.names() if name.startswith("options.")}
    taken = {int(each) for each in rows if _ROW.fullmatch(each)}
    filled = [
        each for each in sorted(taken) if any(form.value(f"options.{each}.label.{one.code}") for one in choices())
    ]
    start = max(taken, default=-1) + 1 if filled else 0
    spare = SPARE_ROWS if filled else SPARE_ROWS + 1
    return [*filled, *range(start, start + spare)][: rules.MOST_OPTIONS]


def _languages() -> list[Any]:
    """The reader's language first."""
    return sorted(choices(), key=lambda each: (each.code != current_locale(), each.code))


def _names() -> dict[str, str]:
    return {
        "label": _("Question"),
        "purpose": _("Why you ask"),
        "help": _("Help text"),
        "options": _("Answers to choose from"),
        "retention_days": _("Days after the event until answers are deleted"),
        "required": _("An answer is required"),
        "condition": _("When it is asked"),
        "least": _("Smallest number"),
        "most": _("Largest number"),
    }

"""The organiser builds the form of an event: questions, order, preview, publication. No code, no script needed."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from services.registration.domain import forms as rules
from services.registration.domain.forms import FormVersion, Questions
from services.registration.domain.questions import Kind
from services.registration.domain.ready_made import SETS, questions_for
from services.registration.storage import answers, events, forms
from services.registration.storage.tables import Event
from services.registration.use_cases.access import ensure_may
from services.registration.use_cases.change_form import ACTION, change_form
from services.registration.use_cases.publish_form import publish_form
from services.registration.web import answer_forms, event_view, question_view
from services.registration.web.personal import personal
from services.registration.web.question_words import KINDS
from shared import clock
from shared.errors import NotFound, Rejection
from shared.http.app import reading, transaction
from shared.http.context import installed
from shared.http.forms import Form
from shared.http.hardening import accepts_body
from shared.http.identity import current_actor, require_signed_in
from shared.http.locale import _, format_date, in_language
from shared.http.problems import sentence, status_of

pages = Blueprint("form_builder", __name__, url_prefix="/registration/manage")


@pages.get("/<string:slug>/form")
@personal
def overview(slug: str) -> ResponseReturnValue:
    """The questions in their order, and what can be done with them."""
    with reading() as session:
        event = own_event(session, slug)
        draft, version = forms.draft(session, event.id), forms.current(session, event)
        former = _former(session, event, draft)
        asked = question_view.asked(draft, subjects=events.snapshot(event).fields_of_study)
        return render_template(
            "registration/form/overview.html",
            questions=asked,
            former=former,
            version=version,
            is_published=draft == (version.questions if version else ()),
            kinds=[(str(kind), _(name)) for kind, name in KINDS.items()],
            kind_names={str(kind): _(name) for kind, name in KINDS.items()},
            formats=list(SETS),
            others=[_other(each) for each in forms.others(session, event)],
            moved=request.args.get("moved", ""),
            **head(event),
        )


@pages.post("/<string:slug>/form/questions/<uuid:question_id>/move")
@personal
def move(slug: str, question_id: UUID) -> ResponseReturnValue:
    """One place up or down."""
    by = -1 if request.form.get("direction") == "up" else 1
    return _rearranged(slug, partial(rules.move, question_id=question_id, by=by), question_id)


@pages.post("/<string:slug>/form/order")
@personal
def arrange(slug: str) -> ResponseReturnValue:
    """The order in which they were dropped."""
    try:
        order = [UUID(each) for each in request.form.getlist("order")[: rules.MOST_QUESTIONS]]
        moved = UUID(request.form.get("moved", ""))
    except ValueError:
        raise NotFound from None
    return _rearranged(slug, partial(rules.arrange, order=order), moved)


@pages.post("/<string:slug>/form/questions/<uuid:question_id>/remove")
@personal
def remove(slug: str, question_id: UUID) -> ResponseReturnValue:
    """Ask this no longer, from the next publication on."""
    return _changed(
        slug,
        partial(rules.remove, question_id=question_id),
        _("The question is taken out. Publish the form to make it count."),
    )


@pages.post("/<string:slug>/form/sets")
@personal
def add_set(slug: str) -> ResponseReturnValue:
    """Ready-made questions of a format."""
    name = request.form.get("format", "")
    if name not in SETS:
        raise NotFound
    return _changed(
        slug, partial(rules.add_all, more=questions_for(name)), _("The questions are added. Change what you like.")
    )


@pages.post("/<string:slug>/form/discard")
@personal
def discard(slug: str) -> ResponseReturnValue:
    """Back to what is published."""
    with reading() as session:
        version = forms.current(session, own_event(session, slug))
    published = version.questions if version else ()
    return _changed(slug, lambda _draft: published, _("The form is again as it was published."))


@pages.post("/<string:slug>/form/publish")
@personal
def publish(slug: str) -> ResponseReturnValue:
    """From now on people are asked this."""
    with transaction() as session:
        event = own_event(session, slug)
        publish_form(event, actor=current_actor(), session=session, now=clock.now())
    flash(_("The form is published. Whoever signs up from now on is asked these questions."), "success")
    return redirect(f"/registration/manage/{slug}/form", 303)


@pages.get("/<string:slug>/form/preview")
@personal
def preview(slug: str) -> ResponseReturnValue:
    """As an attendee sees it, in any language of the product."""
    return _show_preview(slug, Form())


@pages.post("/<string:slug>/form/preview")
@personal
@accepts_body(most=answer_forms.MOST_BODY)
def try_out(slug: str) -> ResponseReturnValue:
    """What she would be told; nothing is stored."""
    form = Form({name: request.form.getlist(name) for name in request.form})
    taken, faults = answer_forms.looked_at()
    return _show_preview(slug, form.filled(taken).rejected(faults), is_sent=True)


def own_event(session: Session, slug: str) -> Event:
    """The event, for those who may build its form."""
    actor = require_signed_in()
    event = events.get_by_slug(session, slug)
    ensure_may(actor, ACTION, event)
    return event


def head(event: Event) -> dict[str, Any]:
    """What every page of the builder carries."""
    told = events.snapshot(event)
    return {
        "slug": event.slug,
        "event": told,
        "title": in_language(told.title),
        "when_text": event_view.when_text(told),
        "here": f"/registration/manage/{event.slug}/form",
    }


def _other(event: Event) -> tuple[UUID, str]:
    told = events.snapshot(event)
    day = format_date(event.starts_at, event_view.zone_of(told), "medium") if event.starts_at else ""
    return event.id, ", ".join(filter(None, (in_language(told.title).text, day)))


def _former(session: Session, event: Event, draft: Questions) -> list[Any]:
    """Questions that were asked once and are answered still."""
    versions = forms.versions(session, event.id)
    kept = {each.id for each in draft}
    gone = {one.id: one for version in versions for one in version.questions if one.id not in kept}
    if not gone or not answers.has_any(session, [each.id for each in versions]):
        return []
    return [in_language(each.label) for each in gone.values()]


def _rearranged(slug: str, change: Callable[[Questions], Questions], moved: UUID) -> ResponseReturnValue:
    wants_json = request.headers.get("X-Script") == "1"
    try:
        with transaction() as session:
            event = own_event(session, slug)
            questions = change_form(event, change, actor=current_actor(), session=session, now=clock.now())
    except Rejection as rejection:
        if not wants_json or rejection.kind != "conflict":
            raise
        return jsonify(said=sentence(rejection)), status_of(rejection)
    order = [each.id for each in questions]
    label = in_language(questions[order.index(moved)].label).text if moved in order else ""
    place = order.index(moved) + 1 if moved in order else 0
    said = _("“%(question)s” is now number %(place)s of %(all)s.", question=label, place=place, all=len(order))
    if wants_json:
        return jsonify(said=said, order=[str(each) for each in order])
    flash(said, "success")
    direction = "up" if request.form.get("direction") == "up" else "down"
    return redirect(f"/registration/manage/{slug}/form?moved={moved}.{direction}#question-{moved}", 303)


def _changed(slug: str, change: Callable[[Questions], Questions], said: str) -> ResponseReturnValue:
    with transaction() as session:
        change_form(own_event(session, slug), change, actor=current_actor(), session=session, now=clock.now())
    flash(said, "success")
    return redirect(f"/registration/manage/{slug}/form", 303)


def _show_preview(slug: str, form: Form, *, is_sent: bool = False) -> ResponseReturnValue:
    with reading() as session:
        event = own_event(session, slug)
        version = FormVersion(id=uuid4(), event_id=event.id, number=0, questions=forms.draft(session, event.id))
        wanted = request.args.get("in", "")
        if wanted in installed().catalogues.available:
            g.locale = wanted  # this answer only: the organiser's own language stays
        if is_sent:
            form = answer_forms.with_faults(form, version, event)
        questions = answer_forms.asked(session, event, form, version)
    has_files = any(each.kind == Kind.FILE for each in questions)
    page = render_template(
        "registration/form/preview.html",
        form=form,
        questions=questions,
        has_files=has_files,
        is_fine=is_sent and not form.has_errors(),
        names=question_view.labels(questions),
        **head(event),
    )
    return page, 422 if form.has_errors() else 200

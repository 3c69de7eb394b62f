"""Actions on many: the page that asks for the rest, the page that says what became of it, and undo."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from services.registration.domain.batches import MESSAGES_A_DAY, Action, BatchState, is_reversible
from services.registration.domain.selection import MOST_SELECTED
from services.registration.schemas.batches import BatchForm, TickedForm, ticked
from services.registration.storage import attendee_list, audit, batches, events
from services.registration.storage.tables import Batch, Event
from services.registration.use_cases.start_batch import start_batch
from services.registration.use_cases.undo_batch import undo_batch
from services.registration.web.batch_words import OFFERED, OUTCOMES, STATES
from services.registration.web.check_in_view import session_labels
from services.registration.web.event_view import when_text
from services.registration.web.manage_view import context, event_of
from services.registration.web.personal import personal
from shared import clock
from shared.errors import InvalidInput, NotFound
from shared.http.app import reading, transaction
from shared.http.context import installed
from shared.http.forms import Form, read_form
from shared.http.identity import current_actor
from shared.http.locale import _
from shared.http.problems import BadForm

pages = Blueprint("batches_pages", __name__, url_prefix="/registration/manage")
_SHOWN = 200


@pages.post("/<string:slug>/attendees/action")
@personal
def ask(slug: str) -> ResponseReturnValue:
    """Who is ticked and what is to be done; nothing is done yet."""
    wish, form = read_form(TickedForm, ignore={"select"})
    if wish is None:
        raise BadForm
    if not wish["all_matching"] and not wish["ids"]:
        flash(_("Please tick at least one registration."), "warning")
        return redirect(url_for("attendee_list.show", slug=slug), 303)
    return _ask(slug, form)


@pages.post("/<string:slug>/attendees/batches")
@personal
def start(slug: str) -> ResponseReturnValue:
    """Write it down; it takes effect in a minute."""
    wish, form = read_form(BatchForm)
    if wish is None:
        return _ask(slug, form)
    try:
        with transaction() as session:
            event = event_of(session, slug)
            batch = start_batch(wish, event=event, actor=current_actor(), session=session, now=clock.now())
    except InvalidInput as rejection:
        return _ask(slug, form.rejected(rejection))
    return redirect(url_for("batches_pages.show", slug=slug, batch_id=batch.id), 303)


@pages.get("/<string:slug>/attendees/batches/<uuid:batch_id>")
@personal
def show(slug: str, batch_id: UUID) -> ResponseReturnValue:
    """What became of it, and the button that takes it back."""
    with reading() as session:
        event = event_of(session, slug)
        batch = _of_event(batches.get(session, batch_id), event.id)
        return render_template(
            "registration/batch.html",
            batch=batch,
            people=batches.people(session, batch.id, limit=_SHOWN),
            shown=_SHOWN,
            batch_counts=batches.counts(session, batch.id),
            who=audit.names(session, {batch.actor_id}).get(batch.actor_id, "") if batch.actor_id else "",
            can_undo=_can_undo(batch),
            is_open=batch.state in {BatchState.WAITING, BatchState.RUNNING, BatchState.TAKING_BACK},
            what=_(OFFERED[batch.action]),
            state_text=_(STATES[batch.state]),
            outcomes={name: _(text) for name, text in OUTCOMES.items()},
            **context(session, event),
        )


@pages.post("/<string:slug>/attendees/batches/<uuid:batch_id>/undo")
@personal
def undo(slug: str, batch_id: UUID) -> ResponseReturnValue:
    """Take it back."""
    with transaction() as session:
        event = event_of(session, slug)
        _of_event(batches.get(session, batch_id), event.id)
        batch = undo_batch(batch_id, actor=current_actor(), session=session, now=clock.now())
    if batch.state == BatchState.UNDONE:
        flash(_("It is taken back. Nothing was done and nothing was sent."), "success")
    else:
        flash(_("It is being taken back."), "success")
    return redirect(url_for("batches_pages.show", slug=slug, batch_id=batch_id), 303)


def _of_event(batch: Batch, event_id: UUID) -> Batch:
    if batch.event_id != event_id:
        raise NotFound
    return batch


def _sessions(event: Event) -> list[tuple[UUID, str]]:
    return [(key, label or when_text(events.snapshot(event))) for key, label in session_labels(event).items()]


def _can_undo(batch: Batch) -> bool:
    if batch.state == BatchState.WAITING:
        return True
    return is_reversible(Action(batch.action)) and batch.state in {BatchState.RUNNING, BatchState.DONE}


def _ask(slug: str, form: Form) -> ResponseReturnValue:
    chosen = _read(form)
    label = OFFERED[chosen["action"]]
    with reading() as session:
        event = event_of(session, slug)
        number = attendee_list.count(session, event.id, ticked(chosen), most=MOST_SELECTED)
        page = render_template(
            "registration/batch_form.html",
            form=form,
            action=chosen["action"],
            what=_(label),
            number=number,
            ids=[str(each) for each in chosen["ids"]],
            filter_text=chosen["filter"],
            all_matching=chosen["all_matching"],
            sessions=_sessions(event),
            mail_languages=installed().catalogues.languages,
            a_day=MESSAGES_A_DAY,
            **context(session, event),
        )
    return page, 422 if form.has_errors() else 200


def _read(form: Form) -> dict[str, Any]:
    """Who is meant and what is asked, out of a form that may have other faults. Raises BadForm."""
    given = {name: form.value(name) for name in ("action", "filter", "all_matching") if form.value(name)}
    try:
        found: dict[str, Any] = TickedForm().load({**given, "ids": form.values("ids")})
    except ValidationError:
        raise BadForm from None
    return found

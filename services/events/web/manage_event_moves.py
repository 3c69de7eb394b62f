"""An event moves or is called off: who will be told, and the word why."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from services.events.schemas.event_forms import (
    CancelFormSchema,
    MoveFormSchema,
    as_asked,
    session_values,
    wished_sessions,
)
from services.events.storage import event_rows, snapshots
from services.events.storage.tables import Event
from services.events.use_cases.cancel_event import cancel_event
from services.events.use_cases.reschedule_event import reschedule_event
from services.events.web import manage_choices, manage_rows
from services.events.web.counts import counting
from services.events.web.manage_access import own_event
from services.events.web.moves import base_url, see_other
from shared import clock
from shared.errors import InvalidInput, Rejection
from shared.http.app import reading, transaction
from shared.http.context import installed
from shared.http.forms import Form, read_form
from shared.http.identity import current_actor
from shared.http.locale import _
from shared.http.problems import sentence, status_of
from shared.http.security import keep_private

pages = Blueprint("manage_event_moves", __name__, url_prefix="/events/manage/events")
pages.before_request(keep_private)


@pages.get("/<uuid:event_id>/move")
def ask_to_move(event_id: UUID) -> str:
    """The sessions as they are, to be changed."""
    with reading() as session:
        event = own_event(session, event_id, "change_event")
        return _page(session, event, "move", Form({"sessions": session_values(event_rows.wish_of(event))}))


@pages.post("/<uuid:event_id>/move")
def move(event_id: UUID) -> ResponseReturnValue:
    """Everybody's calendar entry moves along."""
    pressed = request.form.get("go", "save")
    if manage_rows.is_about_rows(pressed):
        form = Form(manage_rows.changed(manage_rows.values_of(request.form), pressed, {"sessions": _new_session()}))
        with reading() as session:
            return _page(session, own_event(session, event_id, "change_event"), "move", form)
    wish, form = read_form(MoveFormSchema, ignore={"go"})
    return _do(event_id, "move", wish, form, _("Moved. Everybody who signed up is told."))


@pages.get("/<uuid:event_id>/cancel")
def ask_to_cancel(event_id: UUID) -> str:
    """Are you sure, and why?"""
    with reading() as session:
        return _page(session, own_event(session, event_id, "cancel_event"), "cancel", Form())


@pages.post("/<uuid:event_id>/cancel")
def cancel(event_id: UUID) -> ResponseReturnValue:
    """Called off for good."""
    wish, form = read_form(CancelFormSchema)
    return _do(event_id, "cancel", wish, form, _("Called off. Everybody who signed up is told."))


def _do(event_id: UUID, what: str, wish: Any, form: Form, said: str) -> ResponseReturnValue:
    action = f"{'change' if what == 'move' else 'cancel'}_event"
    refused: Rejection | None = None
    if wish is not None:
        try:
            with transaction() as session:
                _VERBS[what](own_event(session, event_id, action), wish, session)
        except Rejection as rejection:
            if rejection.kind not in {"conflict", "invalid"}:
                raise
            refused = rejection
        else:
            flash(said, "success")
            return see_other(f"/events/manage/events/{event_id}")
    with reading() as session:
        page = _page(session, own_event(session, event_id, action), what, form, refused)
        return page, status_of(refused) if refused else 422


def _move(event: Event, wish: dict[str, Any], session: Session) -> None:
    sessions = wished_sessions(wish, event.format)
    reschedule_event(event, sessions, reason=wish["reason"], **_usual(wish, session))


def _cancel(event: Event, wish: dict[str, Any], session: Session) -> None:
    cancel_event(event, reason=wish["reason"], **_usual(wish, session))


_VERBS = {"move": _move, "cancel": _cancel}


def _usual(wish: dict[str, Any], session: Session) -> dict[str, Any]:
    return {
        "base_url": base_url(),
        "session": session,
        "now": clock.now(),
        "expected_version": wish.get("version"),
        "by": current_actor(),
    }


def _page(session: Session, event: Event, what: str, form: Form, refused: Rejection | None = None) -> str:
    said = None
    if isinstance(refused, InvalidInput):
        form = form.rejected(as_asked(refused.errors))
    elif refused is not None:
        said = (_(refused.title), sentence(refused))
    return render_template(
        f"events/manage/{what}.html",
        event=event,
        form=form,
        sessions=manage_rows.numbers(form.names(), "sessions"),
        count=counting(session, [event])(event),
        host=snapshots.snapshot(session, event, base_url="").host,
        refused=said,
        choices=manage_choices,
    )


def _new_session() -> dict[str, Any]:
    return {"id": "", "starts_at": "", "ends_at": "", "zone": installed().common.default_zone, "held": "place"}

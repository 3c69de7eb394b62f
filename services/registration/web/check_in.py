"""The door on a phone: the scanner's page, and typed codes for browsers without scripts."""

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from services.registration.schemas.check_in import DoorForm, UndoForm
from services.registration.schemas.door_actor import door_actor
from services.registration.storage import events
from services.registration.storage.tables import Event
from services.registration.use_cases.access import ensure_may
from services.registration.use_cases.check_in import check_in
from services.registration.use_cases.undo_check_in import undo_check_in
from services.registration.web.check_in_view import READY, UNDONE, UNREADABLE, door_page, shown
from shared import clock
from shared.http.app import reading, transaction
from shared.http.forms import read_form
from shared.policy import Actor

pages = Blueprint("check_in", __name__, url_prefix="/registration/check-in")


@pages.get("/<slug>")
def show_door(slug: str) -> Response:
    """The scanner."""
    actor = door_actor()
    with reading() as session:
        return door_page(session, _event(session, slug, actor), actor=actor, shown=READY)


@pages.post("/<slug>")
def scan_typed_code(slug: str) -> Response:
    """A typed code. The form carries the scan_id, so that a reload is no second scan."""
    actor = door_actor()
    wish, _form = read_form(DoorForm)
    with transaction() as session:
        event = _event(session, slug, actor)
        verdict = check_in(wish.at(event.id), actor=actor, session=session, now=clock.now()) if wish else None
    with reading() as session:
        return door_page(session, event, actor=actor, shown=shown(verdict, event) if verdict else UNREADABLE)


@pages.post("/<slug>/undo")
def undo_last(slug: str) -> Response:
    """Take the green light on the page back."""
    actor = door_actor()
    wish, _form = read_form(UndoForm)
    with transaction() as session:
        event = _event(session, slug, actor)
        if wish:
            undo_check_in(wish["scan_id"], actor=actor, session=session, now=clock.now())
    with reading() as session:
        return door_page(session, event, actor=actor, shown=UNDONE if wish else READY)


def _event(session: Session, slug: str, actor: Actor) -> Event:
    event = events.get_by_slug(session, slug)
    ensure_may(actor, "check_in", event)
    return event

"""The draw of a lottery, for everybody to check: the commitment before, seed and order afterwards."""

from flask import Blueprint, Response, jsonify, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from services.registration.domain.drawing import commitment
from services.registration.storage import draws, events
from services.registration.storage.tables import Draw
from services.registration.web import event_view, giving_words
from shared.contracts.events import EventSnapshot
from shared.errors import NotFound
from shared.http.app import reading
from shared.http.locale import in_language

pages = Blueprint("draw", __name__, url_prefix="/registration")


@pages.get("/<string:slug>/draw")
def show(slug: str) -> ResponseReturnValue:
    """How it works, and what came out."""
    with reading() as session:
        told, draw = _lottery(session, slug)
        return render_template(
            "registration/draw.html",
            event=told,
            title=in_language(told.title),
            when_text=event_view.when_text(told),
            where_text=event_view.where_text(told),
            zone=event_view.zone_of(told),
            decided=giving_words.decided(told),
            draw=draw,
            commitment=commitment(draw.seed),
        )


@pages.get("/<string:slug>/draw.json")
def show_json(slug: str) -> Response:
    """The same for programs that recompute it."""
    with reading() as session:
        _told, draw = _lottery(session, slug)
        is_drawn = draw.drawn_at is not None
        return jsonify(
            commitment=commitment(draw.seed),
            due_at=draw.due_at.isoformat(),
            drawn_at=draw.drawn_at.isoformat() if draw.drawn_at else None,
            seed=draw.seed if is_drawn else None,
            lots=draw.lots if is_drawn else [],
            rule="ascending SHA-256 of '<seed>:<lot>' in hexadecimal; the commitment is the SHA-256 of the seed",
        )


def _lottery(session: Session, slug: str) -> tuple[EventSnapshot, Draw]:
    event = events.get_by_slug(session, slug)
    told, draw = events.snapshot(event), draws.find(session, event.id)
    if told.sign_up.selection != "lottery" or draw is None:
        raise NotFound
    return told, draw

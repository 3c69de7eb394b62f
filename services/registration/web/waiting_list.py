"""The organiser sees who waits, and moves somebody with a reason."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from services.registration.domain.rejections import NotWaiting
from services.registration.schemas.waiting_list import MoveForm, WaitingListQuery
from services.registration.storage import attendees, registrations
from services.registration.storage.tables import Event
from services.registration.use_cases.move_in_waiting_list import move_in_waiting_list
from services.registration.web.manage_view import context, event_of, read_query, registration_of
from services.registration.web.personal import personal
from shared import clock
from shared.errors import NotFound
from shared.http.app import reading, transaction
from shared.http.forms import Form, read_form
from shared.http.identity import current_actor
from shared.http.locale import _

pages = Blueprint("waiting_list_pages", __name__, url_prefix="/registration/manage")
ON_A_PAGE = 50


@pages.get("/<string:slug>/waiting-list")
@personal
def show(slug: str) -> ResponseReturnValue:
    """Who gets the next free places of a quota, in order, a page at a time."""
    query = read_query(WaitingListQuery)
    with reading() as session:
        event = event_of(session, slug)
        facts = context(session, event)
        lengths = attendees.waiting_in(session, event.id)
        chosen = _chosen(query["quota"], lengths, event)
        length = lengths.get(chosen, 0) if chosen else 0
        page = min(query["page"], max(1, -(-length // ON_A_PAGE)))
        before = (page - 1) * ON_A_PAGE
        rows = attendees.waiting_list(session, chosen, limit=ON_A_PAGE, passed_over=before) if chosen and length else []
        return render_template(
            "registration/waiting_list.html",
            lengths=lengths,
            chosen=chosen,
            rows=list(enumerate(rows, start=before + 1)),
            length=length,
            previous=_address(slug, chosen, page - 1) if page > 1 else "",
            next=_address(slug, chosen, page + 1) if before + ON_A_PAGE < length else "",
            **facts,
        )


@pages.get("/<string:slug>/waiting-list/<uuid:registration_id>/<uuid:quota_id>")
@personal
def ask_to_move(slug: str, registration_id: UUID, quota_id: UUID) -> ResponseReturnValue:
    """Where to, and why?"""
    return _show_move(slug, registration_id, quota_id, Form())


@pages.post("/<string:slug>/waiting-list/<uuid:registration_id>/<uuid:quota_id>")
@personal
def move(slug: str, registration_id: UUID, quota_id: UUID) -> ResponseReturnValue:
    """Give somebody another position. She gets no place by it."""
    wish, form = read_form(MoveForm)
    if wish is None:
        return _show_move(slug, registration_id, quota_id, form)
    with transaction() as session:
        event = event_of(session, slug, "change_registration")
        found = registration_of(session, event, registration_id)
        most = attendees.waiting_in(session, event.id).get(quota_id, 0)
        is_there = 1 <= wish["position"] <= most
        if is_there:
            how: dict[str, Any] = {"actor": current_actor(), "session": session, "now": clock.now()}
            position = move_in_waiting_list(found.id, quota_id, **wish, **how)
            told = _("%(name)s is number %(position)s now.", name=found.name, position=position)
    if not is_there:
        said = _("Please choose a position from 1 to %(most)s.", most=most)
        return _show_move(slug, registration_id, quota_id, form.rejected({"position": [said]}))
    flash(told, "success")
    return redirect(_address(slug, quota_id, -(-position // ON_A_PAGE)), 303)


def _chosen(asked: UUID | None, lengths: dict[UUID, int], event: Event) -> UUID | None:
    """The quota to show: the first where somebody waits, if none is asked for. Raises NotFound for a foreign one."""
    if asked is None:
        return next(iter(lengths), None)
    if asked not in lengths and asked not in {each.id for each in event.quotas}:
        raise NotFound
    return asked


def _show_move(slug: str, registration_id: UUID, quota_id: UUID, form: Form) -> ResponseReturnValue:
    with reading() as session:
        event = event_of(session, slug)
        found = registration_of(session, event, registration_id)
        position = _position(session, found.id, quota_id)
        page = render_template(
            "registration/move_in_waiting_list.html",
            form=form,
            registration=found,
            quota_id=quota_id,
            position=position,
            length=attendees.waiting_in(session, event.id).get(quota_id, position),
            back=_address(slug, quota_id, -(-position // ON_A_PAGE)),
            **context(session, event),
        )
    return page, 422 if form.has_errors() else 200


def _position(session: Session, registration_id: UUID, quota_id: UUID) -> int:
    known = registrations.positions(session, registration_id)
    if quota_id not in known:
        raise NotWaiting
    return known[quota_id]


def _address(slug: str, quota_id: UUID | None, page: int) -> str:
    return f"/registration/manage/{slug}/waiting-list?quota={quota_id}&page={page}"

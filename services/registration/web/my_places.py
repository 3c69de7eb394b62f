"""Where she takes part: another group, slot or date in one step."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from services.registration.domain.her_sessions import changeable_until, is_changeable
from services.registration.domain.registrations import PlaceState, Status, ensure_alive
from services.registration.schemas.house import terms
from services.registration.schemas.sign_up import PlacesForm
from services.registration.storage import events, quotas, registrations
from services.registration.storage.tables import Place, Registration
from services.registration.use_cases.change_places import change_places, ensure_may_change, living
from services.registration.web import event_view
from services.registration.web.personal import personal
from shared import clock
from shared.contracts.events import EventSnapshot
from shared.errors import InvalidInput, Rejection
from shared.http.app import reading, transaction
from shared.http.forms import Form, read_form
from shared.http.locale import _, in_language

pages = Blueprint("my_places", __name__, url_prefix="/registration/my")
_CHANGEABLE = {Status.CONFIRMED, Status.WAITING}


@pages.get("/<string:token>/places")
@personal
def show(token: str) -> ResponseReturnValue:
    """What there is, with what she has."""
    with reading() as session:
        registration = registrations.get_by_page(session, token)
        if registration.status not in _CHANGEABLE:
            return redirect(f"/registration/my/{token}", 303)  # that page says why
        wanted = [each.quota_id for each in living(registration) if each.replaced_by is None]
        return _show(session, registration, Form({"quota_ids": wanted}), token)


@pages.post("/<string:token>/places")
@personal
def change(token: str) -> ResponseReturnValue:
    """Move at once, or wait and keep what she has."""
    wish, form = read_form(PlacesForm)
    try:
        if wish is not None:
            with transaction() as session:
                found = registrations.get_by_page(session, token)
                done = change_places(found.id, wish["quota_ids"], session=session, now=clock.now(), links=terms().links)
                told = _outcome(done)
            flash(told, "success")
            return redirect(f"/registration/my/{token}", 303)
    except InvalidInput as rejection:
        form = form.rejected(rejection)
    with reading() as session:
        return _show(session, registrations.get_by_page(session, token), form, token), 422


def shown(registration: Registration, now: datetime) -> dict[str, Any]:
    """What her page says about it."""
    told = events.snapshot(registration.event)
    kept = [
        (event_view.quota_name(told, each.quota_id), event_view.quota_name(told, each.replaced_by))
        for each in living(registration)
        if each.replaced_by is not None
    ]
    has_choice = len(told.quotas) + len(_ended(told, living(registration))) > 1
    return {"can_change_places": has_choice and _may_change(registration, now), "kept_until": kept}


def _may_change(registration: Registration, now: datetime) -> bool:
    told = events.snapshot(registration.event)
    if registration.status not in _CHANGEABLE:
        return False
    places = living(registration)
    hers = [each.quota_id for each in places]
    try:
        ensure_alive(told, now)
        ensure_may_change(registration, told, hers, now)
    except Rejection:
        return False
    may_take_back = any(each.replaced_by is not None for each in places)
    return may_take_back or any(is_changeable(told, each.id, now) for each in told.quotas if each.id not in hers)


def _show(session: Session, registration: Registration, form: Form, token: str) -> str:
    told, now = events.snapshot(registration.event), clock.now()
    ensure_alive(told, now)
    hers = {each.quota_id: each for each in living(registration)}
    ensure_may_change(registration, told, list(hers), now)
    waits = registrations.positions(session, registration.id)
    choices = [
        (each, _standing(hers.get(each.id), waits.get(each.id)))
        for each in event_view.choices(told, quotas.of_event(session, told.id))
        if each.id in hers or is_changeable(told, each.id, now)
    ]
    choices += [(each, _standing(hers[each.id], None)) for each in _ended(told, hers.values())]
    deadlines = [until for each in hers if (until := changeable_until(told, each)) is not None]
    return render_template(
        "registration/my_places.html",
        form=form,
        token=token,
        event=told,
        title=in_language(told.title),
        choices=choices,
        until=min(deadlines, default=None),
        zone=event_view.zone_of(told),
        holds=any(each.state == PlaceState.HELD for each in hers.values()),
    )


def _ended(told: EventSnapshot, hers: Iterable[Place]) -> list[event_view.Choice]:
    """Parts that are no longer offered where she has a place: she may keep it."""
    offered = {each.id for each in told.quotas}
    ids = [each.quota_id for each in hers if each.state == PlaceState.HELD and each.quota_id not in offered]
    return [
        event_view.Choice(id=each, name=event_view.quota_name(told, each), capacity=0, free=0, waiting=0)
        for each in ids
    ]


def _standing(place: Any, position: int | None) -> str:
    if place is None:
        return ""
    if place.state == PlaceState.HELD:
        return _("Your place is here.")
    if position:
        return _("You are number %(position)s on the waiting list here.", position=position)
    return _("You have applied here.")


def _outcome(registration: Registration) -> str:
    if any(each.replaced_by is not None for each in living(registration)):
        return _("You keep your place and wait for the other one. We write as soon as it is yours.")
    if registration.status == Status.CONFIRMED:
        return _("Your choice is saved, and the place is yours.")
    return _("Your choice is saved.")

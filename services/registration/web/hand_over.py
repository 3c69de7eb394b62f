"""She names a friend who takes her place; the friend opens her own link and says yes."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from services.registration.domain.consents import offered
from services.registration.domain.hand_overs import MOST, HandOverState, NoHandOver
from services.registration.domain.registrations import PlaceState
from services.registration.schemas.house import terms
from services.registration.schemas.invitations import AcceptForm, HandOverForm
from services.registration.storage import events, forms, hand_overs, registrations
from services.registration.storage.tables import Event, Registration
from services.registration.use_cases.hand_over import ensure_possible, find_to_take, hand_over, take_back, take_over
from services.registration.web import answer_forms, event_view
from services.registration.web.all_faults import with_consents
from services.registration.web.personal import personal
from shared import clock
from shared.errors import InvalidInput
from shared.http.app import reading, transaction
from shared.http.forms import Form, read_form
from shared.http.hardening import accepts_body
from shared.http.locale import _, current_locale, in_language

pages = Blueprint("hand_over", __name__, url_prefix="/registration/my")
public = Blueprint("take_over", __name__, url_prefix="/registration/hand-overs")


@pages.get("/<string:token>/hand-over")
@personal
def ask(token: str) -> ResponseReturnValue:
    """Who is the friend?"""
    return _ask(token, Form())


@pages.post("/<string:token>/hand-over")
@personal
def send(token: str) -> ResponseReturnValue:
    """The friend is asked by mail. The answer is the same whether she is registered or not."""
    friend, form = read_form(HandOverForm)
    if friend is None:
        return _ask(token, form)
    try:
        with transaction() as session:
            found = registrations.get_by_page(session, token)
            hand_over(found.id, friend, session=session, now=clock.now(), links=terms().links)
    except InvalidInput as rejection:
        return _ask(token, form.rejected(rejection))
    flash(
        _("We have written to %(name)s. Until the answer is there the place stays yours.", name=friend.name), "success"
    )
    return redirect(f"/registration/my/{token}", 303)


@pages.post("/<string:token>/hand-over/take-back")
@personal
def keep(token: str) -> ResponseReturnValue:
    """She keeps her place after all."""
    with transaction() as session:
        found = registrations.get_by_page(session, token)
        done = take_back(found.id, session=session, now=clock.now())
    if done:
        flash(_("You keep your place; the link in the mail no longer works."), "success")
    return redirect(f"/registration/my/{token}", 303)


@public.get("/<string:token>")
@personal
def show(token: str) -> ResponseReturnValue:
    """What the friend's link opens. Looking changes nothing."""
    return _show(token, None)


@public.post("/<string:token>")
@personal
@accepts_body(most=answer_forms.MOST_BODY)
def accept(token: str) -> ResponseReturnValue:
    """The friend says yes."""
    with reading() as session:
        version = forms.current(session, _event(session, token))
    wish, form = answer_forms.read(AcceptForm, version)
    if wish is None:
        return _show(token, form)
    try:
        with transaction() as session:
            if version is not None:
                wish = replace(wish, sheet=answer_forms.sheet_in(version, form, _event(session, token)))
            take_over(token, wish, session=session, now=clock.now(), terms=terms())
    except InvalidInput as rejection:
        return _show(token, form.rejected(rejection))
    return redirect(url_for("take_over.thanks"), 303)


@public.get("/thanks")
@personal
def thanks() -> ResponseReturnValue:
    """The same for everybody: the mail says what became of it."""
    return render_template("registration/hand_over_thanks.html")


def shown(session: Session, registration: Registration, now: datetime) -> dict[str, Any]:
    """What her page says: whom she has asked, and whether she may ask."""
    found = hand_overs.find_open(session, registration.id)
    is_open = found is not None and now < found.deadline
    return {
        "handing_to": found if is_open else None,
        "can_hand_over": not is_open
        and _is_possible(registration, now)
        and hand_overs.count(session, registration.id) < MOST,
    }


def _is_possible(registration: Registration, now: datetime) -> bool:
    try:
        ensure_possible(registration, now)
    except NoHandOver:
        return False
    return True


def _ask(token: str, form: Form) -> ResponseReturnValue:
    with reading() as session:
        registration = registrations.get_by_page(session, token)
        ensure_possible(registration, clock.now())
        told = events.snapshot(registration.event)
    page = render_template("registration/hand_over.html", form=form, token=token, **_facts(told))
    return page, 422 if form.has_errors() else 200


def _event(session: Session, token: str) -> Event:
    """Also of a link that was just used: whoever presses twice gets the same answer."""
    found = hand_overs.find_by_token(session, token)
    if found is None or found.state != HandOverState.TAKEN:
        found = find_to_take(token, session=session, now=clock.now())
    return registrations.get(session, found.registration_id).event


def _show(token: str, form: Form | None) -> ResponseReturnValue:
    with reading() as session:
        found = find_to_take(token, session=session, now=clock.now())
        giver = registrations.get(session, found.registration_id)
        told = events.snapshot(giver.event)
        names = [event_view.quota_name(told, each.quota_id) for each in giver.places if each.state == PlaceState.HELD]
        facts = answer_forms.context(
            session, giver.event, with_consents(form or Form({"name": found.name, "locale": current_locale()}), told)
        )
    page = render_template(
        "registration/take_over.html",
        found=found,
        giver=giver.name,
        purposes=offered(told),
        places=names if len(told.quotas) > 1 else [],
        zone=event_view.zone_of(told),
        **facts,
        **_facts(told),
    )
    return page, 422 if form is not None and form.has_errors() else 200


def _facts(told: Any) -> dict[str, Any]:
    return {
        "event": told,
        "title": in_language(told.title),
        "summary": in_language(told.summary),
        "when_text": event_view.when_text(told),
        "where_text": event_view.where_text(told),
    }

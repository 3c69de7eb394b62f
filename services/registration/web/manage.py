"""The organiser signs people up, and cancels for them."""

from dataclasses import replace
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from services.registration.domain.consents import offered
from services.registration.domain.registrations import LIVING
from services.registration.domain.rejections import AlreadyRegistered
from services.registration.schemas.house import terms
from services.registration.schemas.registrations import CancelWish
from services.registration.schemas.sign_up import SignUpForm
from services.registration.storage import forms
from services.registration.use_cases.cancel_for_attendee import cancel_for_attendee
from services.registration.use_cases.change_form import ACTION
from services.registration.use_cases.register_attendee import register_attendee
from services.registration.web import answer_forms
from services.registration.web.manage_view import context, event_of, registration_of
from services.registration.web.personal import personal
from shared import clock
from shared.errors import InvalidInput
from shared.http.app import reading, transaction
from shared.http.forms import Form, read_form
from shared.http.hardening import accepts_body
from shared.http.identity import current_actor
from shared.http.locale import _, current_locale
from shared.http.problems import sentence

pages = Blueprint("manage", __name__, url_prefix="/registration/manage")


@pages.get("/<string:slug>/add")
@personal
def ask_to_add(slug: str) -> ResponseReturnValue:
    """The form to sign somebody up."""
    return _show_add(slug, Form({"locale": current_locale()}))


@pages.post("/<string:slug>/add")
@personal
@accepts_body(most=answer_forms.MOST_BODY)
def add(slug: str) -> ResponseReturnValue:
    """Sign somebody up."""
    with reading() as session:
        version = forms.current(session, event_of(session, slug, ACTION))
    wish, form = answer_forms.read(SignUpForm, version)
    if wish is None:
        return _show_add(slug, form)
    try:
        with transaction() as session:
            event = event_of(session, slug)
            if version is not None:
                wish = replace(wish, sheet=answer_forms.sheet_in(version, form, event, by_organiser=True))
            register_attendee(wish, event=event, actor=current_actor(), session=session, now=clock.now(), terms=terms())
    except InvalidInput as rejection:
        return _show_add(slug, form.rejected(rejection))
    except AlreadyRegistered as rejection:
        return _show_add(slug, form.rejected({"email": [sentence(rejection)]}))
    flash(_("%(name)s is registered and gets a mail.", name=wish.name), "success")
    return redirect(url_for("attendee_list.show", slug=slug), 303)


@pages.get("/<string:slug>/registrations/<uuid:registration_id>/cancel")
@personal
def ask_to_cancel(slug: str, registration_id: UUID) -> ResponseReturnValue:
    """Are you sure, and why?"""
    return _show_cancel(slug, registration_id, Form())


@pages.post("/<string:slug>/registrations/<uuid:registration_id>/cancel")
@personal
def cancel(slug: str, registration_id: UUID) -> ResponseReturnValue:
    """Cancel for somebody."""
    wish, form = read_form(CancelWish)
    if wish is None:
        return _show_cancel(slug, registration_id, form)
    with transaction() as session:
        found = registration_of(session, event_of(session, slug), registration_id)
        cancel_for_attendee(
            found.id,
            reason=wish["reason"],
            actor=current_actor(),
            session=session,
            now=clock.now(),
            links=terms().links,
        )
    flash(_("The registration of %(name)s is cancelled.", name=found.name), "success")
    return redirect(url_for("attendee_list.show", slug=slug), 303)


def _show_add(slug: str, form: Form) -> ResponseReturnValue:
    with reading() as session:
        event = event_of(session, slug)
        facts = context(session, event) | answer_forms.context(session, event, form, by_organiser=True)
        page = render_template("registration/add.html", purposes=offered(facts["event"]), **facts)
    return page, 422 if form.has_errors() else 200


def _show_cancel(slug: str, registration_id: UUID, form: Form) -> ResponseReturnValue:
    with reading() as session:
        event = event_of(session, slug)
        found = registration_of(session, event, registration_id)
        if found.status not in LIVING:
            return redirect(url_for("attendee_list.show", slug=slug), 303)
        page = render_template(
            "registration/cancel_for_attendee.html", form=form, registration=found, **context(session, event)
        )
    return page, 422 if form.has_errors() else 200

"""The organiser signs people up, cancels for them, and sees who waits."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from services.registration.domain.consents import offered
from services.registration.domain.registrations import LIVING
from services.registration.domain.rejections import AlreadyRegistered
from services.registration.schemas.house import terms
from services.registration.schemas.registrations import CancelWish
from services.registration.schemas.sign_up import SignUpForm
from services.registration.storage import attendees
from services.registration.storage.tables import Registration
from services.registration.use_cases.cancel_for_attendee import cancel_for_attendee
from services.registration.use_cases.register_attendee import register_attendee
from services.registration.web.manage_view import context, event_of, registration_of
from services.registration.web.personal import personal
from shared import clock
from shared.errors import InvalidInput
from shared.http.app import reading, transaction
from shared.http.forms import Form, read_form
from shared.http.identity import current_actor
from shared.http.locale import _, current_locale
from shared.http.problems import sentence

pages = Blueprint("manage", __name__, url_prefix="/registration/manage")


@pages.get("/<string:slug>/waiting-list")
@personal
def waiting_list(slug: str) -> ResponseReturnValue:
    """Who gets the next free places, in order."""
    with reading() as session:
        event = event_of(session, slug)
        lists: dict[UUID, list[Registration]] = {}
        for quota_id, registration in attendees.waiting_list(session, event.id):
            lists.setdefault(quota_id, []).append(registration)
        return render_template("registration/waiting_list.html", lists=lists, **context(session, event))


@pages.get("/<string:slug>/add")
@personal
def ask_to_add(slug: str) -> ResponseReturnValue:
    """The form to sign somebody up."""
    return _show_add(slug, Form({"locale": current_locale()}))


@pages.post("/<string:slug>/add")
@personal
def add(slug: str) -> ResponseReturnValue:
    """Sign somebody up."""
    wish, form = read_form(SignUpForm)
    if wish is None:
        return _show_add(slug, form)
    try:
        with transaction() as session:
            event = event_of(session, slug)
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
        facts = context(session, event)
        page = render_template("registration/add.html", form=form, purposes=offered(facts["event"]), **facts)
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

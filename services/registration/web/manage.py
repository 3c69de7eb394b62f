"""The organiser's view of an event's registrations."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from services.registration.domain.consents import offered
from services.registration.domain.registrations import LIVING, Status
from services.registration.domain.rejections import AlreadyRegistered
from services.registration.schemas.house import terms
from services.registration.schemas.registrations import CancelWish, RegistrationsQuery, after, key
from services.registration.schemas.sign_up import SignUpForm
from services.registration.storage import attendees, events, quotas, registrations
from services.registration.storage.tables import Event, Registration
from services.registration.use_cases.access import ensure_may
from services.registration.use_cases.cancel_for_attendee import cancel_for_attendee
from services.registration.use_cases.register_attendee import register_attendee
from services.registration.web import event_view
from services.registration.web.personal import personal
from shared import clock
from shared.errors import InvalidInput, NotFound
from shared.http.app import reading, transaction
from shared.http.forms import Form, read_form
from shared.http.identity import current_actor, require_signed_in
from shared.http.locale import _, current_locale, in_language
from shared.http.paging import next_cursor
from shared.http.problems import sentence

pages = Blueprint("manage", __name__, url_prefix="/registration/manage")


@pages.get("/<string:slug>/")
@personal
def attendee_list(slug: str) -> ResponseReturnValue:
    """Everybody, with search and status filter."""
    query = RegistrationsQuery().load({name: value for name, value in request.args.items() if value and name != "lang"})
    with reading() as session:
        event = _event(session, slug)
        start = after(query["cursor"])
        rows = attendees.listed(
            session, event.id, limit=query["limit"] + 1, status=query["status"], search=query["q"], after=start
        )
        shown = rows[: query["limit"]]
        more = next_cursor(key(shown[-1])) if len(rows) > len(shown) else None
        return render_template(
            "registration/manage.html", rows=shown, query=query, next=more, **_context(session, event)
        )


@pages.get("/<string:slug>/waiting-list")
@personal
def waiting_list(slug: str) -> ResponseReturnValue:
    """Who gets the next free places, in order."""
    with reading() as session:
        event = _event(session, slug)
        lists: dict[UUID, list[Registration]] = {}
        for quota_id, registration in attendees.waiting_list(session, event.id):
            lists.setdefault(quota_id, []).append(registration)
        return render_template("registration/waiting_list.html", lists=lists, **_context(session, event))


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
            event = _event(session, slug)
            register_attendee(wish, event=event, actor=current_actor(), session=session, now=clock.now(), terms=terms())
    except InvalidInput as rejection:
        return _show_add(slug, form.rejected(rejection))
    except AlreadyRegistered as rejection:
        return _show_add(slug, form.rejected({"email": [sentence(rejection)]}))
    flash(_("%(name)s is registered and gets a mail.", name=wish.name), "success")
    return redirect(url_for("manage.attendee_list", slug=slug), 303)


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
        found = _registration(session, _event(session, slug), registration_id)
        cancel_for_attendee(
            found.id,
            reason=wish["reason"],
            actor=current_actor(),
            session=session,
            now=clock.now(),
            links=terms().links,
        )
    flash(_("The registration of %(name)s is cancelled.", name=found.name), "success")
    return redirect(url_for("manage.attendee_list", slug=slug), 303)


def _event(session: Session, slug: str) -> Event:
    actor = require_signed_in()
    event = events.get_by_slug(session, slug)
    ensure_may(actor, "see_registrations", event)
    return event


def _registration(session: Session, event: Event, registration_id: UUID) -> Registration:
    found = registrations.get(session, registration_id)
    if found.event_id != event.id:
        raise NotFound
    return found


def _show_add(slug: str, form: Form) -> ResponseReturnValue:
    with reading() as session:
        event = _event(session, slug)
        context = _context(session, event)
        page = render_template("registration/add.html", form=form, purposes=offered(context["event"]), **context)
    return page, 422 if form.has_errors() else 200


def _show_cancel(slug: str, registration_id: UUID, form: Form) -> ResponseReturnValue:
    with reading() as session:
        event = _event(session, slug)
        found = _registration(session, event, registration_id)
        if found.status not in LIVING:
            return redirect(url_for("manage.attendee_list", slug=slug), 303)
        page = render_template(
            "registration/cancel_for_attendee.html", form=form, registration=found, **_context(session, event)
        )
    return page, 422 if form.has_errors() else 200


def _context(session: Session, event: Event) -> dict[str, Any]:
    told = events.snapshot(event)
    return {
        "slug": event.slug,
        "event": told,
        "title": in_language(told.title),
        "when_text": event_view.when_text(told),
        "where_text": event_view.where_text(told),
        "zone": event_view.zone_of(told),
        "choices": event_view.choices(told, quotas.of_event(session, event.id)),
        "quota_name": event_view.quota_name,
        "counts": attendees.counts(session, event.id),
        "positions": attendees.waiting_positions(session, event.id),
        "statuses": [str(each) for each in Status],
    }

"""The host company's page about its own event: who comes, its own guests, and staying in touch afterwards."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from services.registration.domain.company import exchanges_contacts, host_of
from services.registration.domain.consents import PURPOSES
from services.registration.domain.registrations import is_over
from services.registration.schemas.company import ContactForm, GuestForm
from services.registration.schemas.house import terms
from services.registration.storage import companies, events, quotas
from services.registration.storage.tables import Event
from services.registration.use_cases.exchange_contacts import offer_contact
from services.registration.use_cases.giving import is_applied_for
from services.registration.use_cases.sign_up import sign_up
from services.registration.web import event_view, giving_words
from services.registration.web.personal import personal
from shared import clock
from shared.errors import InvalidInput, Rejection
from shared.http.app import reading, transaction
from shared.http.context import installed
from shared.http.forms import Form, read_form
from shared.http.identity import current_actor, require_signed_in
from shared.http.locale import _, current_locale, in_language
from shared.http.problems import sentence
from shared.policy import Scope, ensure, may

pages = Blueprint("company", __name__, url_prefix="/registration/company")


@pages.get("/<string:slug>")
@personal
def show(slug: str) -> ResponseReturnValue:
    """Who comes, as far as they agreed to be named."""
    return _show(slug, Form({"locale": current_locale()}))


@pages.post("/<string:slug>/guests")
@personal
def add_guest(slug: str) -> ResponseReturnValue:
    """Ask somebody to come: she gets a mail and says yes or no herself."""
    wish, form = read_form(GuestForm)
    if wish is None:
        return _show(slug, form)
    try:
        with transaction() as session:
            event = _event(session, slug, "add_guest")
            sign_up(wish, event=event, session=session, now=clock.now(), terms=terms(), answers_later=True)
    except InvalidInput as rejection:
        return _show(slug, form.rejected(rejection))
    except Rejection as rejection:
        if rejection.kind != "conflict":
            raise
        return _show(slug, form.rejected({"email": [sentence(rejection)]}))
    flash(_("We have written to %(name)s. Whoever says yes appears below.", name=wish.name), "success")
    return redirect(url_for("company.show", slug=slug, _anchor="guests"), 303)


@pages.post("/<string:slug>/contact")
@personal
def stay_in_touch(slug: str) -> ResponseReturnValue:
    """Say whom attendees may write to; those who want it too learn it at once."""
    offer, form = read_form(ContactForm)
    if offer is None:
        return _show(slug, form)
    with transaction() as session:
        event = _event(session, slug, "exchange_contacts")
        offer_contact(event, offer, actor=current_actor(), session=session, now=clock.now(), links=terms().links)
    flash(_("Thank you. Whoever was there and wants it too gets your contact, and you get theirs."), "success")
    return redirect(url_for("company.show", slug=slug, _anchor="contact"), 303)


def _event(session: Session, slug: str, action: str) -> Event:
    """The event, if the asker speaks for its host (or, to look, belongs to its organiser). Raises NotFound."""
    actor = require_signed_in()
    event = events.get_by_slug(session, slug)
    host = host_of(events.snapshot(event))
    ensure(actor, action, Scope(company_id=host.id, organisation_id=event.organisation_id))
    return event


def _show(slug: str, form: Form) -> ResponseReturnValue:
    with reading() as session:
        event = _event(session, slug, "see_guests")
        page = render_template("registration/company.html", form=form, **_facts(session, event))
    return page, 422 if form.has_errors() else 200


def _facts(session: Session, event: Event) -> dict[str, Any]:
    told, now = events.snapshot(event), clock.now()
    host, named = host_of(told), companies.named(session, event.id)
    number = companies.number_coming(session, event.id)
    return {
        "event": told,
        "slug": event.slug,
        "title": in_language(told.title),
        "when_text": event_view.when_text(told),
        "where_text": event_view.where_text(told),
        "choices": event_view.choices(told, quotas.of_event(session, event.id)),
        "languages": installed().catalogues.languages,
        "privacy": next(each for each in PURPOSES if each.required),
        "number": number,
        "named": named,
        "others": number - len(named),
        "own_guests": companies.own_guests(session, event.id),
        "is_over": is_over(told, now),
        "applies": is_applied_for(event, told),
        "decided": giving_words.decided(told),
        "exchanges": exchanges_contacts(told, now),
        "contact": companies.contact_of(session, event.id),
        "exchanged": companies.exchanged(session, event.id),
        "is_host": may(current_actor(), "add_guest", Scope(company_id=host.id)),
    }

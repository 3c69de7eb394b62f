"""The form to sign up, and the page that says what became of it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from services.registration.domain.consents import offered
from services.registration.domain.registrations import Receipt, SignUpWish, choose_quotas, ensure_open
from services.registration.schemas.answers import answered
from services.registration.schemas.house import terms
from services.registration.schemas.sign_up import SignUpForm
from services.registration.schemas.signing_up import quick_receipt
from services.registration.storage import events, forms, quotas
from services.registration.storage.tables import Event
from services.registration.use_cases.as_if_new import as_if_new
from services.registration.use_cases.sign_up import sign_up
from services.registration.web import answer_forms, event_view, giving_words, question_view, receipts, robots
from services.registration.web.all_faults import with_choice
from services.registration.web.personal import personal
from shared import clock
from shared.errors import InvalidInput, Rejection
from shared.http.app import reading, transaction
from shared.http.forms import Form, read_form
from shared.http.hardening import accepts_body
from shared.http.locale import _, current_locale, in_language
from shared.http.problems import sentence

pages = Blueprint("sign_up", __name__, url_prefix="/registration")


@pages.get("/<string:slug>/sign-up")
@personal
def show(slug: str) -> ResponseReturnValue:
    """The form, or why there is none."""
    form = Form({"locale": current_locale(), "quota_ids": request.args.getlist("quota")[:50]})
    return _show(slug, form)


@pages.post("/<string:slug>/sign-up")
@personal
@accepts_body(most=answer_forms.MOST_BODY)
def send(slug: str) -> ResponseReturnValue:
    """Sign up; what was typed comes back with what is wrong with it."""
    taken, faults = _take_in_files(slug)
    wish, form = read_form(SignUpForm, ignore=robots.FIELDS)
    form = form.filled(taken).rejected(faults)
    if wish is None or faults:
        return _show(slug, form)
    if wish.answers or taken:
        wish = replace(wish, answers=answer_forms.answers_in(form)[0])
    try:
        receipt = _pretend(slug, wish) if robots.is_robot(clock.now()) else _sign_up(slug, wish)
    except InvalidInput as rejection:
        return _show(slug, form.rejected(rejection))
    return redirect(url_for("sign_up.received", slug=slug, token=receipts.sign(receipt, slug)), 303)


@pages.get("/<string:slug>/received/<string:token>")
@personal
def received(slug: str, token: str) -> ResponseReturnValue:
    """What became of a sign-up. It says the same whether the address was known or not."""
    shown = receipts.read(token, slug)
    with reading() as session:
        event = events.snapshot(events.get_by_slug(session, slug))
    decided = giving_words.decided(event)
    return render_template("registration/received.html", receipt=shown, event=event, decided=decided, **_facts(event))


def _sign_up(slug: str, wish: SignUpWish) -> Receipt:
    with reading() as session:
        told = events.snapshot(events.get_by_slug(session, slug))
    if receipt := quick_receipt(wish, told):
        return receipt
    with transaction() as session:
        event = events.get_by_slug(session, slug)
        wish = answered(wish, event, session)
        return sign_up(wish, event=event, session=session, now=clock.now(), terms=terms())


def _take_in_files(slug: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    if not answer_forms.has_files():
        return {}, {}
    with reading() as session:
        event = events.get_by_slug(session, slug)
        ensure_open(events.snapshot(event), clock.now())
        version = forms.current(session, event)
    return answer_forms.take_in(version)


def _pretend(slug: str, wish: SignUpWish) -> Receipt:
    now = clock.now()
    with reading() as session:
        event = events.get_by_slug(session, slug)
        told = events.snapshot(event)
        ensure_open(told, now)
        return as_if_new(
            session, event, choose_quotas(told, wish.quota_ids), together=wish.together, now=now, terms=terms()
        )


def _show(slug: str, form: Form) -> ResponseReturnValue:
    now = clock.now()
    with reading() as session:
        event = events.get_by_slug(session, slug)
        if form.has_errors():
            form = answer_forms.with_faults(form, forms.current(session, event), event)
            form = with_choice(form, events.snapshot(event))
        context = _context(session, event, now) | {"questions": answer_forms.asked(session, event, form)}
    names = question_view.labels(context["questions"])
    page = render_template("registration/sign_up.html", form=form, names=names, stamp=robots.stamp(now), **context)
    return page, 422 if form.has_errors() else 200


def _context(session: Session, event: Event, now: datetime) -> dict[str, Any]:
    told = events.snapshot(event)
    choices = event_view.choices(told, quotas.of_event(session, event.id))
    return {
        "event": told,
        "choices": choices,
        "is_full": all(each.free == 0 for each in choices),
        "closed": _why_closed(told, now),
        **giving_words.facts(event, told, now),
        "purposes": offered(told),
        "hold_minutes": int(terms().hold.total_seconds() // 60),
        "confirms": terms().confirm_address,
        **_facts(told),
    }


def _facts(told: Any) -> dict[str, Any]:
    return {
        "title": in_language(told.title),
        "summary": in_language(told.summary),
        "when_text": event_view.when_text(told),
        "where_text": event_view.where_text(told),
        "zone": event_view.zone_of(told),
        "safety": event_view.safety(told),
    }


def _why_closed(told: Any, now: datetime) -> tuple[str, str] | None:
    try:
        ensure_open(told, now)
    except Rejection as rejection:
        return _(rejection.title), sentence(rejection)
    return None

"""Her own page: status, ticket, calendar file, language, cancelling. Whoever has the link is her."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from services.registration.domain.company import exchanges_contacts
from services.registration.domain.registrations import LIVING, PlaceState, Status, is_over
from services.registration.domain.tickets import in_groups
from services.registration.schemas.house import terms
from services.registration.storage import companies, events, registrations
from services.registration.storage.tables import Registration
from services.registration.use_cases.answer_offer import refuse_offer, take_offer
from services.registration.use_cases.cancel_registration import cancel_registration
from services.registration.use_cases.change_language import change_language
from services.registration.use_cases.exchange_contacts import want_contact, withdraw_contact
from services.registration.use_cases.expire_unconfirmed import is_lapsed
from services.registration.use_cases.news import position_of
from services.registration.web import coming_view, event_view, giving_words, hand_over, my_answers, my_places
from services.registration.web.calendar_file import calendar_file
from services.registration.web.overlaps import overlaps
from services.registration.web.personal import personal
from services.registration.web.qr import as_png, as_svg
from services.registration.web.standing import standing
from shared import clock
from shared.contracts.events import EventSnapshot
from shared.errors import NotFound
from shared.http.app import reading, transaction
from shared.http.context import installed
from shared.http.locale import _, current_locale, in_language

pages = Blueprint("my_page", __name__, url_prefix="/registration/my")


@pages.get("/<string:token>")
@personal
def show(token: str) -> ResponseReturnValue:
    """Everything about her registration."""
    with reading() as session:
        registration = registrations.get_by_page(session, token)
        facts = context(session, registration) | hand_over.shown(session, registration, clock.now())
        facts |= coming_view.shown(session, registration, clock.now())
        return render_template("registration/my_page.html", overlaps=overlaps(session, registration), **facts)


@pages.get("/<string:token>/ticket")
@personal
def ticket(token: str) -> ResponseReturnValue:
    """The ticket alone, black on white, as large as the screen."""
    with reading() as session:
        registration = _with_ticket(session, token)
        return render_template("registration/ticket.html", **context(session, registration))


@pages.get("/<string:token>/ticket.svg")
@personal
def ticket_svg(token: str) -> ResponseReturnValue:
    """The QR code for the screen."""
    with reading() as session:
        registration = _with_ticket(session, token)
    return Response(as_svg(terms().links.ticket(registration.id)), mimetype="image/svg+xml")


@pages.get("/<string:token>/ticket.png")
@personal
def ticket_png(token: str) -> ResponseReturnValue:
    """The QR code to keep as a picture."""
    with reading() as session:
        registration = _with_ticket(session, token)
    return Response(as_png(terms().links.ticket(registration.id)), mimetype="image/png")


@pages.get("/<string:token>/calendar.ics")
@personal
def calendar(token: str) -> ResponseReturnValue:
    """The event's sessions for her calendar, with the join links if she holds a place."""
    with reading() as session:
        registration = registrations.get_by_page(session, token)
        if registration.status != Status.CONFIRMED:
            raise NotFound
        body = calendar_file(events.snapshot(registration.event), current_locale(), now=clock.now())
    headers = {"Content-Disposition": f'attachment; filename="{registration.event.slug}.ics"'}
    return Response(body, mimetype="text/calendar", headers=headers)


@pages.get("/<string:token>/cancel")
@personal
def ask_to_cancel(token: str) -> ResponseReturnValue:
    """Are you sure?"""
    with reading() as session:
        registration = registrations.get_by_page(session, token)
        if registration.status not in LIVING:
            return redirect(url_for("my_page.show", token=token), 303)
        return render_template("registration/cancel.html", **context(session, registration))


@pages.post("/<string:token>/cancel")
@personal
def cancel(token: str) -> ResponseReturnValue:
    """She does not come; again is harmless."""
    with transaction() as session:
        found = registrations.get_by_page(session, token)
        done = cancel_registration(found.id, by="attendee", session=session, now=clock.now(), links=terms().links)
    if done:
        flash(_("Your registration is cancelled. Thank you for telling us."), "success")
    return redirect(url_for("my_page.show", token=token), 303)


@pages.post("/<string:token>/language")
@personal
def language(token: str) -> ResponseReturnValue:
    """Mails in another language from now on."""
    wanted = request.form.get("locale", "")
    if wanted not in installed().catalogues.available:
        raise NotFound
    with transaction() as session:
        found = registrations.get_by_page(session, token)
        change_language(found.id, wanted, session=session, now=clock.now())
    flash(_("From now on we write to you in the language you chose."), "success")
    return redirect(url_for("my_page.show", token=token), 303)


@pages.get("/<string:token>/offer")
@personal
def look_at_offer(token: str) -> ResponseReturnValue:
    """The mail leads here; looking changes nothing."""
    return redirect(url_for("my_page.show", token=token, _anchor="offer"), 303)


@pages.post("/<string:token>/offer")
@personal
def answer_offer(token: str) -> ResponseReturnValue:
    """She takes the place that is kept for her, or not."""
    how: dict[str, Any] = {"now": clock.now(), "links": terms().links}
    with transaction() as session:
        found = registrations.get_by_page(session, token)
        if request.form.get("answer") == "no":
            refuse_offer(found.id, session=session, **how)
            told = _("Thank you for telling us. The place goes to somebody else.")
        else:
            take_offer(found.id, session=session, **how)
            told = _("The place is yours. The ticket is on its way to you by mail.")
    flash(told, "success")
    return redirect(url_for("my_page.show", token=token), 303)


@pages.post("/<string:token>/contact")
@personal
def stay_in_touch(token: str) -> ResponseReturnValue:
    """She wants the company to have her contact and to get theirs, or no longer."""
    with transaction() as session:
        found = registrations.get_by_page(session, token)
        if request.form.get("answer") == "no":
            withdraw_contact(found.id, session=session)
        else:
            want_contact(found.id, session=session, now=clock.now(), links=terms().links)
    return redirect(url_for("my_page.show", token=token, _anchor="contact"), 303)


def context(session: Session, registration: Registration) -> dict[str, Any]:
    """What the pages of one person show."""
    told = events.snapshot(registration.event)
    code = terms().links.ticket_code(registration.id)
    now = clock.now()
    lapsed = is_lapsed(registration.status, registration.confirm_by, now)
    return {
        "registration": registration,
        "standing": Status.EXPIRED if lapsed else standing(registration),
        "token": terms().links.page_token(registration.id),
        "status": Status.EXPIRED if lapsed else registration.status,
        "event": told,
        "title": in_language(told.title),
        "when_text": event_view.when_text(told),
        "where_text": event_view.where_text(told),
        "zone": event_view.zone_of(told),
        "safety": event_view.safety(told),
        "is_over": is_over(told, now),
        "places": _places(session, registration),
        "parts": _parts(told, registration),
        "code": code if registration.status == Status.CONFIRMED else "",
        "code_groups": in_groups(code) if registration.status == Status.CONFIRMED else "",
        "address_line": event_view.address_line,
        "mail_languages": installed().catalogues.languages,
        **my_answers.shown(session, registration),
        **my_places.shown(registration, now),
        "contact": _contact(session, registration, now),
        "offered_until": _offered_until(registration, now),
        "has_applied": any(each.state == PlaceState.APPLIED for each in registration.places),
        "decided": giving_words.decided(told),
        "lot": terms().links.lot(registration.id) if told.sign_up.selection == "lottery" else "",
    }


def _places(session: Session, registration: Registration) -> list[tuple[Any, int | None]]:
    """(name of the quota, position, None for a held place, 0 where nothing is decided), without those given back."""
    told = events.snapshot(registration.event)
    waits = registrations.positions(session, registration.id)
    return [
        (event_view.quota_name(told, each.quota_id), position_of(each, waits))
        for each in registration.places
        if each.state != PlaceState.RELEASED
    ]


def _parts(told: EventSnapshot, registration: Registration) -> list[Any]:
    """What she chose, where there was a choice."""
    chosen = [each.quota_id for each in registration.places if each.state != PlaceState.RELEASED]
    return [event_view.quota_name(told, each) for each in chosen] if len(told.quotas) > 1 else []


def _offered_until(registration: Registration, now: datetime) -> datetime | None:
    """Until when a place is kept for her."""
    ends = [each.offered_until for each in registration.places if each.state == PlaceState.OFFERED]
    return min((each for each in ends if each is not None and each > now), default=None)


def _contact(session: Session, registration: Registration, now: datetime) -> str:
    """Where the exchange of contacts with the host stands: "" (no question of it), open, wished, exchanged."""
    if registration.status != Status.CONFIRMED or not exchanges_contacts(events.snapshot(registration.event), now):
        return ""
    if not companies.was_there(session, registration.id):
        return ""
    wish = companies.wish_of(session, registration.id)
    return "open" if wish is None else ("exchanged" if wish.exchanged_at else "wished")


def _with_ticket(session: Session, token: str) -> Registration:
    registration = registrations.get_by_page(session, token)
    if registration.status != Status.CONFIRMED:
        raise NotFound
    return registration

"""The company's form, step by step: every post is kept, nothing is lost by Back, reload or a late link."""

import secrets
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from services.events.domain.offer_content import MOST_DATES, faults
from services.events.domain.offers import OfferIsIncomplete, OfferStatus
from services.events.schemas.offer_forms import read_tour, tour_form
from services.events.storage import offers
from services.events.storage.tables import Offer
from services.events.use_cases.confirm_offer_address import confirm_offer_address
from services.events.use_cases.offer_access import ensure_may_change
from services.events.use_cases.offer_tour import offer_tour
from services.events.use_cases.save_offer_draft import save_offer_draft
from services.events.use_cases.withdraw_offer import withdraw_offer
from services.events.web import company_drafts, company_steps, offer_choices, offer_words
from services.events.web.moves import base_url, see_other
from shared import clock
from shared.errors import NotSignedIn
from shared.http.app import reading, transaction
from shared.http.fields import EmailAddress, Wish
from shared.http.forms import Form, read_form
from shared.http.identity import current_actor
from shared.http.locale import _
from shared.http.security import keep_private

pages = Blueprint("company_form", __name__, url_prefix="/events/company/offers")
pages.before_request(keep_private)


class AddressSchema(Wish):
    """Another address for the link, or none to send it to the same once more."""

    email = EmailAddress(load_default="")


def own_offer(session: Session, offer_id: UUID) -> Offer:
    """The offer for its company's eyes. Raises NotSignedIn, NotFound."""
    actor, holds = current_actor(), offer_id in company_drafts.held()
    if not actor.is_known and not holds:
        raise NotSignedIn
    offer = offers.get(session, offer_id)
    ensure_may_change(offer, by=actor, holds_draft=holds)
    return offer


@pages.get("/<uuid:offer_id>/<step>")
def show_step(offer_id: UUID, step: str) -> ResponseReturnValue:
    """One screen of questions, as they were left."""
    if not company_steps.is_step(step):
        raise NotFound
    with reading() as session:
        offer = own_offer(session, offer_id)
        if offer.status != OfferStatus.DRAFT:
            return see_other(f"/events/company/offers/{offer_id}")
        page = make_response(_step_page(offer, step, tour_form(offer.content)))
    return company_drafts.hold(page, offer_id)


@pages.post("/<uuid:offer_id>/<step>")
def save_step(offer_id: UUID, step: str) -> ResponseReturnValue:
    """Keep what was entered, then go where she wants to go."""
    if not company_steps.is_step(step):
        raise NotFound
    asked = company_steps.STEPS[company_steps.numbered(step)].fields
    typed = read_tour(request.form, asked)
    with transaction() as session:
        holds = offer_id in company_drafts.held()
        offer = save_offer_draft(
            offer_id,
            typed.changes,
            unsound=typed.unsound,
            by=current_actor(),
            session=session,
            now=clock.now(),
            holds_draft=holds,
        )
    if "X-Autosave" in request.headers:
        return Response(status=204)
    go = request.form.get("go", "next")
    if go == "next" and typed.errors:
        return _step_page(offer, step, tour_form(offer.content, typed.errors)), 422
    return see_other(_onward(offer_id, step, go))


@pages.get("/<uuid:offer_id>/check")
def check(offer_id: UUID) -> ResponseReturnValue:
    """The last look before it is sent."""
    with reading() as session:
        offer = own_offer(session, offer_id)
        if offer.status != OfferStatus.DRAFT:
            return see_other(f"/events/company/offers/{offer_id}")
        page = make_response(_check_page(offer, Form()))
    return company_drafts.hold(page, offer_id)


@pages.post("/<uuid:offer_id>/send")
def send(offer_id: UUID) -> ResponseReturnValue:
    """Off it goes."""
    try:
        with transaction() as session:
            offer_tour(
                offer_id,
                by=current_actor(),
                session=session,
                now=clock.now(),
                base_url=base_url(),
                holds_draft=offer_id in company_drafts.held(),
            )
    except OfferIsIncomplete as rejection:
        with reading() as session:
            return _check_page(own_offer(session, offer_id), Form().rejected(rejection)), 422
    flash(_("Thank you! Your offer is on its way. We will write to you as soon as there is news."), "success")
    return see_other(f"/events/company/offers/{offer_id}")


@pages.post("/<uuid:offer_id>/link")
def mail_link(offer_id: UUID) -> ResponseReturnValue:
    """The link once more, or to a corrected address."""
    wish, form = read_form(AddressSchema)
    if wish is None:
        with reading() as session:
            return _check_page(own_offer(session, offer_id), form), 422
    with transaction() as session:
        is_sent = confirm_offer_address(
            offer_id,
            token=secrets.token_urlsafe(32),
            by=current_actor(),
            session=session,
            now=clock.now(),
            base_url=base_url(),
            holds_draft=offer_id in company_drafts.held(),
            email=wish["email"],
        )
    if is_sent:
        flash(_("The link is on its way."), "success")
    else:
        flash(_("We have just mailed you several links. Please look into your mailbox, also among spam."), "warning")
    return see_other(f"/events/company/offers/{offer_id}/check")


@pages.post("/<uuid:offer_id>/discard")
def discard(offer_id: UUID) -> ResponseReturnValue:
    """The draft is not wanted any more."""
    with transaction() as session:
        holds = offer_id in company_drafts.held()
        withdraw_offer(offer_id, by=current_actor(), session=session, now=clock.now(), holds_draft=holds)
    flash(_("The draft is gone."), "info")
    return see_other("/events/company/")


def _onward(offer_id: UUID, step: str, go: str) -> str:
    at = f"/events/company/offers/{offer_id}"
    if go == "add":
        rows = min(len(request.form.getlist("date")) + 1, MOST_DATES)
        return f"{at}/{step}?rows={rows}#field-date-{rows}"
    if go == "back":
        return f"{at}/{company_steps.before(step) or step}"
    return f"{at}/{company_steps.after(step)}"


def _step_page(offer: Offer, step: str, form: Form) -> str:
    return render_template(
        "events/company/step.html",
        offer=offer,
        form=form,
        step=step,
        steps=company_steps,
        titles=_titles(),
        labels=offer_words.labels(),
        choices=offer_choices,
        rows=_date_rows(form),
    )


def _titles() -> list[str]:
    return [*(_(each.title) for each in company_steps.STEPS), _("Send")]


def _date_rows(form: Form) -> int:
    wished = request.args.get("rows", "")
    least = int(wished) if wished in {"4", "5"} else 3
    return min(max(least, len(form.values("date"))), MOST_DATES)


def _check_page(offer: Offer, form: Form) -> str:
    return render_template(
        "events/company/check.html",
        offer=offer,
        form=form,
        missing=Form().rejected(faults(offer.content, now=clock.now())).errors(),
        steps=company_steps,
        titles=_titles(),
        labels=offer_words.labels(),
        words=offer_words,
        is_confirmed=current_actor().is_known,
    )

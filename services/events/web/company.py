"""The company portal: the first tap, and everything a company has offered."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from services.events.domain.offers import OfferStatus
from services.events.schemas.offers import NextSchema, StartSchema
from services.events.storage import events, offers
from services.events.storage.tables import Event, Offer
from services.events.use_cases.confirm_offer_address import confirm_offer_address
from services.events.use_cases.start_offer import OfferStart, start_offer
from services.events.web import company_drafts, offer_words
from services.events.web.counts import counting
from services.events.web.moves import base_url, see_other
from shared import clock
from shared.errors import N_
from shared.http.app import reading, transaction
from shared.http.forms import Form, read_form
from shared.http.identity import current_actor
from shared.http.locale import _, current_locale
from shared.http.security import keep_private

pages = Blueprint("company", __name__, url_prefix="/events/company")
pages.before_request(keep_private)
_STILL_OF_INTEREST = timedelta(days=60)  # as long as contacts are exchanged


@pages.get("/")
def show() -> str:
    """The overview of somebody known, the start page for everybody else."""
    actor = current_actor()
    with reading() as session:
        hers = offers.of_companies(session, actor.companies, actor.id) if actor.is_known else []
        hosted = events.hosted_by(session, actor.companies, since=clock.now() - _STILL_OF_INTEREST)
        if hers or hosted:
            return _overview(session, hers, hosted)
        return _start_page(session, Form())


@pages.get("/new")
def ask() -> str:
    """Another tour: for which company, to which organiser?"""
    with reading() as session:
        return _start_page(session, Form())


@pages.post("/offers")
def begin() -> ResponseReturnValue:
    """The draft exists from here on, in this browser and, by the mailed link, everywhere else."""
    actor = current_actor()
    wish, form = read_form(NextSchema if actor.is_known else StartSchema)
    if wish is None or not (wish["company_name"] or wish.get("company_id")):
        form = form if wish is None else form.rejected({"company_name": [N_("Please enter the name of your company.")]})
        with reading() as session:
            return _start_page(session, form), 422
    with transaction() as session:
        now = clock.now()
        offer = start_offer(OfferStart(**wish, locale=current_locale()), by=actor, session=session, now=now)
        if not actor.is_known:
            _mail_link(offer, session, now)
    return company_drafts.hold(see_other(f"/events/company/offers/{offer.id}/company"), offer.id)


def _mail_link(offer: Offer, session: Session, now: datetime) -> None:
    confirm_offer_address(
        offer.id,
        token=secrets.token_urlsafe(32),
        by=current_actor(),
        session=session,
        now=now,
        base_url=base_url(),
        holds_draft=True,
    )


def _start_page(session: Session, form: Form) -> str:
    actor = current_actor()
    held = [] if actor.is_known else [offers.find(session, each) for each in company_drafts.held()]
    organisations = offers.organisations_to_choose(session)
    companies = offers.companies_of(session, actor.companies)
    return render_template(
        "events/company/start.html",
        form=form,
        organisations=organisations,
        organiser_options=[(each.id, each.name, each.city) for each in organisations],
        companies=companies,
        company_options=[*((each.id, each.name, each.city) for each in companies), ("", _("Another company"))],
        drafts=[each for each in held if each is not None and each.status == OfferStatus.DRAFT],
        labels=offer_words.labels(),
        chosen=request.args.get("organisation", ""),
    )


def _overview(session: Session, hers: Sequence[Offer], hosted: Sequence[Event]) -> str:
    planned = {each.event_id: events.get(session, each.event_id) for each in hers if each.event_id}
    return render_template(
        "events/company/overview.html",
        offers=hers,
        hosted=hosted,
        now=clock.now(),
        events=planned,
        counts=counting(session, {each.id: each for each in (*planned.values(), *hosted)}.values()),
        words=offer_words,
    )

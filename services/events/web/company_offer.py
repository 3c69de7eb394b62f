"""What a company does with an offer that was sent: answer, change, withdraw, offer again."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from services.events.domain.offer_content import faults, new_content
from services.events.domain.offers import NothingHasChanged, OfferIsIncomplete, OfferStatus, ensure_in_review
from services.events.schemas.offer_forms import Typed, read_tour, tour_form
from services.events.schemas.offers import MaybeSaidSchema
from services.events.storage import events
from services.events.storage.tables import Offer
from services.events.use_cases.answer_offer import answer_offer
from services.events.use_cases.revise_offer import ensure_revisable, revise_offer
from services.events.use_cases.start_offer import OfferStart, start_offer
from services.events.use_cases.withdraw_offer import withdraw_offer
from services.events.web import company_drafts, company_steps, offer_choices, offer_words
from services.events.web.company_form import own_offer
from services.events.web.counts import counting
from services.events.web.moves import base_url, see_other
from shared import clock
from shared.errors import NotSignedIn, Rejection
from shared.http.app import reading, transaction
from shared.http.forms import Form
from shared.http.identity import current_actor
from shared.http.locale import _, current_locale
from shared.http.security import keep_private

pages = Blueprint("company_offer", __name__, url_prefix="/events/company/offers")
pages.before_request(keep_private)


@pages.get("/<uuid:offer_id>")
def show(offer_id: UUID) -> ResponseReturnValue:
    """Where the offer stands, what was said, and what she can do now."""
    with reading() as session:
        offer = own_offer(session, offer_id)
        if offer.status == OfferStatus.DRAFT:
            missing = faults(offer.content, now=clock.now())
            return see_other(f"/events/company/offers/{offer_id}/{company_steps.first_open(missing)}")
        return _offer_page(session, offer, Form())


@pages.post("/<uuid:offer_id>/answer")
def answer(offer_id: UUID) -> ResponseReturnValue:
    """A word to the organiser."""
    text, form = _said()
    with transaction() as session:
        own_offer(session, offer_id)
        if not text:
            form = form.rejected({"text": [_("Please write your answer.")]})
            return _offer_page(session, own_offer(session, offer_id), form), 422
        answer_offer(offer_id, text=text, by=current_actor(), session=session, now=clock.now(), base_url=base_url())
    flash(_("Your answer is on its way."), "success")
    return see_other(f"/events/company/offers/{offer_id}")


@pages.get("/<uuid:offer_id>/change")
def ask_for_change(offer_id: UUID) -> ResponseReturnValue:
    """The whole form once more: in review it changes the offer, later it is a wish."""
    with reading() as session:
        offer = own_offer(session, offer_id)
        _ensure_changeable(session, offer)
        return _change_page(offer, tour_form(offer.revision or offer.content))


@pages.post("/<uuid:offer_id>/change")
def change(offer_id: UUID) -> ResponseReturnValue:
    """Keep the change, or say what is wrong with it."""
    typed = read_tour(request.form, company_steps.FIELDS)
    text, form = _said()
    errors = typed.errors | form.errors()
    try:
        with transaction() as session:
            offer = own_offer(session, offer_id)
            _ensure_changeable(session, offer)
            if errors:
                return _change_page(offer, _as_typed(offer, typed, errors)), 422
            _change(offer, typed, text, session)
    except OfferIsIncomplete as rejection:
        return _change_page(offer, _as_typed(offer, typed, {}).rejected(rejection)), 422
    except NothingHasChanged as rejection:
        flash(_(rejection.title), "info")
    else:
        flash(_("Your change is on its way to the organiser."), "success")
    return see_other(f"/events/company/offers/{offer_id}")


@pages.post("/<uuid:offer_id>/withdraw")
def withdraw(offer_id: UUID) -> ResponseReturnValue:
    """Taken back."""
    with transaction() as session:
        withdraw_offer(offer_id, by=current_actor(), session=session, now=clock.now())
    flash(_("Your offer is withdrawn."), "info")
    return see_other(f"/events/company/offers/{offer_id}")


@pages.post("/<uuid:offer_id>/again")
def again(offer_id: UUID) -> ResponseReturnValue:
    """The same tour with other dates."""
    actor = current_actor()
    if not actor.is_known:
        raise NotSignedIn
    with transaction() as session:
        original = own_offer(session, offer_id)
        wish = OfferStart(organisation_id=original.organisation_id, copy_of=offer_id, locale=current_locale())
        copy = start_offer(wish, by=actor, session=session, now=clock.now())
    return company_drafts.hold(see_other(f"/events/company/offers/{copy.id}/dates"), copy.id)


def _change(offer: Offer, typed: Typed, text: str, session: Session) -> None:
    common: dict[str, Any] = {
        "by": current_actor(),
        "session": session,
        "now": clock.now(),
        "base_url": base_url(),
    }
    if offer.status == OfferStatus.ACCEPTED:
        revise_offer(offer.id, typed.changes, text=text, **common)
    else:
        answer_offer(offer.id, changes=typed.changes, text=text, **common)


def _ensure_changeable(session: Session, offer: Offer) -> None:
    if offer.status == OfferStatus.ACCEPTED:
        ensure_revisable(offer, session=session, now=clock.now())
    else:
        ensure_in_review(offer.status)


def _as_typed(offer: Offer, typed: Typed, errors: dict[str, list[str]]) -> Form:
    return tour_form(new_content(offer.content, typed.changes, unsound=typed.unsound), errors)


def _offer_page(session: Session, offer: Offer, form: Form) -> str:
    event = events.get(session, offer.event_id) if offer.event_id else None
    return render_template(
        "events/company/offer.html",
        offer=offer,
        form=form,
        event=event,
        counts=counting(session, [event] if event else []),
        can_change=_can_change(session, offer),
        changed=offer_words.changes(offer.content, offer.revision),
        words=offer_words,
        fields=company_steps.FIELDS,
    )


def _can_change(session: Session, offer: Offer) -> bool:
    try:
        _ensure_changeable(session, offer)
    except Rejection:
        return False
    return True


def _change_page(offer: Offer, form: Form) -> str:
    return render_template(
        "events/company/change.html",
        offer=offer,
        form=form,
        labels=offer_words.labels(),
        choices=offer_choices,
        rows=1 if offer.status == OfferStatus.ACCEPTED else 5,
    )


def _said() -> tuple[str, Form]:
    schema = MaybeSaidSchema()
    errors = schema.validate({"text": request.form.get("text", "")})
    text = "" if errors else schema.load({"text": request.form.get("text", "")})["text"]
    return text, Form({"text": request.form.get("text", "")}, errors)

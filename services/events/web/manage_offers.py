"""The organiser reviews what companies offer, and what they want to change later."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from services.events.domain import local_times
from services.events.domain.offers import OfferStatus
from services.events.schemas.offers import AcceptFormSchema, ReasonSchema, RevisionDecisionSchema, SaidSchema
from services.events.storage import events, offers
from services.events.storage.tables import Offer
from services.events.use_cases.accept_offer import Acceptance, accept_offer
from services.events.use_cases.accept_revision import accept_revision
from services.events.use_cases.decline_offer import decline_offer
from services.events.use_cases.decline_revision import decline_revision
from services.events.use_cases.offer_access import ensure_may_review
from services.events.use_cases.request_offer_change import request_offer_change
from services.events.web import company_steps, offer_words
from services.events.web.manage_access import organiser
from services.events.web.moves import base_url, see_other
from shared import clock
from shared.errors import Rejection
from shared.http.app import reading, transaction
from shared.http.forms import Form, read_form
from shared.http.identity import current_actor, require_signed_in
from shared.http.locale import _
from shared.http.problems import sentence, status_of
from shared.http.security import keep_private

pages = Blueprint("manage_offers", __name__, url_prefix="/events/manage/offers")
pages.before_request(keep_private)

_SHOWN_HERE = {"conflict", "invalid"}
Verb = Callable[[Session], object]


@pages.get("")
def show_all() -> str:
    """Everything that companies sent, newest first."""
    _actor, organisations = organiser("review_offer")
    status = request.args.get("status", "")
    statuses = (status,) if status in set(OfferStatus) else ()
    with reading() as session:
        found = offers.of_organisations(session, organisations, statuses=statuses)
        return render_template(
            "events/manage/offers.html",
            offers=found,
            status=status,
            words=offer_words,
            portal=f"{base_url()}/events/company/",
        )


@pages.get("/<uuid:offer_id>")
def show(offer_id: UUID) -> str:
    """Everything the company wrote, and what can be decided now."""
    with reading() as session:
        return _page(session, offer_id, Form())


@pages.post("/<uuid:offer_id>/accept")
def accept(offer_id: UUID) -> ResponseReturnValue:
    """One of the dates it shall be."""
    wish, form = read_form(AcceptFormSchema)
    if wish is None:
        return _again(offer_id, form)
    acceptance = Acceptance(
        start=wish["start"], publish=wish["publish"], text=wish["accept_text"], seen_version=wish["version"]
    )
    said = _("Accepted, and published.") if wish["publish"] else _("Accepted. The event is a draft to finish.")
    return _decide(offer_id, form, lambda session: accept_offer(offer_id, acceptance, **_now(session)), said)


@pages.post("/<uuid:offer_id>/request-change")
def request_change(offer_id: UUID) -> ResponseReturnValue:
    """A question to the company."""
    wish, form = read_form(SaidSchema)
    if wish is None:
        return _again(offer_id, form)
    said = _("Your question is on its way.")
    return _decide(
        offer_id, form, lambda session: request_offer_change(offer_id, text=wish["text"], **_now(session)), said
    )


@pages.post("/<uuid:offer_id>/decline")
def decline(offer_id: UUID) -> ResponseReturnValue:
    """No, with a reason."""
    wish, form = read_form(ReasonSchema)
    if wish is None:
        return _again(offer_id, form)
    said = _("Declined. The company is told why.")
    return _decide(offer_id, form, lambda session: decline_offer(offer_id, **wish, **_now(session)), said)


@pages.post("/<uuid:offer_id>/accept-revision")
def take_over(offer_id: UUID) -> ResponseReturnValue:
    """The company's change goes into the event."""
    wish, form = read_form(RevisionDecisionSchema)
    if wish is None:
        return _again(offer_id, form)
    said = _("The change is taken over. Everybody concerned is told.")
    return _decide(
        offer_id,
        form,
        lambda session: accept_revision(offer_id, reason=wish["told"], seen_version=wish["version"], **_now(session)),
        said,
    )


@pages.post("/<uuid:offer_id>/decline-revision")
def keep(offer_id: UUID) -> ResponseReturnValue:
    """The event stays as it is."""
    wish, form = read_form(ReasonSchema)
    if wish is None:
        return _again(offer_id, form)
    said = _("The tour stays as it was. The company is told why.")
    return _decide(offer_id, form, lambda session: decline_revision(offer_id, **wish, **_now(session)), said)


def _decide(offer_id: UUID, form: Form, verb: Verb, said: str) -> ResponseReturnValue:
    """Do it and say so; what the rules refuse is said on the same page, with what has changed meanwhile."""
    require_signed_in()
    try:
        with transaction() as session:
            verb(session)
    except Rejection as rejection:
        if rejection.kind not in _SHOWN_HERE:
            raise
        with reading() as session:
            return _page(session, offer_id, form, refused=rejection), status_of(rejection)
    flash(said, "success")
    return see_other(f"/events/manage/offers/{offer_id}")


def _again(offer_id: UUID, form: Form) -> ResponseReturnValue:
    with reading() as session:
        return _page(session, offer_id, form), 422


def _page(session: Session, offer_id: UUID, form: Form, refused: Rejection | None = None) -> str:
    actor = require_signed_in()
    offer = offers.get(session, offer_id)
    ensure_may_review(offer, by=actor)
    return render_template(
        "events/manage/offer.html",
        offer=offer,
        form=form,
        refused=(_(refused.title), sentence(refused)) if refused else None,
        event=events.get(session, offer.event_id) if offer.event_id else None,
        dates=_dates(offer),
        changed=offer_words.changes(offer.content, offer.revision),
        labels=offer_words.labels() | {"start": _("Date"), "reason": _("Reason"), "text": _("Your question")},
        words=offer_words,
        steps=company_steps.STEPS,
    )


def _dates(offer: Offer) -> list[tuple[str, str, bool]]:
    """(local start, in words, whether it is still ahead) of each alternative."""
    now, zone = clock.now(), offer.content["zone"]
    return [
        (start, text, local_times.instant(local_times.parse(start), zone) > now)
        for start, text in offer_words.dates(offer.content)
    ]


def _now(session: Session) -> dict[str, Any]:
    return {"by": current_actor(), "session": session, "now": clock.now(), "base_url": base_url()}

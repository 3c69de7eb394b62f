"""Company offers as JSON: drafts, the thread, the decision, and changes afterwards."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, json
from sqlalchemy.orm import Session

from services.events.domain.offer_content import EMPTY
from services.events.schemas.offers import (
    OfferSchema,
    OffersPage,
    OffersQuery,
    OfferWishSchema,
    TourSchema,
    offer_document,
)
from services.events.storage import idempotency, offers, organisations
from services.events.storage.tables import Offer, Organisation
from services.events.use_cases.offer_access import ensure_may_change
from services.events.use_cases.save_offer_draft import save_offer_draft
from services.events.use_cases.start_offer import OfferStart, start_offer
from shared import clock, policy
from shared.errors import N_, InvalidInput
from shared.http.app import reading, transaction
from shared.http.idempotency import IDEMPOTENCY, once
from shared.http.identity import require_signed_in
from shared.http.openapi import Blueprint
from shared.http.paging import conditional, ensure_unchanged, etag, next_cursor
from shared.policy import Actor, Scope

resource = Blueprint("offers", __name__, url_prefix="/events/api/v1", description="Tours that companies offer")


@resource.get("/offers")
@resource.arguments(OffersQuery, location="query")
@resource.response(200, OffersPage)
@resource.alt_response(401, description="No token")
def list_offers(query: dict[str, Any]) -> Response:
    """What companies offered to one's organisation, or what one's companies offered. Newest first."""
    actor = require_signed_in()
    with reading() as session:
        found = _found(session, actor, query)
        shown = found[: query["limit"]]
        more = next_cursor([shown[-1].changed_at.isoformat(), str(shown[-1].id)]) if len(found) > len(shown) else None
        body = json.dumps({"items": [offer_document(each, now=clock.now()) for each in shown], "next": more})
    return conditional(Response(body, mimetype="application/json"), etag(body))


@resource.post("/offers")
@resource.arguments(OfferWishSchema)
@resource.response(201, OfferSchema)
@resource.alt_response(401, description="No token")
@resource.alt_response(409, description="The Idempotency-Key was used for another request")
@resource.doc(parameters=[IDEMPOTENCY])
def begin_offer(data: dict[str, Any]) -> Response:
    """A draft, which may lack facts; an organiser writes down what a company says on the phone."""
    actor = require_signed_in()
    with transaction() as session:
        organisation = _addressed(session, actor, data.get("organiser"))
        return once(session, lambda: (_begun(session, data, organisation, actor), 201), answers=idempotency)


@resource.get("/offers/<uuid:offer_id>")
@resource.response(200, OfferSchema)
@resource.alt_response(401, description="No token")
@resource.alt_response(404, description="No such offer, or not yours")
def show_offer(offer_id: UUID) -> Response:
    """One offer with its thread."""
    actor = require_signed_in()
    with reading() as session:
        offer = offers.get(session, offer_id)
        ensure_may_change(offer, by=actor)
        return conditional(answer(offer), _tag(offer))


@resource.patch("/offers/<uuid:offer_id>")
@resource.arguments(TourSchema)
@resource.response(200, OfferSchema)
@resource.alt_response(401, description="No token")
@resource.alt_response(404, description="No such offer, or not yours")
@resource.alt_response(409, description="It was sent already: answer or revise it")
@resource.alt_response(412, description="It was changed since (If-Match)")
def change_draft(data: dict[str, Any], offer_id: UUID) -> Response:
    """Change a draft; what is left out stays."""
    actor = require_signed_in()
    with transaction() as session:
        offer = offers.get(session, offer_id)
        ensure_may_change(offer, by=actor)
        ensure_unchanged(_tag(offer))
        return answer(save_offer_draft(offer_id, data, by=actor, session=session, now=clock.now()))


def step(offer_id: UUID, act: Callable[[Session, Actor, datetime], object]) -> Response:
    """Take one step of the review and answer with the offer as it is then."""
    actor = require_signed_in()
    with transaction() as session:
        offer = offers.get(session, offer_id)
        ensure_may_change(offer, by=actor)
        ensure_unchanged(_tag(offer))
        act(session, actor, clock.now())
        session.flush()
        return answer(offers.get(session, offer_id))


def answer(offer: Offer, status: int = 200) -> Response:
    """The offer with its ETag."""
    response = Response(json.dumps(offer_document(offer, now=clock.now())), status, mimetype="application/json")
    response.set_etag(_tag(offer))
    return response


def _found(session: Session, actor: Actor, query: dict[str, Any]) -> list[Offer]:
    options: dict[str, Any] = {
        "statuses": (query["status"],) if "status" in query else (),
        "after": _after(query["cursor"]),
        "limit": query["limit"] + 1,
    }
    hers = frozenset(each for each in actor.organisations if _may_review(actor, each))
    if hers or actor.is_admin:
        return list(offers.of_organisations(session, None if actor.is_admin else hers, **options))
    return list(offers.of_companies(session, actor.companies, actor.id, **options))


def _after(cursor: list[str] | None) -> tuple[datetime, UUID] | None:
    try:
        return (datetime.fromisoformat(cursor[0]), UUID(cursor[1])) if cursor else None
    except (ValueError, IndexError):
        raise InvalidInput({"cursor": [N_("This cursor is not one of ours.")]}) from None


def _may_review(actor: Actor, organisation_id: UUID) -> bool:
    return policy.may(actor, "review_offer", Scope(organisation_id=organisation_id))


def _addressed(session: Session, actor: Actor, slug: str | None) -> Organisation:
    """The organisation by its slug; who acts for exactly one need not name it."""
    if slug is None and len(actor.organisations) == 1:
        return organisations.get(session, next(iter(actor.organisations)))
    found = organisations.find_by_slug(session, slug) if slug else None
    if found is None:
        raise InvalidInput({"organiser": [N_("Please name the organisation.")]})
    return found


def _begun(session: Session, data: dict[str, Any], organisation: Organisation, actor: Actor) -> dict[str, Any]:
    wish = OfferStart(
        organisation_id=organisation.id,
        company_name=data.get("company_name", ""),
        email=data.get("email", ""),
        locale=data["locale"],
        company_id=next(iter(actor.companies)) if len(actor.companies) == 1 and "email" not in data else None,
    )
    now = clock.now()
    offer = start_offer(wish, by=actor, session=session, now=now)
    content = {name: value for name, value in data.items() if name in EMPTY}
    return offer_document(save_offer_draft(offer.id, content, by=actor, session=session, now=now), now=now)


def _tag(offer: Offer) -> str:
    return f"v{offer.version}"

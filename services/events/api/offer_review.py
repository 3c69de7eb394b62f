"""The steps of an offer as JSON: sent, asked, answered, decided, revised."""

from typing import Any
from uuid import UUID

from flask import Response

from services.events.api.offers import step
from services.events.schemas.offers import (
    AcceptRevisionSchema,
    AcceptSchema,
    AnswerSchema,
    OfferSchema,
    ReasonSchema,
    RevisionSchema,
    SaidSchema,
)
from services.events.use_cases.accept_offer import Acceptance, accept_offer
from services.events.use_cases.accept_revision import accept_revision
from services.events.use_cases.answer_offer import answer_offer
from services.events.use_cases.decline_offer import decline_offer
from services.events.use_cases.decline_revision import decline_revision
from services.events.use_cases.offer_tour import offer_tour
from services.events.use_cases.request_offer_change import request_offer_change
from services.events.use_cases.revise_offer import revise_offer
from services.events.use_cases.withdraw_offer import withdraw_offer
from shared.http.context import installed
from shared.http.openapi import Blueprint

resource = Blueprint("offer-review", __name__, url_prefix="/events/api/v1", description="The review of offers")


def _verb(path: str, refused: str) -> Any:
    """A POST on one offer that may be refused for its state."""

    def document(view: Any) -> Any:
        for status, text in ((409, refused), (404, "No such offer, or not yours"), (401, "No token")):
            view = resource.alt_response(status, description=text)(view)
        return resource.post(f"/offers/<uuid:offer_id>/{path}")(view)

    return document


@_verb("offer", "It was sent already")
@resource.response(200, OfferSchema)
def send(offer_id: UUID) -> Response:
    """Send the draft; 422 names every fact that is missing."""
    return step(
        offer_id, lambda session, by, now: offer_tour(offer_id, by=by, session=session, now=now, base_url=_base_url())
    )


@_verb("request-change", "It is not in review")
@resource.arguments(SaidSchema)
@resource.response(200, OfferSchema)
def request_change(data: dict[str, Any], offer_id: UUID) -> Response:
    """Ask the company for something."""
    return step(
        offer_id,
        lambda session, by, now: request_offer_change(
            offer_id, text=data["text"], by=by, session=session, now=now, base_url=_base_url()
        ),
    )


@_verb("answer", "It is not in review, or nothing is said or changed")
@resource.arguments(AnswerSchema)
@resource.response(200, OfferSchema)
def answer(data: dict[str, Any], offer_id: UUID) -> Response:
    """A word, a changed offer, or both."""
    return step(
        offer_id,
        lambda session, by, now: answer_offer(offer_id, **data, by=by, session=session, now=now, base_url=_base_url()),
    )


@_verb("accept", "It is not in review, has changed, or the date has passed")
@resource.arguments(AcceptSchema)
@resource.response(200, OfferSchema)
def accept(data: dict[str, Any], offer_id: UUID) -> Response:
    """Plan the tour at one of its dates: `event_id` is the event, published at once if wished."""
    wish = Acceptance(start=data["start"], publish=data["publish"], text=data["text"], seen_version=data["version"])
    return step(
        offer_id,
        lambda session, by, now: accept_offer(offer_id, wish, by=by, session=session, now=now, base_url=_base_url()),
    )


@_verb("decline", "It is not in review")
@resource.arguments(ReasonSchema)
@resource.response(200, OfferSchema)
def decline(data: dict[str, Any], offer_id: UUID) -> Response:
    """Close it for good."""
    return step(
        offer_id,
        lambda session, by, now: decline_offer(offer_id, **data, by=by, session=session, now=now, base_url=_base_url()),
    )


@_verb("withdraw", "It was accepted, or is closed")
@resource.response(200, OfferSchema)
def withdraw(offer_id: UUID) -> Response:
    """The company takes it back."""
    return step(offer_id, lambda session, by, now: withdraw_offer(offer_id, by=by, session=session, now=now))


@_verb("revise", "It was not accepted, is over or called off, or nothing changes")
@resource.arguments(RevisionSchema)
@resource.response(200, OfferSchema)
def revise(data: dict[str, Any], offer_id: UUID) -> Response:
    """Wish for a change of an accepted tour; it waits for review."""
    return step(
        offer_id,
        lambda session, by, now: revise_offer(
            offer_id, data["changes"], text=data["text"], by=by, session=session, now=now, base_url=_base_url()
        ),
    )


@_verb("accept-revision", "No change waits, or it has changed")
@resource.arguments(AcceptRevisionSchema)
@resource.response(200, OfferSchema)
def take_over(data: dict[str, Any], offer_id: UUID) -> Response:
    """Take the change over into the event."""
    seen = data.pop("version")
    return step(
        offer_id,
        lambda session, by, now: accept_revision(
            offer_id, **data, seen_version=seen, by=by, session=session, now=now, base_url=_base_url()
        ),
    )


@_verb("decline-revision", "No change waits")
@resource.arguments(ReasonSchema)
@resource.response(200, OfferSchema)
def keep(data: dict[str, Any], offer_id: UUID) -> Response:
    """Keep the event as it was."""
    return step(
        offer_id,
        lambda session, by, now: decline_revision(
            offer_id, **data, by=by, session=session, now=now, base_url=_base_url()
        ),
    )


def _base_url() -> str:
    return installed().common.public_base_url

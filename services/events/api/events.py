"""Events as JSON: the catalogue for everybody, planning for organisers."""

import dataclasses
from typing import Any
from uuid import UUID

from flask import Response, json
from sqlalchemy.orm import Session

from services.events.api.common import answer, documents, own_event, tag_of, visible_event
from services.events.api.preconditions import ensure_version
from services.events.schemas.event_wishes import EventChangeSchema, EventWishSchema, changes, event_wish
from services.events.schemas.events import EventSchema, EventsPage
from services.events.schemas.searches import EventQuery, search_of
from services.events.storage import catalogue, event_rows, idempotency, organisations
from services.events.storage.tables import Organisation
from services.events.use_cases.change_event import change_event
from services.events.use_cases.choose_host import choose_host
from services.events.use_cases.create_event import create_event
from services.events.use_cases.reschedule_event import moved
from shared import clock, policy
from shared.errors import N_, InvalidInput, NotPermitted
from shared.http.app import reading, transaction
from shared.http.context import installed
from shared.http.idempotency import IDEMPOTENCY, once
from shared.http.identity import current_actor, require_signed_in
from shared.http.openapi import Blueprint
from shared.http.paging import conditional, etag, next_cursor
from shared.policy import Actor, Scope

resource = Blueprint("events", __name__, url_prefix="/events/api/v1", description="What is on")


@resource.get("/events")
@resource.arguments(EventQuery, location="query")
@resource.response(200, EventsPage)
def list_events(query: dict[str, Any]) -> Response:
    """Published events by date; with a token also the drafts of one's own organisation."""
    actor = current_actor()
    own = [each for each in actor.organisations if policy.may(actor, "see_event", Scope(organisation_id=each))]
    with reading() as session:
        search = search_of(query, organisations=own)
        found = catalogue.find_after(session, search, cursor=query["cursor"], limit=query["limit"] + 1)
        shown = found[: query["limit"]]
        more = next_cursor(catalogue.place_of(shown[-1])) if len(found) > len(shown) else None
        body = json.dumps({"items": documents(session, shown), "next": more})
    return conditional(Response(body, mimetype="application/json"), etag(body))


@resource.post("/events")
@resource.arguments(EventWishSchema)
@resource.response(201, EventSchema)
@resource.alt_response(401, description="No token")
@resource.alt_response(409, description="The Idempotency-Key was used for another request")
@resource.doc(parameters=[IDEMPOTENCY])
def plan_event(data: dict[str, Any]) -> Response:
    """Plan an event: a draft, which may lack facts. Quotas that are left out are the format's usual ones."""
    actor = require_signed_in()
    with transaction() as session:
        organisation = _acting_for(session, actor, data.get("organiser"))
        return once(session, lambda: (_planned(session, data, organisation, actor), 201), answers=idempotency)


@resource.get("/events/<uuid:event_id>")
@resource.response(200, EventSchema)
@resource.alt_response(404, description="No such event, or a draft of somebody else")
def show_event(event_id: UUID) -> Response:
    """One event."""
    with reading() as session:
        event = visible_event(session, event_id)
        (document,) = documents(session, [event])
        return conditional(Response(json.dumps(document), mimetype="application/json"), tag_of(event, document))


@resource.patch("/events/<uuid:event_id>")
@resource.arguments(EventChangeSchema)
@resource.response(200, EventSchema)
@resource.alt_response(401, description="No token")
@resource.alt_response(404, description="No such event, or not yours")
@resource.alt_response(409, description="Cancelled, incomplete, or places are taken")
@resource.alt_response(412, description="It was changed since (If-Match)")
def change(data: dict[str, Any], event_id: UUID) -> Response:
    """Change what is named. Of a published event everybody concerned is told; moved sessions move calendars."""
    with transaction() as session:
        event, actor = own_event(session, event_id, "change_event")
        ensure_version(event)
        now = clock.now()
        wish = event_rows.wish_of(event)
        asked = changes(data, format_=event.format)
        if "sessions" in asked and "quotas" not in asked:
            wish = moved(wish, asked["sessions"])
        if "host" in data:
            asked["company_id"] = _host(session, data["host"], event.organisation_id)
        change_event(
            event,
            dataclasses.replace(wish, **asked),
            reason=data.get("reason"),
            base_url=installed().common.public_base_url,
            session=session,
            now=now,
            by=actor,
        )
        return answer(session, event)


def _planned(session: Session, data: dict[str, Any], organisation: Organisation, actor: Actor) -> dict[str, Any]:
    wish = event_wish(data)
    if data.get("host"):
        wish = dataclasses.replace(wish, company_id=_host(session, data["host"], organisation.id))
    event = create_event(wish, organisation_id=organisation.id, session=session, now=clock.now(), by=actor)
    (document,) = documents(session, [event])
    return document


def _host(session: Session, asked: dict[str, Any] | None, organisation_id: UUID) -> UUID | None:
    if asked is None:
        return None
    return choose_host(asked, organisation_id=organisation_id, session=session, now=clock.now())


def _acting_for(session: Session, actor: Actor, slug: str | None) -> Organisation:
    """The named organisation, or the only one where the asker may plan events."""
    if slug:
        organisation = organisations.find_by_slug(session, slug)
        if organisation is None or not policy.may(actor, "create_event", Scope(organisation_id=organisation.id)):
            raise InvalidInput({"organiser": [N_("This is not one of your organisations.")]})
        return organisation
    own = [each for each in actor.organisations if policy.may(actor, "create_event", Scope(organisation_id=each))]
    if not own:
        raise NotPermitted
    if len(own) > 1:
        raise InvalidInput({"organiser": [N_("Please say for which of your organisations.")]})
    return organisations.get(session, own[0])

"""Personal invitations as JSON. For organisers."""

from typing import Any, cast
from uuid import UUID

from flask import Response

from services.registration.api.first import own_event
from services.registration.domain.invitations import InvitationWish
from services.registration.schemas.house import terms
from services.registration.schemas.invitations import (
    InvitationJson,
    InvitationsPage,
    InvitationsQuery,
    InvitedSchema,
    after,
    key,
)
from services.registration.storage import events, idempotency
from services.registration.storage import invitations as stored
from services.registration.use_cases.invite import invite
from services.registration.use_cases.revoke_invitation import revoke_invitation
from shared import clock
from shared.http.app import reading, transaction
from shared.http.idempotency import IDEMPOTENCY, once
from shared.http.identity import current_actor, require_signed_in
from shared.http.openapi import Blueprint
from shared.http.paging import page

resource = Blueprint(
    "invitations", __name__, url_prefix="/registration/api/v1", description="Personal links, with places kept or not"
)


@resource.post("/events/<uuid:event_id>/invitations")
@own_event
@resource.arguments(InvitationJson)
@resource.response(201, InvitedSchema)
@resource.alt_response(404, description="No such event, or not yours")
@resource.alt_response(409, description="Fewer places are free than should be kept, or the event is over")
@resource.doc(parameters=[IDEMPOTENCY])
def add(wish: InvitationWish, event_id: UUID) -> Response:
    """Invite people; each gets a mail with a link of her own that works once."""

    def act() -> tuple[dict[str, Any], int]:
        how: dict[str, Any] = {"actor": current_actor(), "session": session, "now": clock.now(), "terms": terms()}
        ids, known = invite(wish, event=event, **how)
        return cast("dict[str, Any]", InvitedSchema().dump({"ids": ids, "passed_over": known})), 201

    with transaction() as session:
        event = events.get(session, event_id)
        return once(session, act, answers=idempotency)


@resource.get("/events/<uuid:event_id>/invitations")
@own_event
@resource.arguments(InvitationsQuery, location="query")
@resource.response(200, InvitationsPage)
@resource.alt_response(404, description="No such event, or not yours")
def listed(query: dict[str, Any], event_id: UUID) -> dict[str, Any]:
    """Who was invited, and what became of it."""
    with reading() as session:
        start, limit = after(query["cursor"]), query["limit"]
        rows = stored.listed(session, event_id, limit=limit + 1, state=query["state"], after=start)
        return page(rows, limit, key=key)


@resource.delete("/invitations/<uuid:invitation_id>")
@resource.response(204)
@resource.alt_response(404, description="No such invitation, or not yours")
@resource.alt_response(409, description="It is no longer open")
def revoke(invitation_id: UUID) -> None:
    """Take an invitation back; a kept place goes on at once."""
    require_signed_in()
    with transaction() as session:
        revoke_invitation(invitation_id, actor=current_actor(), session=session, now=clock.now(), links=terms().links)

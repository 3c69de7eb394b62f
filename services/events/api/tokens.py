"""API tokens of one's own organisation, for its administrators."""

from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy.orm import Session

from services.events.schemas.accounts import TokenWish
from services.events.schemas.organisations import TokenSchema, TokensSchema, token_document
from services.events.schemas.tokens import signed_token
from services.events.storage import organisations
from services.events.storage.tables import ApiToken, Organisation
from services.events.use_cases.create_token import create_token
from services.events.use_cases.revoke_token import revoke_token
from shared import clock, policy
from shared.errors import NotFound
from shared.http.app import reading, transaction
from shared.http.identity import require_signed_in
from shared.http.openapi import Blueprint
from shared.policy import Actor, Role

resource = Blueprint("tokens", __name__, url_prefix="/events/api/v1", description="API tokens")


@resource.get("/organisations/<slug>/tokens")
@resource.response(200, TokensSchema)
@resource.alt_response(401, description="No token")
@resource.alt_response(403, description="Only administrators may")
@resource.alt_response(404, description="No such organisation, or not yours")
def list_tokens(slug: str) -> dict[str, Any]:
    """The tokens that work, without the tokens themselves."""
    actor = require_signed_in()
    with reading() as session:
        found = organisations.tokens(session, _own(session, slug, actor).id, clock.now())
        return {"items": [token_document(each) for each in found], "next": None}


@resource.post("/organisations/<slug>/tokens")
@resource.arguments(TokenWish)
@resource.response(201, TokenSchema)
@resource.alt_response(401, description="No token")
@resource.alt_response(403, description="Only administrators may")
@resource.alt_response(404, description="No such organisation, or not yours")
def give_token(wish: dict[str, Any], slug: str) -> dict[str, Any]:
    """Give out a token for a year; it is in this answer and nowhere else."""
    actor = require_signed_in()
    with transaction() as session:
        row = create_token(
            organisation_id=_own(session, slug, actor).id,
            role=Role(wish["role"]),
            name=wish["name"],
            session=session,
            now=clock.now(),
            by=actor,
        )
        return token_document(row, signed_token(row, current_app.config["EVENTS_SIGNING_KEY"]))


@resource.delete("/organisations/<slug>/tokens/<uuid:token_id>")
@resource.response(204)
@resource.alt_response(401, description="No token")
@resource.alt_response(403, description="Only administrators may")
@resource.alt_response(404, description="No such token, or not yours")
def withdraw_token(slug: str, token_id: UUID) -> None:
    """Withdraw a token; a second time changes nothing."""
    actor = require_signed_in()
    with transaction() as session:
        organisation = _own(session, slug, actor)
        token = session.get(ApiToken, token_id)
        if token is None or token.organisation_id != organisation.id:
            raise NotFound
        revoke_token(token, session=session, now=clock.now(), by=actor)


def _own(session: Session, slug: str, actor: Actor) -> Organisation:
    organisation = organisations.get_by_slug(session, slug)
    policy.ensure(actor, "manage_tokens", policy.Scope(organisation_id=organisation.id))
    return organisation

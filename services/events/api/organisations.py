"""One's own organisations and who belongs to them."""

import secrets
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.events.schemas.accounts import InvitationWish, RoleWish
from services.events.schemas.organisations import (
    MemberSchema,
    MembersSchema,
    OrganisationSchema,
    OrganisationsSchema,
    member_document,
)
from services.events.storage import organisations
from services.events.storage.tables import Organisation
from services.events.use_cases.add_member import invite_member
from services.events.use_cases.change_member import change_member, remove_member
from shared import clock, policy
from shared.errors import NotFound
from shared.http.app import reading, transaction
from shared.http.context import installed
from shared.http.identity import require_signed_in
from shared.http.openapi import Blueprint
from shared.policy import Actor, Role

resource = Blueprint(
    "organisations", __name__, url_prefix="/events/api/v1", description="One's own organisations and their members"
)


@resource.get("/organisations")
@resource.response(200, OrganisationsSchema)
@resource.alt_response(401, description="No token")
def list_organisations() -> dict[str, Any]:
    """The organisations that the asker belongs to."""
    actor = require_signed_in()
    with reading() as session:
        return {"items": organisations.of_ids(session, actor.organisations), "next": None}


@resource.get("/organisations/<slug>")
@resource.response(200, OrganisationSchema)
@resource.alt_response(401, description="No token")
@resource.alt_response(404, description="No such organisation, or not yours")
def show_organisation(slug: str) -> Organisation:
    """One of one's own organisations."""
    actor = require_signed_in()
    with reading() as session:
        organisation = organisations.find_by_slug(session, slug)
        if organisation is None or not (actor.is_admin or organisation.id in actor.organisations):
            raise NotFound
        return organisation


@resource.get("/organisations/<slug>/members")
@resource.response(200, MembersSchema)
@resource.alt_response(401, description="No token")
@resource.alt_response(403, description="Only administrators may")
@resource.alt_response(404, description="No such organisation, or not yours")
def list_members(slug: str) -> dict[str, Any]:
    """Who belongs to it."""
    actor = require_signed_in()
    with reading() as session:
        organisation = _own(session, slug, actor)
        members = organisations.members(session, organisation.id)
        return {"items": [member_document(each) for each in members], "next": None}


@resource.post("/organisations/<slug>/members")
@resource.arguments(InvitationWish)
@resource.response(201, MemberSchema)
@resource.alt_response(401, description="No token")
@resource.alt_response(403, description="Only administrators may")
@resource.alt_response(404, description="No such organisation, or not yours")
@resource.alt_response(409, description="It would leave the organisation without an administrator")
def invite(wish: dict[str, Any], slug: str) -> dict[str, Any]:
    """Give somebody a role and mail her a link."""
    actor = require_signed_in()
    with transaction() as session:
        membership = invite_member(
            wish["email"],
            name=wish["name"],
            role=Role(wish["role"]),
            organisation=_own(session, slug, actor),
            token=secrets.token_urlsafe(32),
            base_url=installed().common.public_base_url,
            session=session,
            now=clock.now(),
            by=actor,
        )
        return member_document(membership)


@resource.patch("/organisations/<slug>/members/<uuid:account_id>")
@resource.arguments(RoleWish)
@resource.response(200, MemberSchema)
@resource.alt_response(401, description="No token")
@resource.alt_response(403, description="Only administrators may")
@resource.alt_response(404, description="No such member, or not yours")
@resource.alt_response(409, description="It would leave the organisation without an administrator")
def change_role(wish: dict[str, Any], slug: str, account_id: UUID) -> dict[str, Any]:
    """Give a member another role."""
    actor = require_signed_in()
    with transaction() as session:
        membership = organisations.get_membership(session, _own(session, slug, actor).id, account_id)
        change_member(membership, role=Role(wish["role"]), session=session, now=clock.now(), by=actor)
        return member_document(membership)


@resource.delete("/organisations/<slug>/members/<uuid:account_id>")
@resource.response(204)
@resource.alt_response(401, description="No token")
@resource.alt_response(403, description="Only administrators may")
@resource.alt_response(404, description="No such member, or not yours")
@resource.alt_response(409, description="It would leave the organisation without an administrator")
def remove(slug: str, account_id: UUID) -> None:
    """End a membership."""
    actor = require_signed_in()
    with transaction() as session:
        membership = organisations.get_membership(session, _own(session, slug, actor).id, account_id)
        remove_member(membership, session=session, now=clock.now(), by=actor)


def _own(session: Session, slug: str, actor: Actor) -> Organisation:
    organisation = organisations.get_by_slug(session, slug)
    policy.ensure(actor, "manage_members", policy.Scope(organisation_id=organisation.id))
    return organisation

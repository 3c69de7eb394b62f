"""Who belongs to an organisation and which programs act for it: for its administrators."""

import secrets
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template
from sqlalchemy.orm import Session

from services.events.schemas.accounts import InvitationWish, RoleWish, TokenWish
from services.events.schemas.tokens import signed_token
from services.events.storage import organisations
from services.events.storage.tables import ApiToken, Organisation
from services.events.use_cases.add_member import invite_member
from services.events.use_cases.change_member import change_member, remove_member
from services.events.use_cases.create_token import create_token
from services.events.use_cases.revoke_token import revoke_token
from shared import clock, policy
from shared.errors import NotFound
from shared.http.app import reading, transaction
from shared.http.context import installed
from shared.http.forms import Form, read_form
from shared.http.identity import require_signed_in
from shared.http.locale import _
from shared.http.security import keep_private
from shared.policy import Actor, Role

pages = Blueprint("members", __name__, url_prefix="/events/account/organisations/<slug>")


@pages.get("/")
def show_members(slug: str) -> str:
    """Members with their roles, and API tokens."""
    with reading() as session:
        organisation = _own(session, slug, require_signed_in(), "manage_members")
        return _page(session, organisation)


@pages.post("/members")
def invite(slug: str) -> Response | tuple[str, int]:
    """Mail somebody an invitation."""
    actor = require_signed_in()
    wish, form = read_form(InvitationWish)
    with transaction() as session:
        organisation = _own(session, slug, actor, "manage_members")
        if wish is None:
            return _page(session, organisation, invitation=form), 422
        invite_member(
            wish["email"],
            name=wish["name"],
            role=Role(wish["role"]),
            organisation=organisation,
            token=secrets.token_urlsafe(32),
            base_url=installed().common.public_base_url,
            session=session,
            now=clock.now(),
            by=actor,
        )
    flash(_("%(email)s is invited.", email=wish["email"]), "success")
    return _back(slug)


@pages.post("/members/<uuid:account_id>")
def change_role(slug: str, account_id: UUID) -> Response:
    """Give a member another role."""
    actor = require_signed_in()
    wish, _form = read_form(RoleWish)
    with transaction() as session:
        organisation = _own(session, slug, actor, "manage_members")
        membership = organisations.get_membership(session, organisation.id, account_id)
        if wish is not None:
            change_member(membership, role=Role(wish["role"]), session=session, now=clock.now(), by=actor)
    flash(_("Saved."), "success")
    return _back(slug)


@pages.post("/members/<uuid:account_id>/remove")
def remove(slug: str, account_id: UUID) -> Response:
    """End a membership."""
    actor = require_signed_in()
    with transaction() as session:
        organisation = _own(session, slug, actor, "manage_members")
        membership = organisations.get_membership(session, organisation.id, account_id)
        remove_member(membership, session=session, now=clock.now(), by=actor)
    flash(_("Removed."), "success")
    return _back(slug)


@pages.post("/tokens")
def give_token(slug: str) -> tuple[str, int]:
    """Show a new API token, this once."""
    actor = require_signed_in()
    keep_private()
    wish, form = read_form(TokenWish)
    with transaction() as session:
        organisation = _own(session, slug, actor, "manage_tokens")
        if wish is None:
            return _page(session, organisation, token_form=form), 422
        row = create_token(
            organisation_id=organisation.id,
            role=Role(wish["role"]),
            name=wish["name"],
            session=session,
            now=clock.now(),
            by=actor,
        )
        return _page(session, organisation, new_token=signed_token(row, current_app.config["EVENTS_SIGNING_KEY"])), 201


@pages.post("/tokens/<uuid:token_id>/revoke")
def withdraw_token(slug: str, token_id: UUID) -> Response:
    """Withdraw a token everywhere."""
    actor = require_signed_in()
    with transaction() as session:
        organisation = _own(session, slug, actor, "manage_tokens")
        token = session.get(ApiToken, token_id)
        if token is None or token.organisation_id != organisation.id:
            raise NotFound
        revoke_token(token, session=session, now=clock.now(), by=actor)
    flash(_("The token no longer works."), "success")
    return _back(slug)


def _own(session: Session, slug: str, actor: Actor, action: str) -> Organisation:
    organisation = organisations.get_by_slug(session, slug)
    policy.ensure(actor, action, policy.Scope(organisation_id=organisation.id))
    return organisation


def _back(slug: str) -> Response:
    return make_response(redirect(f"/events/account/organisations/{slug}/", 303))


def _page(session: Session, organisation: Organisation, **forms: Any) -> str:
    facts = {"invitation": Form(), "token_form": Form(), "new_token": ""} | forms
    return render_template(
        "events/account/members.html",
        organisation=organisation,
        members=organisations.members(session, organisation.id),
        tokens=organisations.tokens(session, organisation.id, clock.now()),
        roles=list(Role),
        **facts,
    )

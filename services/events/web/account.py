"""One's own account: name, language, devices."""

from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template
from sqlalchemy.orm import Session

from services.events.schemas.accounts import AccountWish
from services.events.storage import accounts, organisations
from services.events.storage.tables import Account
from services.events.use_cases.change_account import change_account
from services.events.use_cases.sign_out import sign_out_device
from services.events.web.access import give_access
from shared import clock
from shared.errors import NotSignedIn
from shared.http.app import reading, transaction
from shared.http.cookies import read_cookie, set_cookie
from shared.http.forms import Form, read_form
from shared.http.identity import SESSION_COOKIE, require_signed_in
from shared.http.locale import COOKIE as LANGUAGE_COOKIE
from shared.http.locale import _
from shared.policy import Actor

pages = Blueprint("account", __name__)


@pages.get("/events/account/")
def show_account() -> str:
    """What the account is, where it is signed in, to what it belongs."""
    with reading() as session:
        account = _own(session, require_signed_in())
        return _page(session, account, Form({"name": account.name, "locale": account.locale}))


@pages.post("/events/account/")
def save_account() -> Response | tuple[str, int]:
    """Change name and language; pages change to the language at once."""
    actor = require_signed_in()
    wish, form = read_form(AccountWish)
    if wish is None:
        with reading() as session:
            return _page(session, _own(session, actor), form), 422
    with transaction() as session:
        account = _own(session, actor)
        change_account(account, **wish, session=session)
        changed = accounts.actor_of(session, account)
        device = accounts.find_device(session, read_cookie(SESSION_COOKIE) or "", clock.now())
    flash(_("Saved."), "success")
    response = make_response(redirect("/events/account/", 303))
    set_cookie(response, LANGUAGE_COOKIE, wish["locale"])
    return give_access(response, changed, session_id=device.id) if device else response


@pages.post("/events/account/devices/<uuid:device_id>/sign-out")
def leave_device(device_id: UUID) -> Response:
    """End one of the account's own sessions."""
    actor = require_signed_in()
    with transaction() as session:
        account = _own(session, actor)
        sign_out_device(device_id, account_id=account.id, session=session, now=clock.now())
    flash(_("That device is signed out."), "success")
    return make_response(redirect("/events/account/", 303))


def _own(session: Session, actor: Actor) -> Account:
    """The asker's account. An API token or a paired device has none."""
    account = session.get(Account, actor.id) if actor.kind == "account" else None
    if account is None:
        raise NotSignedIn
    return account


def _page(session: Session, account: Account, form: Form) -> str:
    now = clock.now()
    actor = accounts.actor_of(session, account)
    device = accounts.find_device(session, read_cookie(SESSION_COOKIE) or "", now)
    return render_template(
        "events/account/overview.html",
        account=account,
        form=form,
        devices=accounts.devices(session, account.id, now),
        this_device=device.id if device else None,
        organisations=organisations.of_ids(session, actor.organisations),
        roles=actor.organisations,
    )

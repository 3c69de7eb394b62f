"""Sign in by a link from a mail: asking for it, opening it (changes nothing), pressing its button; and leaving."""

import secrets

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from flask import session as form_session

from services.events.domain.accounts import ABSOLUTE, LinkIsUsedUp
from services.events.schemas.accounts import SignInWish
from services.events.storage import accounts
from services.events.use_cases.renew_access import renew_access
from services.events.use_cases.request_sign_in import request_sign_in
from services.events.use_cases.sign_in import SignedIn, sign_in
from services.events.use_cases.sign_out import sign_out, sign_out_everywhere
from services.events.web.access import give_access, take_access
from shared import clock
from shared.errors import NotSignedIn
from shared.http.app import reading, transaction
from shared.http.context import installed
from shared.http.cookies import read_cookie, set_cookie
from shared.http.forms import Form, read_form
from shared.http.identity import SESSION_COOKIE, SIGN_IN, current_actor, require_signed_in
from shared.http.locale import _
from shared.http.security import keep_private, safe_next

pages = Blueprint("sign_in", __name__)


@pages.get(SIGN_IN)
def show_sign_in() -> str | Response:
    """The form; somebody who is signed in goes on."""
    target = safe_next(request.args.get("next"), "")
    if current_actor().is_known:
        return make_response(redirect(target or "/events/account/", 303))
    return render_template("events/account/sign_in.html", form=Form({"next": target}))


@pages.post(SIGN_IN)
def ask_for_link() -> tuple[str, int] | str:
    """Says the same whoever asks: whether the address is known is nobody's business."""
    wish, form = read_form(SignInWish)
    if wish is None:
        return render_template("events/account/sign_in.html", form=form), 422
    with transaction() as session:
        request_sign_in(
            wish["email"],
            token=secrets.token_urlsafe(32),
            next_path=safe_next(wish["next"], ""),
            base_url=installed().common.public_base_url,
            session=session,
            now=clock.now(),
        )
    return render_template("events/account/link_sent.html", email=wish["email"])


@pages.get("/events/account/link/<token>")
def show_link(token: str) -> str:
    """A button that names the account. Mail scanners may open this as often as they like."""
    keep_private()
    with reading() as session:
        link = accounts.find_link(session, token, clock.now())
        if link is None:
            raise LinkIsUsedUp
        return render_template("events/account/link.html", account=link.account, token=token)


@pages.post("/events/account/link/<token>")
def use_link(token: str) -> Response:
    """Consume the link and sign this browser in under a new secret."""
    keep_private()
    sid = secrets.token_urlsafe(32)
    with transaction() as session:
        signed_in = sign_in(
            token,
            new_sid=sid,
            old_sid=read_cookie(SESSION_COOKIE) or "",
            browser=_browser(),
            session=session,
            now=clock.now(),
        )
        actor = accounts.actor_of(session, signed_in.account)
    form_session.clear()  # a form that was open before belongs to nobody now
    response = make_response(redirect(_way_on(signed_in, is_staff=bool(actor.organisations)), 303))
    set_cookie(response, SESSION_COOKIE, sid, lifetime=ABSOLUTE)
    return give_access(response, actor, session_id=signed_in.device.id)


@pages.get("/events/account/refresh")
def refresh() -> Response:
    """A fresh proof for a browser whose five minutes are over, or the way to sign in."""
    keep_private()
    target = safe_next(request.args.get("next"), "/events/")
    try:
        with transaction() as session:
            actor, device_id = renew_access(read_cookie(SESSION_COOKIE) or "", session=session, now=clock.now())
    except NotSignedIn:  # to the page itself: what is public needs no sign-in, what is not will ask for it
        return take_access(make_response(redirect(target, 303)))
    return give_access(make_response(redirect(target, 303)), actor, session_id=device_id)


@pages.post("/events/account/sign-out")
def leave() -> Response:
    """End this browser's account session."""
    with transaction() as session:
        sign_out(read_cookie(SESSION_COOKIE) or "", session=session, now=clock.now())
    return _left()


@pages.post("/events/account/sign-out-everywhere")
def leave_everywhere() -> Response:
    """End all account sessions of this account."""
    actor = require_signed_in()
    with transaction() as session:
        sign_out_everywhere(actor.id, session=session, now=clock.now())  # type: ignore[arg-type]
    return _left()


def _left() -> Response:
    form_session.clear()
    flash(_("You are signed out."), "success")
    return take_access(make_response(redirect("/events/", 303)))


def _way_on(signed_in: SignedIn, *, is_staff: bool) -> str:
    return safe_next(signed_in.next_path, "/events/manage/" if is_staff else "/events/account/")


def _browser() -> str:
    """Enough to recognise one's own device in a list: "Firefox · Android"."""
    agent = request.headers.get("User-Agent", "")
    names = ("Firefox", "Edg", "OPR", "Chrome", "Safari")
    systems = ("Android", "iPhone", "iPad", "Windows", "Macintosh", "Linux")
    found = [next((name for name in known if name in agent), "") for known in (names, systems)]
    return " · ".join(name for name in found if name)

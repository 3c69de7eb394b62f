"""Writes that a browser sends on somebody else's behalf are refused.

Two walls: where the request comes from (Origin, Sec-Fetch-Site -> 403) and the token of the page (-> 400).
Forms carry <input type="hidden" name="csrf_token" value="{{ csrf_token() }}">, scripts the header X-CSRF-Token.
API requests with a Bearer token need neither; API requests that no cookie vouches for need no token.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import Forbidden

from shared.errors import N_
from shared.http.context import installed
from shared.http.cookies import read_cookie
from shared.http.identity import SESSION_COOKIE, current_actor, is_api, uses_bearer
from shared.http.problems import BadForm
from shared.http.security import is_own_origin

View = TypeVar("View", bound=Callable[..., Any])
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_protect = CSRFProtect()


def without_csrf_token(view: View) -> View:
    """For posts that no page of ours sends and whose address is the secret: one-click unsubscribe (RFC 8058)."""
    view._werktor_without_token = True  # type: ignore[attr-defined]  # noqa: SLF001 - wraps() carries it outwards
    return view


def install(app: Flask) -> None:
    """Guard every write of the application."""
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,  # bound to the session, not to the clock: forms may stay open over lunch
        WTF_CSRF_SSL_STRICT=False,  # our pages send no Referer; the Origin check below replaces it
        WTF_CSRF_HEADERS=["X-CSRF-Token", "X-CSRFToken"],
    )
    _protect.init_app(app)
    app.before_request(_guard)


def _guard() -> None:
    if request.method in _SAFE or uses_bearer():
        return
    _ensure_own_origin()
    if _needs_token():
        try:
            _protect.protect()
        except CSRFError:
            sentence = N_("This form has lost its connection to you. Please reload the page and send it again.")
            raise BadForm(sentence) from None


def _ensure_own_origin() -> None:
    origin = request.headers.get("Origin")
    if origin is not None and not is_own_origin(origin):
        raise Forbidden
    if request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
        raise Forbidden


def _needs_token() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "_werktor_without_token", False):
        return False
    if not is_api() or current_actor().is_known:
        return True
    return any(read_cookie(name) is not None for name in (SESSION_COOKIE, *installed().hooks.credential_cookies))

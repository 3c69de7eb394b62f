"""Who is asking, and the tokens that say so.

The events service alone holds the private key and signs; everybody else verifies with the public one.

    actor = current_actor()                    # ANONYMOUS when nobody is known
    actor = require_signed_in()                # raises NotSignedIn: a page sends to sign-in, the API answers 401
    policy.ensure(actor, "see_event", Scope(organisation_id=event.organisation_id))

Events, after checking its own `sid`:
    key = signing_key(settings.identity_key, common.identity_public_key)
    set_access_cookie(response, issue_access(actor, key=key, now=now))
    token = issue_api_token(key=key, jti=row.id, organisation_id=…, role=Role.ORGANISER, now=now, expires_at=…)
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, current_app, g, has_request_context, redirect, request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from shared import clock
from shared.errors import N_, NotSignedIn
from shared.http.context import installed
from shared.http.cookies import drop_cookie, read_cookie, set_cookie
from shared.http.keys import public_pem, signing_key, verifying_key
from shared.http.security import requested_page
from shared.policy import ANONYMOUS, Actor, Role

__all__ = ["signing_key", "verifying_key"]  # the rest is defined here

ALGORITHM = "Ed25519"
ISSUER = "werktor-events"
AUDIENCE = "werktor"
API_AUDIENCE = "werktor-api"
ACCESS_COOKIE = "at"
SESSION_COOKIE = "sid"  # the events service's own; nobody else reads it
ACCESS_LIFETIME = timedelta(minutes=5)
_LONGEST_ACCESS = 600  # seconds; joserfc accepts any number, we do not
_LONGEST_TOKEN = 4096
_LEEWAY = 10  # seconds that two machines' clocks may differ
SIGN_IN = "/events/account/sign-in"
SIGN_OUT = "/events/account/sign-out"
REFRESH = "/events/account/refresh"
_WITHOUT_ACTOR = frozenset({None, "healthz", "readyz", "shared_static", "service_static"})

View = TypeVar("View", bound=Callable[..., Any])


class SessionExpired(NotSignedIn):
    """Somebody was signed in a moment ago; what she sent is not done and not repeated by us."""

    title = N_("Please repeat")
    detail = N_("Your session had to be renewed. Nothing was changed; please go back and send it again.")


def current_actor() -> Actor:
    """Who is asking: by API token under /api, else by access cookie, else by a paired device."""
    if not has_request_context():
        return ANONYMOUS
    if "actor" not in g:
        g.actor = _recognise()
    found: Actor = g.actor
    return found


def require_signed_in() -> Actor:
    """Who is asking; raises NotSignedIn when nobody is known, SessionExpired when she was until just now."""
    actor = current_actor()
    if actor.is_known:
        return actor
    raise SessionExpired if has_expired() else NotSignedIn


def asks_revocation_itself(view: View) -> View:
    """For a view whose one statement also asks whether the bearer's token (the actor's id) was taken back.

    Before it believes the token for anything else, it calls ensure_not_revoked(). Put it nearest the function.
    """
    view._werktor_asks_revocation = True  # type: ignore[attr-defined]  # noqa: SLF001 - wraps() carries it outwards
    return view


def ensure_not_revoked() -> None:
    """Ask what a view that asks_revocation_itself has not asked yet. Raises NotSignedIn."""
    jti: str | None = g.pop("unasked_token", None)
    if jti and installed().hooks.is_revoked(jti):
        raise NotSignedIn


def is_api() -> bool:
    """Whether the request is one of the JSON door: /<service>/api/…"""
    found: bool | None = g.get("is_api")
    if found is None:
        prefix, path = f"{installed().prefix}/api", request.path
        found = g.is_api = path == prefix or path.startswith(f"{prefix}/")
    return found


def uses_bearer() -> bool:
    """Whether the request authenticates by header; its cookies count for nothing then."""
    return is_api() and request.headers.get("Authorization", "").partition(" ")[0].lower() == "bearer"


def issue_access(actor: Actor, *, key: OKPKey, now: datetime, session_id: str = "") -> str:
    """The signed five-minute proof of who an account is, for the cookie that all services read."""
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(actor.id),
        "iat": int(now.timestamp()),
        "exp": int((now + ACCESS_LIFETIME).timestamp()),
        "sid": session_id,
        "email": actor.email,
        "name": actor.name,
        "admin": actor.is_admin,
        "orgs": {str(organisation): str(role) for organisation, role in actor.organisations.items()},
        "companies": sorted(str(company) for company in actor.companies),
    }
    return jwt.encode({"alg": ALGORITHM}, claims, key, algorithms=[ALGORITHM])


def issue_api_token(
    *, key: OKPKey, jti: UUID, organisation_id: UUID, role: Role, now: datetime, expires_at: datetime
) -> str:
    """A signed token for programs: one organisation, one role. Its jti can be withdrawn."""
    claims = {
        "iss": ISSUER,
        "aud": API_AUDIENCE,
        "sub": str(jti),
        "jti": str(jti),
        "iat": int(now.timestamp()),
        "exp": int(expires_at.timestamp()),
        "org": str(organisation_id),
        "role": str(role),
    }
    return jwt.encode({"alg": ALGORITHM}, claims, key, algorithms=[ALGORITHM])


def set_access_cookie(response: Response, token: str) -> None:
    """Hand the proof to the browser. It outlives the token, so that an expired one can be noticed and renewed."""
    set_cookie(response, ACCESS_COOKIE, token, lifetime=timedelta(days=7))


def drop_access_cookie(response: Response) -> None:
    """Sign the browser out of all services."""
    drop_cookie(response, ACCESS_COOKIE)


def renew_expired() -> Any:
    """Before a page is read with an expired proof: fetch a fresh one first. Registered by new_app."""
    if uses_bearer():
        current_actor()  # a token that is no good is refused everywhere, even where none is needed
    if request.method not in {"GET", "HEAD"} or is_api() or request.endpoint in _WITHOUT_ACTOR:
        return None
    if request.path.startswith((REFRESH, SIGN_IN, SIGN_OUT)):
        return None
    current_actor()
    return redirect(refresh_page(), 303) if has_expired() else None


def has_expired() -> bool:
    """Whether the asker was signed in until a moment ago."""
    return bool(g.get("access_expired"))


def refresh_page() -> str:
    """Where to have the proof renewed, with the way back."""
    return f"{REFRESH}?{urlencode({'next': requested_page()})}"


def sign_in_page() -> str:
    """Where to sign in, with the way back to the page that was asked for."""
    return f"{SIGN_IN}?{urlencode({'next': requested_page()})}"


def _recognise() -> Actor:
    if uses_bearer():
        return _by_token(request.headers["Authorization"].partition(" ")[2].strip())
    return _by_cookie(read_cookie(ACCESS_COOKIE)) or installed().hooks.device_actor() or ANONYMOUS


def _by_token(token: str) -> Actor:
    claims = _verified(token, API_AUDIENCE)
    if claims is None or claims["exp"] < _now() - _LEEWAY:
        raise NotSignedIn
    try:
        jti, organisation, role = UUID(claims["jti"]), UUID(claims["org"]), Role(claims["role"])
    except (KeyError, ValueError, TypeError, AttributeError):
        raise NotSignedIn from None
    g.unasked_token = str(jti)
    if not hasattr(current_app.view_functions.get(request.endpoint or ""), "_werktor_asks_revocation"):
        ensure_not_revoked()
    return Actor(id=jti, kind="token", organisations={organisation: role})


def _by_cookie(token: str | None) -> Actor | None:
    claims = _verified(token, AUDIENCE) if token else None
    if claims is None or claims["exp"] - claims["iat"] > _LONGEST_ACCESS:
        return None
    if claims["exp"] < _now() - _LEEWAY:
        g.access_expired = True
        return None
    if claims.get("sid") and installed().hooks.is_revoked(str(claims["sid"])):
        return None  # signed out; what the cookie says may still be found on somebody's disk
    try:
        return _account(claims)
    except (KeyError, ValueError, TypeError, AttributeError):
        return None


def _account(claims: dict[str, Any]) -> Actor:
    return Actor(
        id=UUID(claims["sub"]),
        kind="account",
        email=str(claims["email"]),
        name=str(claims["name"]),
        is_admin=claims["admin"] is True,
        organisations={UUID(organisation): Role(role) for organisation, role in claims["orgs"].items()},
        companies=frozenset(UUID(company) for company in claims["companies"]),
    )


def _verified(token: str, audience: str) -> dict[str, Any] | None:
    """The claims of a token we signed for this audience; whether it has expired is for the caller to say."""
    pem = public_pem(installed().common.identity_public_key)
    if pem is None or len(token) > _LONGEST_TOKEN:
        return None
    try:
        claims = _signed(token, pem)
    except (JoseError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return None
    whole = all(type(claims.get(name)) is int and abs(claims[name]) < 1 << 40 for name in ("iat", "exp"))
    ours = claims.get("iss") == ISSUER and claims.get("aud") == audience
    return claims if ours and whole and claims["iat"] <= _now() + _LEEWAY else None


@lru_cache(maxsize=1000)
def _signed(token: str, pem: str) -> dict[str, Any]:
    """The claims, to be read only. A good signature stays good; forged tokens raise and are never kept.

    Whether the token is still to be believed (exp, revocation) is asked each time, by those who call.
    """
    if (key := verifying_key(pem)) is None:
        raise ValueError("this is not a public key")
    return jwt.decode(token, key, algorithms=[ALGORITHM]).claims


def _now() -> int:
    return int(clock.now().timestamp())

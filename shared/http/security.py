"""Who may address us and what a browser may do with our answers: hosts, redirects, security headers.

A view that needs more says so:  allow(camera=True, worker=True)    # check-in page
                                 allow(wasm=True)                   # the decode worker's own script
                                 allow(everywhere=True)             # public: other web sites may load it
                                 keep_private()                     # a page behind a token in its address
"""

import re
from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit

from flask import Flask, Response, g, request
from werkzeug.exceptions import BadRequest, SecurityError

from shared.http.context import installed

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2000-\u200f\u2028-\u202f\u2066-\u2069\u3000\ufeff]")
_UNSAFE_DECODED = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}


def _written(policy: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in policy.items())


_WITHOUT_CAMERA = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
_WITH_CAMERA = _WITHOUT_CAMERA.replace("camera=()", "camera=(self)")
_USUAL = (
    ("Content-Security-Policy", _written(_POLICY)),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),  # no-referrer would make browsers post forms with Origin: null
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", _WITHOUT_CAMERA),
)


def allow(*, camera: bool = False, worker: bool = False, wasm: bool = False, everywhere: bool = False) -> None:
    """Loosen this one answer: the camera, workers from our own files, WebAssembly in a worker's script, other sites."""
    policy = dict(g.get("policy", {}))
    if worker:
        policy["worker-src"] = "'self'"
    if wasm:
        policy["script-src"] = "'self' 'wasm-unsafe-eval'"
    g.policy = policy
    g.camera = camera or g.get("camera", False)
    g.is_for_other_sites = everywhere or g.get("is_for_other_sites", False)


def keep_private() -> None:
    """Nobody may store this answer: it is meant for one person."""
    g.is_private = True


def safe_next(target: str | None, default: str = "/events/") -> str:
    """A path on our own origin, the default for anything that could lead elsewhere."""
    if not target or len(target) > 2000 or not target.startswith("/"):
        return default
    path = unquote(target.partition("?")[0].partition("#")[0])
    if _UNSAFE.search(target) or _UNSAFE_DECODED.search(path) or "//" in path or ".." in path.split("/"):
        return default
    return target


def requested_page() -> str:
    """The path and query of this request, to come back to."""
    query = request.query_string.decode("ascii", "replace")
    return safe_next(quote(request.path) + (f"?{query}" if query else ""))


def is_own_origin(origin: str) -> bool:
    """Whether an Origin header names us."""
    common = installed().common
    if origin.lower() == common.public_base_url.lower():
        return True
    return not common.secure and origin.lower() == f"{request.scheme}://{request.host}".lower()


def install(app: Flask) -> None:
    """Check the Host header first, set the headers last."""
    app.before_request(_know_host)
    app.after_request(_set_headers)


def _know_host() -> None:
    if request.path in {f"{installed().prefix}/healthz", f"{installed().prefix}/readyz"}:
        return  # probes ask by address
    try:
        name, port = _address(f"//{request.host}")
        asked = urlsplit(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or "/")
    except (SecurityError, ValueError):
        raise BadRequest from None
    if asked.scheme and asked.netloc.lower() != request.host.lower():
        raise BadRequest  # "GET http://elsewhere/": the address and the Host header contradict each other
    common = installed().common
    own_name, own_port = _address(common.public_base_url)
    if (name, port or _usual_port()) == (own_name, own_port or _usual_port()):
        return
    if common.secure or name not in _LOOPBACK:
        raise BadRequest


@lru_cache(maxsize=64)
def _address(url: str) -> tuple[str, int | None]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port


def _usual_port() -> int:
    return 443 if installed().common.secure else 80


def _set_headers(response: Response) -> Response:
    headers = response.headers
    headers.extend(_USUAL)
    if more := g.get("policy"):
        headers["Content-Security-Policy"] = _written(_POLICY | more)
    if g.get("camera"):
        headers["Permissions-Policy"] = _WITH_CAMERA
    if g.get("is_for_other_sites"):
        headers["Access-Control-Allow-Origin"] = "*"  # browsers then send no cookies
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if installed().common.secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    _set_caching(response)
    return response


def _set_caching(response: Response) -> None:
    given = response.headers.get("Cache-Control", "")
    if "public" in given:
        return
    if g.get("is_private") or _is_for_somebody() or request.method not in {"GET", "HEAD"}:
        response.headers["Cache-Control"] = "no-store"
    elif not given:
        response.headers["Cache-Control"] = "private, no-cache" if response.mimetype == "text/html" else "no-cache"
    if response.mimetype in {"text/html", "application/problem+json"}:
        response.vary.update({"Accept-Language", "Cookie"})


def _is_for_somebody() -> bool:
    actor = g.get("actor")
    return bool(actor and actor.is_known)

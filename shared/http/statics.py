"""Static files: the shared layout's under /<service>/shared/, the service's own under /<service>/static/.

`static_url('base.css')` finds the file in either and adds its content's hash, so that it may be kept for a year.
"""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from flask import Flask, Response, current_app, request, send_from_directory
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from shared.http.context import installed

LAYOUT = Path(__file__).parent / "layout"
_KNOWN = "werktor.static_urls"
_A_YEAR = "public, max-age=31536000, immutable"


def install(app: Flask) -> None:
    """Serve both folders and give templates static_url()."""
    folder = app.extensions["werktor"].static_folder
    own = Path(folder) if folder else None
    prefix = installed_prefix(app)

    def shared_static(filename: str) -> Response:
        return _send(LAYOUT / "static", filename)

    def service_static(filename: str) -> Response:
        if own is None:
            raise NotFound
        return _send(own, filename)

    app.add_url_rule(f"{prefix}/shared/<path:filename>", "shared_static", shared_static)
    app.add_url_rule(f"{prefix}/static/<path:filename>", "service_static", service_static)
    app.extensions[_KNOWN] = {}
    app.jinja_env.globals["static_url"] = static_url


def static_url(name: str) -> str:
    """The address of a static file of this service or of the layout, with its hash; looked up once per process."""
    known: dict[str, str] = current_app.extensions[_KNOWN]
    if name not in known or current_app.debug:
        known[name] = _url(name)
    return known[name]


def installed_prefix(app: Flask) -> str:
    """The first part of the application's paths."""
    return str(app.extensions["werktor"].prefix)


def _send(folder: Path, name: str) -> Response:
    response = send_from_directory(folder, name)
    is_current = request.args.get("v") and request.args["v"] == _hash(folder, name)
    response.headers["Cache-Control"] = _A_YEAR if is_current else "public, no-cache"
    return response


def _url(name: str) -> str:
    prefix = installed().prefix
    for part, folder in (("static", _own_folder()), ("shared", LAYOUT / "static")):
        if folder is not None and (version := _hash(folder, name)):
            return f"{prefix}/{part}/{quote(name)}?v={version}"
    return f"{prefix}/shared/{quote(name)}"


def _own_folder() -> Path | None:
    folder = installed().static_folder
    return Path(folder) if folder else None


def _hash(folder: Path, name: str) -> str:
    path = safe_join(str(folder), name)
    try:
        return _hash_of(path, Path(path).stat().st_mtime_ns) if path else ""
    except OSError:
        return ""


@lru_cache(maxsize=512)
def _hash_of(path: str, _modified: int) -> str:
    return sha256(Path(path).read_bytes()).hexdigest()[:12]

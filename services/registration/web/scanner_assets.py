"""The scanner's own files, all under one path, so that a service worker can cover them.

The path carries a fingerprint of all of them: whoever has an address may keep what it answers for a year.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Blueprint, Flask, Response, send_file, url_for
from werkzeug.exceptions import NotFound

from shared.http.security import allow

_STATIC = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm"}
_WORKER = "decode_worker.js"

blueprint = Blueprint("scanner_assets", __name__, url_prefix="/registration/check-in/assets")


@blueprint.get("/<version>/<name>")
def scanner_asset(version: str, name: str) -> Response:
    """One file. Only the worker's own answer may compile WebAssembly, the page may not."""
    path = _files().get(name)
    if path is None:
        raise NotFound
    if name == _WORKER:
        allow(wasm=True)
    response = send_file(path, mimetype=_TYPES[path.suffix])
    is_current = version == asset_version()
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_current else "public, no-cache"
    return response


def install(app: Flask) -> None:
    """Teach the templates asset('scanner.js')."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["asset"] = asset_url


def asset_url(name: str) -> str:
    """The address of one of the scanner's files."""
    return url_for("scanner_assets.scanner_asset", version=asset_version(), name=name)


@cache
def asset_version() -> str:
    """The fingerprint of all files together."""
    whole = sha256()
    for name, path in sorted(_files().items()):
        whole.update(name.encode() + sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:12]


@cache
def _files() -> dict[str, Path]:
    paths = [*(_STATIC / "check_in").iterdir(), *(_STATIC / "vendor").glob("zxing_reader.*")]
    return {path.name: path for path in paths if path.suffix in _TYPES}

"""/healthz: the process answers. /readyz: it can work, within one second, else 503 naming the part that is missing.

What a page does not need is not `missing`: the web never speaks to the broker, and a sign-up is kept and answered while
the broker is away. If messages have been waiting for half a minute, /readyz stays 200 and says `late: [broker]`, so
that a person sees it and a load balancer does not shut the doors (record 12).
"""

from flask import Flask, Response, jsonify
from sqlalchemy import text

from shared.http.context import Installed
from shared.http.keys import verifying_key
from shared.readiness import Checks, Readiness


def install(app: Flask) -> None:
    """Add both addresses. Neither tells versions, hosts or reasons: those are in the log."""
    parts: Installed = app.extensions["werktor"]
    needed = _needed(parts)
    readiness = Readiness({**needed, **parts.hooks.watched})

    def healthz() -> Response:
        return jsonify(status="ok")

    def readyz() -> tuple[Response, int]:
        silent = readiness.missing()
        missing = [name for name in silent if name in needed]
        late = [name for name in silent if name not in needed and "database" not in missing]
        return jsonify(status="missing" if missing else "ready", missing=missing, late=late), 503 if missing else 200

    app.add_url_rule(f"{parts.prefix}/healthz", "healthz", healthz)
    app.add_url_rule(f"{parts.prefix}/readyz", "readyz", readyz)


def _needed(parts: Installed) -> Checks:
    def database() -> object:
        with parts.reading_sessions() as session:
            return session.execute(text("SELECT 1")).scalar() == 1

    def identity() -> object:
        return verifying_key(parts.common.identity_public_key) is not None

    return {"database": database, "identity": identity, **parts.hooks.checks}

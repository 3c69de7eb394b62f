"""/healthz: the process answers. /readyz: it can work, within one second, else 503 naming the part that is missing."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from flask import Flask, Response, jsonify
from sqlalchemy import text

from shared.http.context import Installed
from shared.http.keys import verifying_key
from shared.telemetry import get_logger

_BUDGET = 1.0


def install(app: Flask) -> None:
    """Add both addresses. Neither tells versions, hosts or reasons: those are in the log."""
    parts: Installed = app.extensions["werktor"]
    # one thread per check: a hanging one must not stand in the way of the next question's
    pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="readyz")

    def healthz() -> Response:
        return jsonify(status="ok")

    def readyz() -> tuple[Response, int]:
        missing = _missing(pool, _checks(parts))
        return jsonify(status="missing" if missing else "ready", missing=missing), 503 if missing else 200

    app.add_url_rule(f"{parts.prefix}/healthz", "healthz", healthz)
    app.add_url_rule(f"{parts.prefix}/readyz", "readyz", readyz)


def _checks(parts: Installed) -> dict[str, Callable[[], object]]:
    def database() -> object:
        with parts.reading_sessions() as session:
            return session.execute(text("SELECT 1")).scalar() == 1

    def identity() -> object:
        return verifying_key(parts.common.identity_public_key) is not None

    return {"database": database, "identity": identity, **parts.hooks.checks}


def _missing(pool: ThreadPoolExecutor, checks: dict[str, Callable[[], object]]) -> list[str]:
    asked = {name: pool.submit(check) for name, check in checks.items()}
    wait(asked.values(), timeout=_BUDGET)
    return sorted(name for name, answer in asked.items() if not _is_well(name, answer))


def _is_well(name: str, answer: Future[object]) -> bool:
    if not answer.done():
        answer.cancel()
        return False
    fault = answer.exception()
    if fault is not None:
        get_logger(__name__).warning("not_ready", part=name, exc_info=fault)
    return fault is None and answer.result() is not False

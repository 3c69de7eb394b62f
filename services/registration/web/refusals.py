"""Count the sign-ups that came to nothing, for those who watch over the installation."""

from flask import Flask, Response, request

from shared.metrics import SIGN_UPS

_SIGN_UPS = frozenset({"sign_up.send", "registrations.add"})


def install(app: Flask) -> None:
    """By class of the answer; who got a place or a position is counted where that is written down."""
    app.after_request(_count)


def _count(response: Response) -> Response:
    if request.endpoint in _SIGN_UPS and response.status_code >= 400:
        SIGN_UPS.labels(_result(response.status_code)).inc()
    return response


def _result(status: int) -> str:
    if status >= 500:
        return "failed"
    return "invalid" if status in {400, 422} else "refused"

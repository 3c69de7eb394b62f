"""Robots give themselves away: they fill in what nobody sees, and they are too fast."""

from datetime import datetime

from flask import current_app, request
from itsdangerous import BadData, URLSafeSerializer

from services.registration.schemas.house import house

HONEYPOT = "homepage"
STAMP = "stamp"
FIELDS = frozenset({HONEYPOT, STAMP})


def stamp(now: datetime) -> str:
    """When the form was shown, signed, to travel with it."""
    return _signer().dumps(int(now.timestamp() * 1000))


def is_robot(now: datetime) -> bool:
    """Whether nobody human sent the form that is being read.

    A form shown in the future says nothing of its sender: the clock was set back, or another web worker's runs ahead.
    """
    if request.form.get(HONEYPOT):
        return True
    try:
        shown = int(_signer().loads(request.form.get(STAMP, "")))
    except (BadData, ValueError, TypeError):
        return True
    return 0 <= now.timestamp() * 1000 - shown < house().minimum_time.total_seconds() * 1000


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="sign-up form")

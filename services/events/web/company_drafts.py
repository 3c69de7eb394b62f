"""A browser that began a draft may go on with it, signed in or not: a signed cookie says which drafts it holds."""

from datetime import timedelta
from uuid import UUID

from flask import Response, current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from shared.http.cookies import read_cookie, set_cookie

COOKIE = "events_drafts"
_LIFETIME = timedelta(days=30)
_MOST = 5


def held() -> frozenset[UUID]:
    """The drafts that this browser began."""
    return frozenset(_read())


def hold(response: Response, offer_id: UUID) -> Response:
    """Let this browser go on with the draft until it is sent."""
    drafts = [offer_id, *(each for each in _read() if each != offer_id)][:_MOST]
    set_cookie(response, COOKIE, _signer().dumps([each.hex for each in drafts]), lifetime=_LIFETIME)
    return response


def _read() -> list[UUID]:
    try:
        found = _signer().loads(read_cookie(COOKIE) or "", max_age=int(_LIFETIME.total_seconds()))
        return [UUID(each) for each in found][:_MOST]
    except (BadData, ValueError, TypeError, AttributeError):
        return []


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or b"", salt="offer drafts of this browser")

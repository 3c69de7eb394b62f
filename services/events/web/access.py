"""The two cookies of somebody who is signed in: the account session, and the five-minute proof of it."""

from uuid import UUID

from flask import Response, current_app

from shared import clock
from shared.http.cookies import drop_cookie
from shared.http.identity import SESSION_COOKIE, drop_access_cookie, issue_access, set_access_cookie
from shared.policy import Actor


def give_access(response: Response, actor: Actor, *, session_id: UUID) -> Response:
    """Hand the browser a fresh proof."""
    key = current_app.config["EVENTS_SIGNING_KEY"]
    set_access_cookie(response, issue_access(actor, key=key, now=clock.now(), session_id=str(session_id)))
    return response


def take_access(response: Response) -> Response:
    """Leave the browser nothing."""
    drop_access_cookie(response)
    drop_cookie(response, SESSION_COOKIE)
    return response

"""A POST that was sent twice is answered like the first, and done once."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from flask import Response, json, request
from sqlalchemy.orm import Session

from shared import clock
from shared.errors import N_, Rejection
from shared.http.identity import current_actor
from shared.http.paging import idempotency_key

IDEMPOTENCY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "pattern": "^[!-~]{1,100}$"},
    "description": "Send the same key again to be answered as the first time, without a second effect",
}


class IdempotencyKeyReused(Rejection):
    """The same key came with another request."""

    title = N_("This Idempotency-Key was used for another request")
    detail = N_("Please choose a new key for each new request.")


class Answer(Protocol):
    """What was answered to a request."""

    request: str
    status: int
    body: dict[str, Any]


class Answers(Protocol):
    """A service's storage.idempotency."""

    def begin(self, session: Session, key: str, *, request: str, now: datetime) -> Answer | None:
        """Note the key, or return what was answered to it."""

    def finish(self, session: Session, key: str, *, status: int, body: dict[str, Any]) -> None:
        """Keep the answer."""


def once(session: Session, act: Callable[[], tuple[dict[str, Any], int]], *, answers: Answers) -> Response:
    """Act and answer; with an Idempotency-Key that was used before, answer as then.

    Keys belong to the asker and the address that is asked. Refusals are not kept: they changed nothing.
    """
    given = idempotency_key()
    if given is None:
        return answer(*act())
    key = _digest(str(current_actor().id), request.method, request.path, given)
    body = _digest(request.get_data(as_text=True))
    known = answers.begin(session, key, request=body, now=clock.now())
    if known is None:
        document, status = act()
        answers.finish(session, key, status=status, body=document)
        return answer(document, status)
    if known.request != body:
        raise IdempotencyKeyReused
    return answer(known.body, known.status)


def answer(document: dict[str, Any], status: int) -> Response:
    """The document as it is sent, the first time and every other."""
    return Response(json.dumps(document), status, mimetype="application/json")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()

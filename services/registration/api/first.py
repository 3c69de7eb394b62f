"""What is asked before the body is even read: a stranger is told 401, and of what does not exist 404, not 422."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from uuid import UUID

from services.registration.schemas.door_actor import door_actor
from services.registration.schemas.told_event import told_event
from services.registration.storage import events, registrations
from services.registration.use_cases.access import ensure_may
from shared.errors import NotFound
from shared.http.app import reading
from shared.http.identity import current_actor, require_signed_in

View = TypeVar("View", bound=Callable[..., Any])


def known_event(view: View) -> View:
    """The event of the address exists."""

    def ask(event_id: UUID, **_rest: Any) -> None:
        current_actor()  # a token that is wrong is wrong here too
        if told_event(event_id) is None:
            raise NotFound

    return _first(ask, view)


def own_event(view: View) -> View:
    """The event of the address exists, and its registrations are the asker's to see."""

    def ask(event_id: UUID, **_rest: Any) -> None:
        actor = require_signed_in()
        with reading() as session:
            ensure_may(actor, "see_registrations", events.get(session, event_id))

    return _first(ask, view)


def own_registration(view: View) -> View:
    """The registration of the address exists, and is the asker's to see."""

    def ask(registration_id: UUID, **_rest: Any) -> None:
        actor = require_signed_in()
        with reading() as session:
            ensure_may(actor, "see_registrations", registrations.get(session, registration_id).event)

    return _first(ask, view)


def known_asker(view: View) -> View:
    """Somebody is signed in, by token, account or paired phone."""
    return _first(lambda **_address: door_actor(), view)


def _first(ask: Callable[..., object], view: View) -> View:
    @wraps(view)
    def asked(*args: Any, **kwargs: Any) -> Any:
        ask(**kwargs)
        return view(*args, **kwargs)

    return cast("View", asked)

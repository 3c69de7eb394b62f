"""For which organisations somebody sits in the back office."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.events.storage import events
from services.events.storage.tables import Event
from shared.errors import NotPermitted
from shared.http.identity import require_signed_in
from shared.policy import Actor, Scope, ensure, may


def organiser(action: str = "see_event") -> tuple[Actor, frozenset[UUID] | None]:
    """Who is asking, and her organisations; None stands for all. Raises NotSignedIn, NotPermitted."""
    actor = require_signed_in()
    if actor.is_admin:
        return actor, None
    hers = frozenset(each for each in actor.organisations if may(actor, action, Scope(organisation_id=each)))
    if not hers:
        raise NotPermitted
    return actor, hers


def own_event(session: Session, event_id: UUID, action: str = "see_event") -> Event:
    """The event, if the asker may do this with it. Raises NotSignedIn, NotFound, NotPermitted."""
    actor = require_signed_in()
    event = events.get(session, event_id)
    ensure(actor, action, Scope(organisation_id=event.organisation_id))
    return event

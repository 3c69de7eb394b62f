"""What all resources about events do alike: finding one that the asker may see, and answering with it."""

from collections.abc import Sequence
from uuid import UUID

from flask import Response, json
from sqlalchemy.orm import Session

from services.events.domain.events import DRAFT
from services.events.schemas.events import event_document
from services.events.storage import availability, catalogue
from services.events.storage.tables import Event
from shared import policy
from shared.errors import NotFound
from shared.http.context import installed
from shared.http.identity import current_actor, require_signed_in
from shared.http.paging import conditional, etag
from shared.policy import Actor, Scope


def visible_event(session: Session, event_id: UUID) -> Event:
    """A public event, or a draft of the asker's own organisation. Raises NotFound for all others alike."""
    event = catalogue.get_whole(session, Event.id == event_id)
    if event is None or not (_is_public(event) or is_own(event)):
        raise NotFound
    return event


def own_event(session: Session, event_id: UUID, action: str) -> tuple[Event, Actor]:
    """An event that the asker may do this with. Raises NotSignedIn, NotFound, NotPermitted."""
    actor = require_signed_in()
    event = catalogue.get_whole(session, Event.id == event_id)
    if event is None:
        raise NotFound
    policy.ensure(actor, action, scope_of(event))
    return event, actor


def is_own(event: Event) -> bool:
    """Whether the asker plans events for the event's organisation."""
    return policy.may(current_actor(), "see_event", scope_of(event))


def scope_of(event: Event) -> Scope:
    """To whom the event belongs."""
    return Scope(organisation_id=event.organisation_id, event_id=event.id)


def documents(session: Session, events: Sequence[Event]) -> list[dict[str, object]]:
    """Events as JSON values, with one query for the places of all."""
    places = availability.of_events(session, events)
    base_url = installed().common.public_base_url
    return [event_document(each, places, base_url=base_url, is_own=is_own(each)) for each in events]


def answer(session: Session, event: Event, status: int = 200) -> Response:
    """The event with its ETag, which begins with its version."""
    (document,) = documents(session, [event])
    response = Response(json.dumps(document), status, mimetype="application/json")
    response.set_etag(tag_of(event, document))
    return response


def tag_of(event: Event, document: object) -> str:
    """v<version>-<hash>: If-Match compares the version, If-None-Match the whole (free places change on their own)."""
    return f"v{event.version}-{etag(json.dumps(document, sort_keys=True))}"


def unless_known(response: Response, tag: str) -> Response:
    """304 for a reader who has it already."""
    return conditional(response, tag)


def _is_public(event: Event) -> bool:
    return event.status != DRAFT and event.published_at is not None

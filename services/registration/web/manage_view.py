"""What the organiser's pages about one event have in common."""

from typing import Any
from uuid import UUID

from flask import request
from marshmallow import Schema, fields
from sqlalchemy.orm import Session

from services.registration.domain.registrations import Status
from services.registration.storage import attendees, events, quotas, registrations
from services.registration.storage.tables import Event, Registration
from services.registration.use_cases.access import ensure_may
from services.registration.web import event_view
from shared.errors import NotFound
from shared.http.identity import require_signed_in
from shared.http.locale import in_language


def event_of(session: Session, slug: str, action: str = "see_registrations") -> Event:
    """The event of a page's address. Raises NotFound for somebody else's."""
    actor = require_signed_in()
    event = events.get_by_slug(session, slug)
    ensure_may(actor, action, event)
    return event


def registration_of(session: Session, event: Event, registration_id: UUID) -> Registration:
    """A registration of that event. Raises NotFound."""
    found = registrations.get(session, registration_id)
    if found.event_id != event.id:
        raise NotFound
    return found


def context(session: Session, event: Event) -> dict[str, Any]:
    """What every page shows of its event."""
    told = events.snapshot(event)
    return {
        "slug": event.slug,
        "event": told,
        "title": in_language(told.title),
        "when_text": event_view.when_text(told),
        "where_text": event_view.where_text(told),
        "zone": event_view.zone_of(told),
        "choices": event_view.choices(told, quotas.of_event(session, event.id)),
        "quota_name": event_view.quota_name,
        "counts": attendees.counts(session, event.id),
        "statuses": [str(each) for each in Status],
    }


def read_query(schema: type[Schema]) -> dict[str, Any]:
    """The page's query by a schema's rules; what is empty counts as not given. Raises ValidationError."""
    known = schema()
    lists = {name for name, field in known.fields.items() if isinstance(field, fields.List)}
    asked: dict[str, Any] = {name: value for name, value in request.args.items() if value and name != "lang"}
    asked |= {name: request.args.getlist(name) for name in lists if name in request.args}
    found: dict[str, Any] = known.load(asked)
    return found

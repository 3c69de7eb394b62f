"""Events as programs get them, in JSON."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from services.events.domain import local_times
from services.events.domain.events import CANCELLED, DRAFT, PUBLISHED, QUOTA_CHOICES, QUOTA_KINDS
from services.events.domain.formats import FORMATS
from services.events.domain.sign_up_rules import AUDIENCES, PRIORITIES, SELECTIONS
from services.events.storage.availability import Places
from services.events.storage.event_rows import rules_of
from services.events.storage.tables import Event, EventSession, Quota
from shared.http.fields import Choice
from shared.http.paging import page_schema


def _texts() -> fields.Dict:
    return fields.Dict(
        keys=fields.String(), values=fields.String(), required=True, metadata={"description": "By language code"}
    )


class OrganiserSchema(Schema):
    """The organisation that holds the event."""

    slug = fields.String(required=True)
    name = fields.String(required=True)


class HostSchema(Schema):
    """The host company."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)


class PlaceSchema(Schema):
    """Where people meet."""

    name = fields.String(required=True)
    street = fields.String(required=True)
    postal_code = fields.String(required=True)
    city = fields.String(required=True)
    country = fields.String(required=True)
    meeting_point = fields.String(required=True)
    arrival = fields.String(required=True)


class SessionSchema(Schema):
    """One time block."""

    id = fields.UUID(required=True)
    title = _texts()
    starts_at = fields.String(required=True, metadata={"format": "date-time"})
    ends_at = fields.String(required=True, metadata={"format": "date-time"})
    zone = fields.String(required=True)
    place = fields.Nested(PlaceSchema, allow_none=True, required=True, metadata={"description": "null: online"})
    join_url = fields.String(metadata={"description": "For the organisation only"})


class QuotaSchema(Schema):
    """A limited number of places, as far as the events service was told."""

    id = fields.UUID(required=True)
    name = _texts()
    kind = Choice(*QUOTA_KINDS, required=True)
    capacity = fields.Integer(required=True)
    free = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    session_id = fields.UUID(required=True, allow_none=True)
    language = fields.String(required=True)


class SignUpRulesSchema(Schema):
    """How places are given; see the wish for the words."""

    selection = Choice(*SELECTIONS, required=True)
    priorities = fields.List(Choice(*PRIORITIES), required=True)
    audiences = fields.List(Choice(*AUDIENCES), required=True)
    decides_at = fields.AwareDateTime(required=True, allow_none=True)
    offer_hours = fields.Integer(required=True)
    answer_days = fields.Integer(required=True)
    answer_frees = fields.Boolean(required=True)
    changes_until_hours = fields.Integer(required=True)
    hand_over = fields.Boolean(required=True)
    by_invitation = fields.Boolean(required=True)


class EventSchema(Schema):
    """An event. Notes, missing facts and join links are shown to its own organisation only."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    slug = fields.String(required=True)
    url = fields.String(required=True)
    format = Choice(*FORMATS, required=True)
    status = Choice(DRAFT, PUBLISHED, CANCELLED, required=True)
    title = _texts()
    summary = _texts()
    description = _texts()
    organiser = fields.Nested(OrganiserSchema, required=True)
    host = fields.Nested(HostSchema, required=True, allow_none=True)
    sessions = fields.List(fields.Nested(SessionSchema), required=True)
    quotas = fields.List(fields.Nested(QuotaSchema), required=True)
    quota_choice = Choice(*QUOTA_CHOICES, required=True)
    languages = fields.List(fields.String(), required=True)
    german_level = fields.String(required=True)
    fields_of_study = fields.List(fields.String(), required=True)
    safety = fields.List(fields.String(), required=True)
    safety_notes = _texts()
    accessibility = _texts()
    sign_up_opens_at = fields.AwareDateTime(required=True, allow_none=True)
    sign_up_closes_at = fields.AwareDateTime(required=True, allow_none=True)
    sign_up = fields.Nested(SignUpRulesSchema, required=True)
    cancelled_reason = _texts()
    missing = fields.List(fields.String(), metadata={"description": "What must be known before it can be published"})
    note = fields.String()


EventsPage = page_schema(EventSchema)


class QuotaPlacesSchema(Schema):
    """The state of one quota."""

    capacity = fields.Integer(required=True)
    free = fields.Integer(required=True)
    waiting = fields.Integer(required=True)


class AvailabilitySchema(QuotaPlacesSchema):
    """How many places are free, together and by quota id."""

    quotas = fields.Dict(keys=fields.String(), values=fields.Nested(QuotaPlacesSchema), required=True)


def event_document(event: Event, places: Mapping[UUID, Places], *, base_url: str, is_own: bool) -> dict[str, Any]:
    """The event as JSON values."""
    facts = {name: getattr(event, name) for name in EventSchema().fields if hasattr(event, name)}
    facts |= {
        "url": f"{base_url}/events/{event.slug}",
        "organiser": event.organisation,
        "host": event.company,
        "sessions": [_session(each, is_own=is_own) for each in event.sessions],
        "quotas": [_quota(each, places[each.id]) for each in event.quotas],
        "sign_up": rules_of(event),
    }
    if not is_own:
        del facts["missing"], facts["note"]
    document: dict[str, Any] = EventSchema().dump(facts)
    return document


def availability_document(event: Event, places: Mapping[UUID, Places]) -> dict[str, Any]:
    """The state of all quotas, and their sum."""
    quotas = {str(each.id): _places(places[each.id]) for each in event.quotas}
    whole = {name: sum(each[name] for each in quotas.values()) for name in ("capacity", "free", "waiting")}
    return {**whole, "quotas": quotas}


def _session(row: EventSession, *, is_own: bool) -> dict[str, Any]:
    facts = {
        "id": row.id,
        "title": row.title,
        "starts_at": local_times.with_offset(row.starts_at, row.zone),
        "ends_at": local_times.with_offset(row.ends_at, row.zone),
        "zone": row.zone,
        "place": row.place,
    }
    return facts | ({"join_url": row.join_url} if is_own else {})


def _quota(row: Quota, places: Places) -> dict[str, Any]:
    facts = {name: getattr(row, name) for name in ("id", "name", "kind", "session_id", "language")}
    return facts | _places(places)


def _places(places: Places) -> dict[str, int]:
    return {"capacity": places.capacity, "free": places.free, "waiting": places.waiting}

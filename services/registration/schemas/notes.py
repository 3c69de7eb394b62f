"""Notes, histories and the log of an event as forms and JSON."""

from datetime import UTC, datetime
from uuid import UUID

from marshmallow import Schema, ValidationError, fields

from services.registration.storage.tables import AuditEntry
from shared.errors import N_
from shared.http.fields import Id, Line, Moment, Text, Wish
from shared.http.paging import PageWish, page_schema


class NoteWish(Wish):
    """What an organiser writes down."""

    text = Text(required=True, most=4000, metadata={"description": "For organisers of this organisation alone"})


class NoteSchema(Schema):
    """A note about a registration. It is never sent anywhere."""

    id = fields.UUID(required=True)
    text = fields.String(required=True)
    author_id = fields.UUID(required=True, allow_none=True)
    written_at = fields.AwareDateTime(required=True)


class NotesSchema(Schema):
    """All notes about one registration, the oldest first."""

    items = fields.List(fields.Nested(NoteSchema), required=True)


class HistoryItem(Schema):
    """One line of a registration's history."""

    at = fields.AwareDateTime(required=True)
    kind = fields.String(required=True, metadata={"description": "The message that told of it, or a person's action"})
    actor_id = fields.UUID(required=True, allow_none=True)
    facts = fields.Dict(required=True)


class EarlierSchema(Schema):
    """Earlier events of the organisation that she had a place at. Nothing follows from it by machine."""

    came = fields.Integer(required=True)
    missed = fields.Integer(required=True)
    not_recorded = fields.Integer(required=True, metadata={"description": "Events at which nobody was checked in"})


class HistorySchema(Schema):
    """What became of a registration."""

    items = fields.List(fields.Nested(HistoryItem), required=True)
    earlier = fields.Nested(EarlierSchema, required=True)


class LogQuery(PageWish):
    """Which entries of an event's log."""

    action = Line(most=60, load_default=None)
    actor = Id(load_default=None)
    registration = Id(load_default=None)
    since = Moment(load_default=None)
    until = Moment(load_default=None)


class LogEntrySchema(Schema):
    """Somebody did something. Facts hold ids and names of fields, no personal content."""

    id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)
    action = fields.String(required=True)
    actor_id = fields.UUID(required=True, allow_none=True)
    actor_kind = fields.String(required=True)
    object_id = fields.UUID(required=True)
    facts = fields.Dict(required=True)


LogPage = page_schema(LogEntrySchema)


def log_key(entry: AuditEntry) -> list[str]:
    """Where the page after this entry begins."""
    return [entry.at.isoformat(), str(entry.id)]


def log_before(cursor: list[str] | None) -> tuple[datetime, UUID] | None:
    """What a cursor holds. Raises ValidationError for one that we did not write."""
    if cursor is None:
        return None
    try:
        moment, entry_id = cursor
        return datetime.fromisoformat(moment).astimezone(UTC), UUID(entry_id)
    except (ValueError, OverflowError):
        raise ValidationError({"cursor": [N_("This cursor is not one of ours.")]}) from None

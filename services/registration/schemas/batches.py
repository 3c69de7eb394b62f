"""Actions on many registrations as forms and JSON."""

from abc import abstractmethod
from typing import Any
from urllib.parse import parse_qsl

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate, validates_schema

from services.registration.domain.batches import Action, BatchState, BatchWish, ItemState
from services.registration.domain.selection import Selection
from services.registration.schemas.registrations import SelectionWish, selection
from services.registration.storage.tables import Batch
from shared.errors import N_
from shared.http.fields import Boolean, Choice, Id, Line, Many, Nested, Translations, Wish

ACTIONS = [str(each) for each in Action]
MOST_TICKED = 100


class _BatchWish(Wish):
    """What is to be done."""

    action = Choice(*ACTIONS, required=True)
    reason = Line(most=500, load_default="", metadata={"description": "Of a cancellation (she reads it) or a move"})
    with_mail = Boolean(load_default=True, metadata={"description": "Of a cancellation: write her a letter"})
    subject = Translations(load_default=dict, most=150)
    text = Translations(load_default=dict, most=4000, lines=True)
    session_id = Id(load_default=None, allow_none=True, metadata={"description": "Where somebody was present"})

    @post_load
    def build(self, data: dict[str, Any], **_options: Any) -> BatchWish:
        """As the use case wants it."""
        kept = {name: data[name] for name in ("reason", "with_mail", "subject", "text", "session_id")}
        return BatchWish(action=Action(data["action"]), selection=self.meant(data), **kept)

    @abstractmethod
    def meant(self, data: dict[str, Any]) -> Selection:
        """Who is meant."""


class TickedForm(Wish):
    """What a list's form sends: who is ticked, or the filter that all must match."""

    action = Choice(*ACTIONS, required=True)
    ids = Many(Id(), most=MOST_TICKED, load_default=list)
    filter = fields.String(load_default="", validate=validate.Length(max=2000))
    all_matching = Boolean(load_default=False)


class BatchForm(_BatchWish):
    """The page that asks for the rest."""

    ids = Many(Id(), most=MOST_TICKED, load_default=list)
    filter = fields.String(load_default="", validate=validate.Length(max=2000))
    all_matching = Boolean(load_default=False)

    def meant(self, data: dict[str, Any]) -> Selection:
        """The ticked ones, or all that match."""
        return ticked(data)


class BatchJson(_BatchWish):
    """The JSON door's body: name the registrations, or give a filter."""

    registration_ids = Many(Id(), least=1, most=1000)
    filter = Nested(SelectionWish)

    @validates_schema
    def one_of_both(self, data: dict[str, Any], **_options: Any) -> None:
        """Nobody means "all" by leaving something out."""
        if ("registration_ids" in data) == ("filter" in data):
            raise ValidationError({"registration_ids": [N_("Please give either registration_ids or filter.")]})

    def meant(self, data: dict[str, Any]) -> Selection:
        """Those named, or all that match."""
        if "filter" in data:
            return selection(data["filter"])
        return Selection(ids=tuple(data["registration_ids"]))


class CountsSchema(Schema):
    """How many registrations are in each state."""

    waiting = fields.Integer(required=True)
    done = fields.Integer(required=True)
    skipped = fields.Integer(required=True)
    undone = fields.Integer(required=True)


class BatchSchema(Schema):
    """An action on many registrations."""

    id = fields.UUID(required=True)
    event_id = fields.UUID(required=True)
    action = fields.String(required=True, validate=validate.OneOf(ACTIONS))
    state = fields.String(required=True, validate=validate.OneOf([str(each) for each in BatchState]))
    total = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True, metadata={"description": "Until then it can be taken back whole"})
    counts = fields.Nested(CountsSchema, required=True)


def ticked(data: dict[str, Any]) -> Selection:
    """Who a form of the page means. Raises ValidationError for a filter that no list has."""
    if not data["all_matching"]:
        return Selection(ids=tuple(data["ids"]))
    asked = {name: value for name, value in parse_qsl(data["filter"]) if value}
    return selection(SelectionWish(unknown=EXCLUDE).load(asked))


def batch_document(batch: Batch, counts: dict[str, int]) -> dict[str, Any]:
    """What BatchSchema writes down."""
    plain = ("id", "event_id", "action", "state", "total", "created_at", "due_at")
    return {
        **{name: getattr(batch, name) for name in plain},
        "counts": {str(each): counts.get(str(each), 0) for each in ItemState},
    }

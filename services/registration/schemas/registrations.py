"""Registrations as JSON: what a stranger is told of a sign-up, and what organisers see."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, validate

from services.registration.domain.consents import NAMES
from services.registration.domain.registrations import SOURCES, PlaceState, Receipt, Status, best_position
from services.registration.domain.selection import Order, Selection
from services.registration.schemas.sign_up import MOST_QUOTAS
from services.registration.schemas.told_answers import AnswerSchema
from services.registration.storage.tables import Registration
from services.registration.use_cases.news import position_of
from shared.errors import N_
from shared.http.fields import Boolean, Choice, Id, Language, Line, Many, Wish
from shared.http.paging import PageWish, page_schema

STATUSES = [str(each) for each in Status]
_POSITION = "1 is next; null: has a place; 0: she applied and nobody has decided yet, or a place is kept for her"


class PlaceSchema(Schema):
    """A place in a quota, or a position on its waiting list."""

    quota_id = fields.UUID(required=True)
    position = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": _POSITION},
    )


class ReceiptSchema(Schema):
    """What became of a sign-up. Somebody whose address was registered already is told the same."""

    id = fields.UUID(required=True)
    event_id = fields.UUID(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    position = fields.Integer(required=True, allow_none=True, metadata={"description": "null: has a place"})
    places = fields.List(fields.Nested(PlaceSchema), required=True)
    confirm_by = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "Until when the link in the mail must be used"}
    )


class HerPlaceSchema(PlaceSchema):
    """The same as its organiser sees it."""

    replaced_by = fields.UUID(
        allow_none=True,
        metadata={"description": "The quota that she waits for instead: she keeps this place until that one is hers"},
    )


class RegistrationSchema(ReceiptSchema):
    """A registration as its organiser sees it. Strangers get only what every receipt has."""

    places = fields.List(fields.Nested(HerPlaceSchema), required=True)
    name = fields.String()
    email = fields.String()
    locale = fields.String()
    source = fields.String()
    consents = fields.List(fields.String(validate=validate.OneOf(NAMES)))
    created_at = fields.AwareDateTime()
    changed_at = fields.AwareDateTime()
    cancelled_by = fields.String()
    cancelled_reason = fields.String()
    checked_in_at = fields.AwareDateTime(allow_none=True, metadata={"description": "Her first check-in"})


class ListedSchema(RegistrationSchema):
    """The same in a list, with what she answered if that was asked for."""

    answers = fields.List(
        fields.Nested(AnswerSchema), metadata={"description": "Only with answers=true; sensitive ones stay sealed"}
    )


class SelectionWish(Wish):
    """Which registrations of an event; all that is given must hold."""

    status = Choice(*STATUSES, load_default=None)
    q = Line(most=100, load_default="", metadata={"description": "Words of a name or address, in any script"})
    quota = Id(load_default=None, metadata={"description": "Holds a place there, or waits for one"})
    checked_in = Boolean(load_default=None, metadata={"description": "Was let in to at least one session"})
    consent = Choice(*NAMES, load_default=None)
    source = Choice(*SOURCES, load_default=None)
    has_note = Boolean(load_default=None, metadata={"description": "Organisers wrote something down"})
    locale = Language(load_default=None, metadata={"description": "The language of her mails"})
    answer = fields.String(
        load_default=None,
        validate=validate.Regexp(
            r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:.{1,40}$", error=N_("Please choose one of those offered.")
        ),
        metadata={"description": "<question id>:<option's key, level, or yes | no>; never of a sensitive question"},
    )


class RegistrationsQuery(SelectionWish, PageWish):
    """Which registrations, for an organiser, and in which order."""

    sort = Choice(*(str(each) for each in Order), load_default=str(Order.ARRIVAL))


class ListedQuery(RegistrationsQuery):
    """The same for programs."""

    answers = Boolean(load_default=False, metadata={"description": "With what they answered"})


class CancelWish(Wish):
    """Why an organiser cancels for somebody; she reads it."""

    reason = Line(most=500, load_default="")


class PlacesWish(Wish):
    """Where somebody is to take part."""

    quota_ids = Many(
        Id(),
        most=MOST_QUOTAS,
        required=True,
        metadata={"description": "All of them, also those that she has already and keeps"},
    )


class AvailabilityItem(Schema):
    """The state of one quota."""

    id = fields.UUID(required=True)
    capacity = fields.Integer(required=True)
    free = fields.Integer(required=True)
    waiting = fields.Integer(required=True)


class AvailabilitySchema(Schema):
    """The state of an event's quotas."""

    event_id = fields.UUID(required=True)
    is_open = fields.Boolean(required=True, metadata={"description": "Whether signing up is possible now"})
    capacity = fields.Integer(required=True)
    free = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    quotas = fields.List(fields.Nested(AvailabilityItem), required=True)


RegistrationsPage = page_schema(ListedSchema)


def receipt_document(receipt: Receipt) -> dict[str, Any]:
    """What ReceiptSchema writes down."""
    return {
        "id": receipt.id,
        "event_id": receipt.event_id,
        "status": str(receipt.status),
        "position": receipt.position,
        "places": [{"quota_id": key, "position": position} for key, position in receipt.places.items()],
        "confirm_by": receipt.confirm_by,
    }


def registration_document(
    registration: Registration, positions: dict[Any, int], checked_in_at: datetime | None = None
) -> dict[str, Any]:
    """What RegistrationSchema writes down; `positions` are hers, by quota."""
    living = [each for each in registration.places if each.state != PlaceState.RELEASED]
    waits = [position_of(each, positions) for each in living]
    return {
        **{name: getattr(registration, name) for name in _PLAIN},
        "position": best_position(waits),
        "places": [
            {
                "quota_id": each.quota_id,
                "position": position_of(each, positions),
                "replaced_by": each.replaced_by if each.state == PlaceState.HELD else None,
            }
            for each in living
        ],
        "consents": sorted(each.purpose for each in registration.consents if each.withdrawn_at is None),
        "checked_in_at": checked_in_at,
    }


_NOT_PLAIN = {"position", "places", "consents", "checked_in_at"}
_PLAIN = [each for each in RegistrationSchema().fields if each not in _NOT_PLAIN]


def selection(query: dict[str, Any], ids: tuple[UUID, ...] | None = None) -> Selection:
    """What a query means."""
    return Selection(
        search=query["q"],
        status=query["status"],
        quota_id=query["quota"],
        checked_in=query["checked_in"],
        consent=query["consent"],
        source=query["source"],
        has_note=query["has_note"],
        locale=query["locale"],
        answer=_answer(query["answer"]),
        ids=ids,
    )


def _answer(asked: str | None) -> tuple[UUID, str] | None:
    question_id, _colon, value = (asked or "").partition(":")
    return (UUID(question_id), value) if question_id else None


def after(cursor: list[str] | None, order: Order = Order.ARRIVAL) -> tuple[datetime | str, UUID] | None:
    """Where a page of registrations begins. Raises ValidationError for a cursor that is not of this order."""
    if cursor is None:
        return None
    try:
        sorted_by, value, registration_id = cursor
        start = value if order.is_by_name else datetime.fromisoformat(value).astimezone(UTC)
        known = (start, UUID(registration_id))
    except (ValueError, OverflowError):
        sorted_by = ""
    if sorted_by != order:
        raise ValidationError({"cursor": [N_("This cursor is not one of ours.")]})
    return known


def key(registration: Registration, order: Order = Order.ARRIVAL) -> list[str]:
    """Where the page after this registration begins."""
    value = registration.search_text if order.is_by_name else registration.created_at.isoformat()
    return [str(order), value, str(registration.id)]

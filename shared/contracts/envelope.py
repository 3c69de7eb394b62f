"""How a message travels: CloudEvents 1.0 in structured JSON, and the report with which a reader asks for the rest."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from marshmallow import EXCLUDE, Schema, fields, post_load, pre_dump, validate

SERVICES = ("events", "registration", "notifications")
"""Everybody hears everybody, so that the numbers of a producer have no holes at any reader."""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One message of one producer.

    `seq` counts without a hole within (producer, epoch); a producer that lost its past begins a later epoch at 1.
    `after` is set on what is sent again: the producer has nothing between that number and this message.
    """

    id: UUID
    type: str
    subject: str
    time: datetime
    epoch: str
    seq: int
    version: int
    data: dict[str, Any]
    traceparent: str | None = None
    after: int | None = None

    @property
    def producer(self) -> str:
        """The service that says this."""
        return self.type.partition(".")[0]

    def dump(self) -> dict[str, Any]:
        """As JSON values."""
        return cast("dict[str, Any]", _ENVELOPE.dump(self))

    @staticmethod
    def load(values: Any) -> "Envelope":
        """Raises marshmallow.ValidationError for anything that is not ours."""
        return cast("Envelope", _ENVELOPE.load(values))


@dataclass(frozen=True, kw_only=True)
class Position:
    """A reader to a producer: "of your epoch I have everything up to `position`; my next stored one is `before`"."""

    reader: str
    epoch: str
    position: int
    before: int | None = None
    resend: bool = False

    def dump(self) -> dict[str, Any]:
        """As JSON values."""
        return cast("dict[str, Any]", _POSITION.dump(self))

    @staticmethod
    def load(values: Any) -> "Position":
        """Raises marshmallow.ValidationError for anything that is not ours."""
        return cast("Position", _POSITION.load(values))


class _Sequence(fields.Field[int]):
    """CloudEvents' sequence extension wants text that sorts like the number."""

    def _serialize(self, value: int | None, *_: Any, **__: Any) -> str | None:
        return None if value is None else f"{value:020d}"

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20):
            raise self.make_error("validator_failed")
        return int(value)


class _EnvelopeSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    specversion = fields.String(required=True, validate=validate.Equal("1.0"))
    id = fields.UUID(required=True)
    source = fields.String(required=True)
    type = fields.String(required=True, validate=validate.Regexp(r"^[a-z]+\.[a-z0-9_]+\.v\d+$"))
    subject = fields.String(required=True, validate=validate.Length(1, 120))
    time = fields.AwareDateTime(required=True)
    datacontenttype = fields.String(validate=validate.Equal("application/json"))
    sequence = _Sequence(required=True, attribute="seq")
    epoch = fields.String(required=True, validate=validate.Length(1, 36))
    version = fields.Integer(required=True, strict=True)
    traceparent = fields.String(allow_none=True, validate=validate.Length(max=60))
    after = fields.Integer(allow_none=True, strict=True)
    data = fields.Dict(keys=fields.String(), required=True)

    @pre_dump
    def _spell_out(self, envelope: Envelope, **_: Any) -> dict[str, Any]:
        said = {name: value for name, value in vars(envelope).items() if value is not None}
        fixed = {"specversion": "1.0", "source": f"/{envelope.producer}", "datacontenttype": "application/json"}
        return said | fixed

    @post_load
    def _build(self, values: dict[str, Any], **_: Any) -> Envelope:
        for fixed in ("specversion", "source", "datacontenttype"):
            values.pop(fixed, None)
        return Envelope(**values)


class _PositionSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    reader = fields.String(required=True, validate=validate.OneOf(SERVICES))
    epoch = fields.String(required=True, validate=validate.Length(max=36))
    position = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    before = fields.Integer(allow_none=True, strict=True)
    resend = fields.Boolean(required=True)

    @post_load
    def _build(self, values: dict[str, Any], **_: Any) -> Position:
        return Position(**values)


_ENVELOPE = _EnvelopeSchema()
_POSITION = _PositionSchema()

"""A scan, as doors send it and as they are answered."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, post_load

from services.registration.domain.attendance import Count
from services.registration.domain.check_in import WantedScan
from services.registration.use_cases.check_in import Verdict
from shared.http.fields import Id, Line, Moment, Wish


class ScanWish(Wish):
    """One scan. The same scan_id again gives the same answer, so a scan may be sent until it is answered."""

    scan_id = Id(required=True, metadata={"description": "Made by the client: a new UUID for each scan"})
    ticket = Line(required=True, most=500, metadata={"description": "The ticket's code, or the address in its QR code"})
    session_id = Id(load_default=None, allow_none=True, metadata={"description": "Default: the running or next one"})
    event_id = Id(load_default=None, allow_none=True, metadata={"description": "Default: the ticket's event"})
    device = Line(load_default="", most=100, metadata={"description": "The gate's name; a second scan is told it"})
    scanned_at = Moment(load_default=None, allow_none=True, metadata={"description": "Default: now"})

    @post_load
    def build(self, data: dict[str, Any], **_options: Any) -> WantedScan:
        """As the use case wants it."""
        return WantedScan(**data)


@dataclass(frozen=True, kw_only=True)
class TypedCode:
    """A code typed at a door's page."""

    scan_id: UUID
    ticket: str
    session_id: UUID | None
    device: str

    def at(self, event_id: UUID) -> WantedScan:
        """The scan at this event's door."""
        return WantedScan(
            scan_id=self.scan_id,
            ticket=self.ticket,
            event_id=event_id,
            session_id=self.session_id,
            device=self.device,
        )


class DoorForm(Wish):
    """The form of the scanner's page."""

    scan_id = Id(required=True)
    ticket = Line(required=True, most=500)
    session_id = Id(load_default=None, allow_none=True)
    device = Line(load_default="", most=100)

    @post_load
    def build(self, data: dict[str, Any], **_options: Any) -> TypedCode:
        """As the page wants it."""
        return TypedCode(**data)


class UndoForm(Wish):
    """Which scan to take back."""

    scan_id = Id(required=True)


class CountSchema(Schema):
    """How many are in."""

    session_id = fields.UUID(required=True)
    checked_in = fields.Integer(required=True)
    expected = fields.Integer(required=True)


class CheckInSchema(Schema):
    """A green light. Refusals are problems that carry what the door needs: name, scanned_at, device, state."""

    scan_id = fields.UUID(required=True)
    event_id = fields.UUID(required=True)
    session_id = fields.UUID(required=True)
    name = fields.String(required=True)
    scanned_at = fields.AwareDateTime(required=True)
    device = fields.String(required=True)
    counts = fields.List(fields.Nested(CountSchema), required=True)


class SummarySchema(Schema):
    """The counts of an event's sessions."""

    event_id = fields.UUID(required=True)
    current_session_id = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The running or next one; null: the event has none"}
    )
    sessions = fields.List(fields.Nested(CountSchema), required=True)


def check_in_document(verdict: Verdict, counts: list[Count]) -> dict[str, Any]:
    """What CheckInSchema writes down."""
    names = ("scan_id", "event_id", "session_id", "name", "scanned_at", "device")
    return {**{name: getattr(verdict, name) for name in names}, "counts": counts}

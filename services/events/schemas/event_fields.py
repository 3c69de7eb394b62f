"""Fields that take what people naturally write: one text, a place as a line, a time with or without offset."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields

from shared.errors import N_
from shared.http.context import installed
from shared.http.fields import Country, Line, LocalDateTime, Moment, Text, Translations, Wish

MOST_TEXT = 10_000
_PARTS = {"name": 200, "street": 200, "postal_code": 20, "city": 100, "meeting_point": 300, "arrival": 1000}


class Texts(Translations):
    """{"de": "…", "en": "…"}, or one text, which is then in the installation's first language."""

    def __init__(self, **options: Any) -> None:
        metadata = {"type": ["object", "string"], **options.pop("metadata", {})}
        super().__init__(metadata=metadata, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> Any:
        if isinstance(value, str):
            value = {installed().common.default_locale: value}
        return super()._deserialize(value, attr, data, **options)


class PlaceWish(Wish):
    """Where people meet."""

    name = Line(most=_PARTS["name"], load_default="")
    street = Line(most=_PARTS["street"], load_default="")
    postal_code = Line(most=_PARTS["postal_code"], load_default="")
    city = Line(most=_PARTS["city"], load_default="")
    country = Country(load_default="DE")
    meeting_point = Line(most=_PARTS["meeting_point"], load_default="")
    arrival = Text(most=_PARTS["arrival"], load_default="")


class PlaceField(fields.Field[Any]):
    """An address in parts, or one line naming the place; null for online."""

    def __init__(self, **options: Any) -> None:
        parts = {name: {"type": "string", "maxLength": most} for name, most in _PARTS.items()}
        parts["country"] = {"type": "string", "pattern": "^[A-Z]{2}$"}
        place = {"type": "object", "properties": parts, "additionalProperties": False}
        either = {"anyOf": [place, {"type": "string", "maxLength": _PARTS["name"]}, {"type": "null"}]}
        super().__init__(allow_none=True, metadata={**either, **options.pop("metadata", {})}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_options: Any) -> Any:
        return PlaceWish().load({"name": value} if isinstance(value, str) else value)


class Time(fields.String):
    """ "2026-12-03T14:00:00+01:00" (an instant, loads aware) or "2026-12-03T14:00" (local to the zone, loads naive)."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> Any:
        text = super()._deserialize(value, attr, data, **options)
        for form in (LocalDateTime(), Moment()):
            try:
                return _to_the_minute(form.deserialize(text))
            except ValidationError:
                continue
        raise ValidationError(N_("Please give a time like 2026-12-03T14:00 or 2026-12-03T14:00:00+01:00."))


def _to_the_minute(moment: Any) -> datetime:
    found: datetime = moment
    return found.replace(second=0, microsecond=0)

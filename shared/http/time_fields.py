"""Fields for times of a wall clock, instants and zones."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from marshmallow import ValidationError, fields

from shared.errors import N_

_ZONES = frozenset(available_timezones())
_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?")


class LocalDateTime(fields.String):
    """A wall-clock time without zone, as a session's local_start: loads to a naive datetime, minutes matter."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> Any:
        text = super()._deserialize(value, attr, data, **options).strip()
        try:
            return _sane(datetime.fromisoformat(text if _LOCAL.fullmatch(text) else ""))
        except ValueError:
            raise ValidationError(N_("Please give date and time like 2026-12-03T14:00.")) from None

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> Any:
        return value.isoformat(timespec="minutes") if isinstance(value, datetime) else value


class Moment(fields.AwareDateTime):
    """An instant with its offset: "2026-12-03T14:00:00+01:00". Naive input is refused."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> Any:
        fault = ValidationError(N_("Please give an instant with offset like 2026-12-03T14:00:00+01:00."))
        if not isinstance(value, str) or len(value) > 40:
            raise fault
        try:
            return _sane(super()._deserialize(value, attr, data, **options))
        except (ValidationError, ValueError, OverflowError):
            raise fault from None


class Zone(fields.String):
    """An IANA time zone such as Europe/Berlin; loads to its name."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> str:
        name = super()._deserialize(value, attr, data, **options)
        if name not in _ZONES or (name != "UTC" and "/" not in name):
            raise ValidationError(N_("Please give a time zone like Europe/Berlin."))
        return ZoneInfo(name).key


def _sane(moment: datetime) -> datetime:
    if not 1970 <= moment.year <= 2200:
        raise ValueError(moment)
    return moment

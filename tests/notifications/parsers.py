"""Other people's readers of calendars: libical (RFC 5546's tables), vobject and ics."""

import ctypes
import warnings
from datetime import UTC, datetime
from functools import cache
from typing import Any


def libical_faults(ics: bytes) -> list[str]:
    """What libical's restriction tables say: errors of syntax and of the method's required properties."""
    library = _libical()
    component = library.icalparser_parse_string(ics)
    if not component:
        return ["cannot be parsed"]
    try:
        library.icalrestriction_check(component)
        text = library.icalcomponent_as_ical_string(component).decode()
        count = library.icalcomponent_count_errors(component)
        return [line for line in text.splitlines() if "X-LIC-ERROR" in line] if count else []
    finally:
        library.icalcomponent_free(component)


def libical_instants(ics: bytes) -> tuple[datetime, datetime]:
    """Start and end as libical computes them from the VTIMEZONE in the file."""
    library = _libical()
    component = library.icalparser_parse_string(ics)
    try:
        found = library.icalcomponent_get_dtstart(component), library.icalcomponent_get_dtend(component)
        start, end = (library.icaltime_as_timet_with_zone(each, each.zone) for each in found)
        return datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)
    finally:
        library.icalcomponent_free(component)


def vobject_event(ics: bytes) -> Any:
    """Parsed and validated by vobject."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import vobject

        calendar = vobject.readOne(ics.decode())
        calendar.validate(raiseException=True)
        return calendar.vevent


def ics_event(ics: bytes) -> Any:
    """Parsed by ics.py, which is strict about its grammar."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ics import Calendar

        (event,) = Calendar(ics.decode()).events
        return event


class _Time(ctypes.Structure):
    """icaltimetype of libical 3."""

    _fields_ = (
        *((name, ctypes.c_int) for name in ("year", "month", "day", "hour", "minute", "second")),
        ("is_date", ctypes.c_int),
        ("is_daylight", ctypes.c_int),
        ("zone", ctypes.c_void_p),
    )


@cache
def _libical() -> Any:
    library = ctypes.CDLL("libical.so.3")
    library.icalparser_parse_string.restype = ctypes.c_void_p
    library.icalparser_parse_string.argtypes = [ctypes.c_char_p]
    library.icalrestriction_check.argtypes = [ctypes.c_void_p]
    library.icalcomponent_count_errors.argtypes = [ctypes.c_void_p]
    library.icalcomponent_as_ical_string.argtypes = [ctypes.c_void_p]
    library.icalcomponent_as_ical_string.restype = ctypes.c_char_p
    library.icalcomponent_free.argtypes = [ctypes.c_void_p]
    for name in ("icalcomponent_get_dtstart", "icalcomponent_get_dtend"):
        getattr(library, name).argtypes = [ctypes.c_void_p]
        getattr(library, name).restype = _Time
    library.icaltime_as_timet_with_zone.argtypes = [_Time, ctypes.c_void_p]
    library.icaltime_as_timet_with_zone.restype = ctypes.c_longlong
    return library

"""Rows of a form that come and go by submit buttons, without scripts and without losing what was typed."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from shared.http.forms import OWN_NAMES

_BUTTON = re.compile(r"(add|remove)-(sessions|quotas)(?:-(\d{1,3}))?")
_ROW = re.compile(r"(sessions|quotas)\.(\d{1,4})\.(.+)")


def is_about_rows(pressed: str) -> bool:
    """Whether the button adds or removes a row instead of saving."""
    return _BUTTON.fullmatch(pressed) is not None


def values_of(posted: MultiDict[str, str]) -> dict[str, Any]:
    """What stands in the form, repeated names as lists."""
    names = (name for name in posted if name not in OWN_NAMES | {"go"})
    return {name: all_ if len(all_ := posted.getlist(name)) > 1 else all_[0] for name in names}


def numbers(names: Iterable[str], rows: str) -> list[int]:
    """Which rows there are."""
    found = {int(match[2]) for name in names if (match := _ROW.fullmatch(name)) and match[1] == rows}
    return sorted(found)


def changed(values: Mapping[str, Any], pressed: str, new: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The form with one row more or less, numbered from 0 again. `new` holds a fresh row of each kind."""
    match = _BUTTON.fullmatch(pressed)
    if match is None:
        return dict(values)
    verb, rows, number = match[1], match[2], match[3]
    if verb == "add":
        following = max(numbers(values, rows), default=-1) + 1
        copied = {f"{rows}.{following}.{name}": value for name, value in new[rows].items()}
        return _renumbered({**values, **copied})
    kept = {name: value for name, value in values.items() if not name.startswith(f"{rows}.{number}.")}
    return _renumbered(kept)


def _renumbered(values: Mapping[str, Any]) -> dict[str, Any]:
    places = {rows: {old: new for new, old in enumerate(numbers(values, rows))} for rows in ("sessions", "quotas")}
    return {_moved(name, places): _meant(name, value, places["sessions"]) for name, value in values.items()}


def _moved(name: str, places: Mapping[str, Mapping[int, int]]) -> str:
    match = _ROW.fullmatch(name)
    return name if match is None else f"{match[1]}.{places[match[1]][int(match[2])]}.{match[3]}"


def _meant(name: str, value: Any, sessions: Mapping[int, int]) -> Any:
    """A quota of one session follows that session to its new number; without it, it is for the whole event."""
    match = _ROW.fullmatch(name)
    if match is None or match[1] != "quotas" or match[3] != "session" or not str(value).isdigit():
        return value
    return sessions.get(int(value), "")

"""The company's form: read field by field, so that a faulty entry never costs the others."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from services.events.domain.offer_content import SITE_FIELDS, Content, places_of
from services.events.schemas.offers import SiteSchema, TourSchema
from shared.http.forms import Form
from shared.http.wording import flat

Posted = MultiDict[str, str]
_MOST_KEPT = 500


@dataclass(frozen=True)
class Typed:
    """What a form says: `changes` can be read, `unsound` cannot and is kept as typed, `errors` say why."""

    changes: dict[str, Any] = field(default_factory=dict)
    unsound: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)


def read_tour(posted: Posted, names: Iterable[str]) -> Typed:
    """Read these fields of TourSchema; `site` stands for all its parts, boxes that are not ticked count as none."""
    typed = Typed()
    for name in names:
        if name == "site":
            _read_site(posted, typed)
        else:
            _read(name, _ENTERED.get(name, _one_line)(posted, name), TourSchema(), typed.changes, typed)
    return typed


def tour_form(content: Content, errors: Mapping[str, list[str]] | None = None) -> Form:
    """The form as it was left, unsound entries included."""
    values = {**content, "fields_of_study": ", ".join(content["fields_of_study"])}
    values |= {f"site.{name}": content["site"].get(name, "") for name in SITE_FIELDS}
    values |= content.get("unsound", {})
    if not content["places"] and "places" not in content.get("unsound", {}):
        values["places"] = places_of(content)
    starts = [str(each).partition("T") for each in values["dates"]]
    values |= {"date": [each[0] for each in starts], "time": [each[2] for each in starts]}
    del values["site"], values["unsound"]
    return Form(values, errors)


def _read_site(posted: Posted, typed: Typed) -> None:
    site: dict[str, Any] = {}
    for name in SITE_FIELDS:
        if f"site.{name}" in posted:
            _read(name, posted[f"site.{name}"].strip(), SiteSchema(), site, typed, prefix="site.")
    typed.changes["site"] = site


def _read(
    name: str, entered: Any, schema: TourSchema | SiteSchema, into: dict[str, Any], typed: Typed, prefix: str = ""
) -> None:
    try:
        into[name] = schema.fields[name].deserialize(entered)
    except ValidationError as fault:
        typed.unsound[prefix + name] = _shortened(entered)
        typed.errors.update(flat({prefix + name: _sentences(fault.messages)}))


def _one_line(posted: Posted, name: str) -> Any:
    return posted.get(name, "").strip()


def _number(posted: Posted, name: str) -> Any:
    return posted.get(name, "").strip() or None


def _several(posted: Posted, name: str) -> Any:
    return [each for each in posted.getlist(name) if each]


def _commas(posted: Posted, name: str) -> Any:
    parts = posted.get(name, "").replace("،", ",").replace(";", ",").replace("\n", ",").split(",")
    return [each.strip() for each in parts if each.strip()]


def _dates(posted: Posted, _name: str) -> Any:
    days = zip_longest(posted.getlist("date"), posted.getlist("time"), fillvalue="")
    return [f"{day.strip()}T{time.strip()[:5]}" for day, time in days if day.strip() or time.strip()]


_ENTERED: dict[str, Callable[[Posted, str], Any]] = {
    "dates": _dates,
    "fields_of_study": _commas,
    "languages": _several,
    "safety": _several,
    "places": _number,
    "guides": _number,
    "duration_minutes": _number,
}


def _shortened(entered: Any) -> Any:
    if isinstance(entered, list):
        return [_shortened(each) for each in entered[:20]]
    return "".join(each for each in str(entered)[:_MOST_KEPT] if each.isprintable() or each == "\n")


def _sentences(messages: Any) -> list[str]:
    if isinstance(messages, Mapping):
        found = [each for inner in messages.values() for each in _sentences(inner)]
        return list(dict.fromkeys(found))
    return [str(each) for each in messages]

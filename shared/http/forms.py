"""HTML forms read with the same schemas as JSON.

    wish, form = read_form(SignUpSchema)
    if wish is None:
        return render_template("registration/sign_up.html", form=form), 422

Nested fields are named with dots (`site.city`), translations likewise (`title.de`), lists repeat a name or number
their entries (`sessions.0.title`). An untouched form for editing: Form(values=SignUpSchema().dump(found)).
"""

from collections.abc import Mapping
from typing import Any

from flask import request
from marshmallow import Schema, ValidationError, fields
from werkzeug.datastructures import MultiDict

from shared.errors import InvalidInput
from shared.http.fields import Line
from shared.http.wording import flat

OWN_NAMES = frozenset({"csrf_token", "lang"})


class Form:
    """What a form shows: values as they were typed and the faults found. Names are dotted paths."""

    def __init__(self, values: Mapping[str, Any] | None = None, errors: Mapping[str, list[str]] | None = None) -> None:
        self._values = _dotted(values or {})
        self._errors = {name: list(sentences) for name, sentences in (errors or {}).items()}

    def value(self, name: str, default: Any = "") -> Any:
        """What stands in the field; of a repeated one the first."""
        found = self._values.get(name, default)
        if isinstance(found, list):
            return found[0] if found else default
        return default if found is None else found

    def values(self, name: str) -> list[Any]:
        """All that was chosen under a repeated name."""
        found = self._values.get(name, [])
        return found if isinstance(found, list) else [found]

    def errors(self, name: str | None = None) -> Any:
        """The sentences about one field (and what is inside it); without a name {field: [sentence, …]}."""
        if name is None:
            return self._errors
        meant = [key for key in self._errors if key == name or key.startswith(f"{name}.")]
        return [sentence for key in meant for sentence in self._errors[key]]

    def names(self) -> list[str]:
        """All dotted names that stand in the form, for rows that come and go."""
        return list(self._values)

    def has_errors(self) -> bool:
        """Whether there is anything to correct."""
        return bool(self._errors)

    def filled(self, values: Mapping[str, Any]) -> "Form":
        """The same form with further values."""
        return Form({**self._values, **_dotted(values)}, self._errors)

    def without_errors(self) -> "Form":
        """The same form, for a reader who is not done yet."""
        return Form(self._values)

    def rejected(self, errors: InvalidInput | Mapping[str, list[str]]) -> "Form":
        """The same form with the faults that only the use case could find."""
        found = errors.errors if isinstance(errors, InvalidInput) else errors
        return Form(self._values, {**self._errors, **flat(found)})


def read_form(schema: type[Schema] | Schema, *, ignore: frozenset[str] | set[str] = frozenset()) -> tuple[Any, Form]:
    """What the posted form asks for, or None and the form with sentences about its faults.

    `ignore` names further fields that are not part of the wish (a honeypot). Any other unknown field is a fault.
    """
    schema = schema() if isinstance(schema, type) else schema
    own = OWN_NAMES | ignore
    posted = MultiDict((name, value) for name, value in request.form.items(multi=True) if name not in own)
    values = {name: all_ if len(all_) > 1 else all_[0] for name, all_ in posted.lists()}
    left = dict.fromkeys(posted)
    asked = _gathered(schema, posted, "", left)
    asked.update({name: posted[name] for name in left})
    try:
        return schema.load(asked), Form(values)
    except ValidationError as fault:
        return None, Form(values, flat(fault.messages))


def _gathered(schema: Schema, posted: MultiDict[str, str], prefix: str, left: dict[str, None]) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    for name, field in schema.load_fields.items():
        key = field.data_key or name
        found = _of_field(field, posted, prefix + key, left)
        if found is not None:
            asked[key] = found
        elif field.allow_none and prefix + key in posted:
            asked[key] = None
    return asked


def _of_field(field: fields.Field[Any], posted: MultiDict[str, str], name: str, left: dict[str, None]) -> Any:
    """What was posted for one field, None for nothing."""
    if isinstance(field, fields.Nested):
        if field.many:
            return [_gathered(field.schema, posted, f"{name}.{one}.", left) for one in _numbers(posted, name)] or None
        has_any = any(key.startswith(f"{name}.") for key in posted)
        return _gathered(field.schema, posted, f"{name}.", left) if has_any else None
    if isinstance(field, fields.List):
        return _of_list(field.inner, posted, name, left)
    if isinstance(field, fields.Mapping):
        keys = [key for key in posted if key.startswith(f"{name}.")]
        if isinstance(field.value_field, fields.List):
            return {key[len(name) + 1 :]: _taken_all(posted, key, left) for key in keys} or None
        found = {key[len(name) + 1 :]: _taken(posted, key, left) for key in keys}
        return {key: text for key, text in found.items() if text.strip()} or None
    if isinstance(field, fields.Boolean):
        return (_taken(posted, name, left) or "false") if name in posted else (False if not field.required else None)
    return _of_single(field, posted, name, left)


def _of_list(inner: fields.Field[Any], posted: MultiDict[str, str], name: str, left: dict[str, None]) -> Any:
    if isinstance(inner, (fields.Nested, fields.Mapping)):
        return [_of_field(inner, posted, f"{name}.{one}", left) for one in _numbers(posted, name)] or None
    left.pop(name, None)
    return [value for value in posted.getlist(name) if value.strip()] if name in posted else None


def _of_single(field: fields.Field[Any], posted: MultiDict[str, str], name: str, left: dict[str, None]) -> Any:
    if name not in posted:
        return None
    value = _taken(posted, name, left)
    if value.strip():
        return value
    return "" if isinstance(field, Line) and not field.required and not field.allow_none else None


def _numbers(posted: MultiDict[str, str], name: str) -> list[str]:
    starts = len(name) + 1
    found = {key[starts:].partition(".")[0] for key in posted if key.startswith(f"{name}.")}
    return sorted((one for one in found if one.isascii() and one.isdigit() and len(one) < 5), key=int)


def _taken(posted: MultiDict[str, str], name: str, left: dict[str, None]) -> str:
    left.pop(name, None)
    return posted[name]


def _taken_all(posted: MultiDict[str, str], name: str, left: dict[str, None]) -> list[str]:
    left.pop(name, None)
    return [value for value in posted.getlist(name) if value.strip()]


def _dotted(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= _dotted(value, f"{prefix}{name}.")
        elif isinstance(value, (list, tuple)) and value and isinstance(value[0], Mapping):
            for number, one in enumerate(value):
                found |= _dotted(one, f"{prefix}{name}.{number}.")
        else:
            found[prefix + name] = list(value) if isinstance(value, (list, tuple)) else value
    return found

"""What marshmallow says about faulty fields, in our own sentences and in the reader's language."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from shared.errors import N_
from shared.http.locale import _

# What marshmallow and its validators say -> what we say. Placeholders in braces are filled by them.
_OURS = {
    "Missing data for required field.": N_("Please fill this in."),
    "Field may not be null.": N_("Please fill this in."),
    "Not a valid string.": N_("This must be a text."),
    "Not a valid utf-8 string.": N_("This must be a text."),
    "Not a valid number.": N_("This must be a number."),
    "Not a valid integer.": N_("This must be a whole number."),
    "Number too large.": N_("This number is too large."),
    "Not a valid boolean.": N_("This must be yes or no."),
    "Not a valid list.": N_("This must be a list."),
    "Not a valid mapping type.": N_("This must be an object with names and values."),
    "Not a valid UUID.": N_("This is not a valid id."),
    "Not a valid URL.": N_("This is not a valid web address."),
    "Not a valid email address.": N_("This is not a valid e-mail address."),
    "Not a valid {obj_type}.": N_("This is not a valid date or time."),
    "Not a valid date.": N_("This is not a valid date or time."),
    "Invalid type.": N_("This must be an object with names and values."),
    "Invalid input type.": N_("This must be an object with names and values."),
    "Unknown field.": N_("This field does not exist."),
    "Must be one of: {choices}.": N_("Please choose one of: {choices}."),
    "Not a valid choice.": N_("Please choose one of those offered."),
    "Length must be {equal}.": N_("This must have {equal} characters or entries."),
    "Shorter than minimum length {min}.": N_("Too short: at least {min} characters or entries."),
    "Longer than maximum length {max}.": N_("Too long: at most {max} characters or entries."),
    "Length must be between {min} and {max}.": N_("This must have {min} to {max} characters or entries."),
    "Must be {min_op} {{min}}.": N_("This must be at least {min}."),
    "Must be greater than or equal to {min}.": N_("This must be at least {min}."),
    "Must be less than or equal to {max}.": N_("This must be at most {max}."),
    "Must be greater than {min}.": N_("This must be more than {min}."),
    "Must be less than {max}.": N_("This must be less than {max}."),
    "Must be greater than or equal to {min} and less than or equal to {max}.": N_("This must be from {min} to {max}."),
    "String does not match expected pattern.": N_("This does not have the expected form."),
    "Invalid value.": N_("This is not possible."),
    "Special numeric values (nan or infinity) are not permitted.": N_("This must be a number."),
}


class Said(str):
    """A sentence that finds the reader's language when its braces are filled."""

    __slots__ = ()

    def format(self, *args: object, **facts: object) -> str:
        """Translate first, fill second."""
        return str(_(str(self))).format(*args, **facts)


def teach(field: fields.Field[Any]) -> None:
    """Let one bound field and its validators speak the reader's language."""
    field.error_messages = {key: ours(message) for key, message in field.error_messages.items()}
    for validator in field.validators:
        if isinstance(validator, validate.Validator):
            _teach_validator(validator)
    for inner in _inside(field):
        teach(inner)


def ours(message: Any) -> Any:
    """Our sentence for one of marshmallow's; what is not theirs stays."""
    if not isinstance(message, str) or isinstance(message, Said):
        return message
    return Said(_OURS.get(message, message))


def length_fault(least: int, most: int) -> str:
    """What to say about a text of the wrong length."""
    if least > 1:
        return Said(_OURS["Length must be between {min} and {max}."]).format(min=least, max=most)
    return Said(_OURS["Longer than maximum length {max}."]).format(max=most)


def flat(messages: Mapping[str, Any] | list[Any] | str, at: str = "") -> dict[str, list[str]]:
    """Nested messages as {"site.city": ["…"]} in the reader's language; what concerns no field is under "form"."""
    if isinstance(messages, Mapping):
        found: dict[str, list[str]] = {}
        for key, inner in messages.items():
            for name, sentences in flat(inner, _path(at, str(key))).items():
                found.setdefault(name, []).extend(sentences)
        return found
    sentences = messages if isinstance(messages, (list, tuple)) else [messages]
    if any(isinstance(one, Mapping) for one in sentences):
        return flat({str(number): one for number, one in enumerate(sentences)}, at)
    return {at or "form": [_translated(one) for one in sentences]}


def _path(at: str, key: str) -> str:
    if key in {"_schema", "value"}:  # marshmallow's names for "the whole" and "this entry's value"
        return at
    return f"{at}.{key}" if at else key


def _translated(sentence: Any) -> str:
    return _(str(ours(str(sentence))))


def _teach_validator(validator: validate.Validator) -> None:
    names = [name for name in dir(validator) if name == "error" or name.startswith(("message_", "default_message"))]
    for name in names:
        message = getattr(validator, name)
        if isinstance(message, str):
            setattr(validator, name, ours(message))
    if isinstance(validator, validate.And):
        for inner in validator.validators:
            if isinstance(inner, validate.Validator):
                _teach_validator(inner)


def _inside(field: fields.Field[Any]) -> list[fields.Field[Any]]:
    names = ("inner", "key_field", "value_field")
    return [inner for name in names if isinstance(inner := getattr(field, name, None), fields.Field)]

"""Hardened marshmallow fields and the base schema, for JSON and forms alike.

    class SignUp(Wish):
        name = PersonName(required=True)
        email = EmailAddress(required=True)
        title = Translations(required=True, most=200)
        notes = Text(load_default="", most=2000)

What is loaded is safe to store, to put into a mail header and to show; it is still text, never markup.
"""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from shared.errors import N_
from shared.http import wording
from shared.http.mail_address import address
from shared.http.plaintext import LINE_PATTERN, TEXT_PATTERN, clean_line, clean_text
from shared.http.time_fields import LocalDateTime, Moment, Zone
from shared.languages.catalogues import known_locale

__all__ = ["Boolean", "Choice", "EmailAddress", "Id", "Line", "Many", "Moment", "Nested", "PersonName", "Slug", "Text"]
__all__ += ["Country", "Language", "LocalDateTime", "Translations", "WebAddress", "Whole", "Wish", "Zone"]

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")
_LANGUAGE = "^[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*$"
_COUNTRY = re.compile(r"[A-Z]{2}\Z")

Nested = fields.Nested
Boolean = fields.Boolean


class Wish(Schema):
    """What somebody asks for. Unknown fields are refused, messages speak the reader's language."""

    error_messages = {  # noqa: RUF012 - marshmallow's own name and shape
        "unknown": wording.ours("Unknown field."),
        "type": wording.ours("Invalid input type."),
    }

    class Meta:
        """Refuse what we did not ask for: nobody sets a status or an id by guessing its name."""

        unknown = RAISE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Let each field speak the reader's language."""
        wording.teach(field_obj)


class Line(fields.String):
    """One line of text: NFC, outer blanks gone, no controls, no direction overrides, safe as a mail header.

    Length counts characters. A required line must not be blank.
    """

    described_as = LINE_PATTERN

    def __init__(self, *, least: int = 0, most: int = 200, **options: Any) -> None:
        self.least, self.most = max(least, 1) if options.get("required") else least, most
        shortest = {"minLength": self.least} if self.least else {}
        super().__init__(**_described(options, maxLength=most, pattern=self.described_as, **shortest))

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> str:
        text = self._clean(super()._deserialize(value, attr, data, **options))
        if self.required and not text:
            raise self.make_error("required")
        if not self.least <= len(text) <= self.most and (text or self.required):
            raise ValidationError(wording.length_fault(self.least, self.most))
        return text

    def _clean(self, text: str) -> str:
        return clean_line(text, self.most)


class PersonName(Line):
    """A name in any script, letter for letter as its bearer writes it. One word is enough."""

    def __init__(self, *, most: int = 200, **options: Any) -> None:
        super().__init__(most=most, **options)

    def _clean(self, text: str) -> str:
        name = super()._clean(text)
        if name and not any(letter.isalpha() for letter in name):
            raise ValidationError(N_("Please write a name with letters."))
        return name


class Text(Line):
    """Several lines of text; line ends become \\n, tabs blanks."""

    described_as = TEXT_PATTERN

    def __init__(self, *, least: int = 0, most: int = 10_000, **options: Any) -> None:
        super().__init__(least=least, most=most, **options)

    def _clean(self, text: str) -> str:
        return clean_text(text, self.most)


class EmailAddress(fields.String):
    """A mail address that our mails can reach, normalised; a domain in other scripts becomes its xn-- form.

    Loads to str. Test domains such as .test or localhost pass only where the settings allow them.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**_described(options, format="email", maxLength=254))

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options).strip()
        if not text and self.required:
            raise self.make_error("required")
        return address(text) if text else text


class Translations(fields.Dict):
    """A text in several languages: {"de": "Werksführung", "en": "Plant tour"}. At least one when required."""

    def __init__(self, *, most: int = 200, lines: bool = False, **options: Any) -> None:
        inner = Text(most=most) if lines else Line(most=most)
        super().__init__(keys=fields.String(), values=inner, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> Any:
        if isinstance(value, Mapping):
            if unknown := [key for key in value if not is_language(key)]:
                raise ValidationError({str(key)[:40]: [N_("This is not a language we know.")] for key in unknown[:5]})
            value = {key: text for key, text in value.items() if not isinstance(text, str) or text.strip()}
        texts = super()._deserialize(value, attr, data, **options)  # type: ignore[no-untyped-call]
        if self.required and not texts:
            raise self.make_error("required")
        return texts


class Language(fields.String):
    """A language code such as de, ar, zh_Hans or pt_BR. BCP 47's hyphen is understood."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**_described(options, maxLength=12, pattern=_LANGUAGE))

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> str:
        code = super()._deserialize(value, attr, data, **options).replace("-", "_")
        if not is_language(code):
            raise ValidationError(N_("This is not a language we know."))
        return code


class Country(fields.String):
    """An ISO 3166 country code such as DE."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validate=validate.Regexp(_COUNTRY, error=N_("Please give a country code like DE.")), **options)


class Slug(fields.String):
    """The readable part of an address: small letters, digits and single hyphens."""

    def __init__(self, *, most: int = 80, **options: Any) -> None:
        form = validate.Regexp(_SLUG, error=N_("Small letters a to z, digits and single hyphens only."))
        super().__init__(validate=[validate.Length(1, most), form], **options)


class WebAddress(fields.Url):
    """An https or http address without credentials; we never open it, readers may."""

    def __init__(self, **options: Any) -> None:
        super().__init__(schemes={"https", "http"}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> str:
        text = clean_line(super()._deserialize(value, attr, data, **options), 2000)
        if "@" in text.split("://", 1)[-1].partition("/")[0] or re.search(r"[\s\\<>\"']", text):
            raise self.make_error("invalid")
        return text


class Whole(fields.Integer):
    """A whole number within bounds that every database can hold; true is not 1, and 3.5 not 3."""

    def __init__(self, *, least: int = -(2**31), most: int = 2**31 - 1, **options: Any) -> None:
        super().__init__(validate=validate.Range(least, most), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> Any:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if not is_whole and not (isinstance(value, str) and _WHOLE.fullmatch(value.strip())):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **options)


class Id(fields.UUID):
    """A UUID in its usual form with hyphens."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> Any:
        if not isinstance(value, str) or len(value) != 36:
            raise self.make_error("invalid_uuid")
        return super()._deserialize(value, attr, data, **options)


def Choice(*choices: str, **options: Any) -> fields.String:  # noqa: N802 - reads as a field
    """One of the given words."""
    return fields.String(validate=validate.OneOf(choices), **options)


def Many(inner: fields.Field[Any], *, least: int = 0, most: int = 100, **options: Any) -> fields.List[Any]:  # noqa: N802
    """A list of at most `most` entries."""
    return fields.List(inner, validate=validate.Length(least or None, most), **options)


def is_language(code: object) -> bool:
    """Whether the code is one that Babel knows, written as de, zh_Hans or pt_BR."""
    return isinstance(code, str) and len(code) <= 12 and str(known_locale(code)) == code


def _described(options: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """The field's options with what OpenAPI should know about it."""
    return {**options, "metadata": {**metadata, **options.get("metadata", {})}}

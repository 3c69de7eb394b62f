"""One schema built from a form: it reads the answers of a page and of JSON, each question by its kind."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields, validate
from sqlalchemy.orm import Session

from services.registration.domain.answers import Sheet, faults, settle, visible
from services.registration.domain.forms import FormVersion
from services.registration.domain.questions import FIELDS_OF_STUDY, LEVELS, Kind, Question
from services.registration.domain.registrations import SignUpWish
from services.registration.storage import events, forms
from services.registration.storage.tables import Event
from shared.errors import N_, InvalidInput
from shared.http.fields import Choice, EmailAddress, Id, Line, Many, Text, Wish
from shared.http.wording import flat
from shared.languages import country_codes

MOST_TEXT = 300
MOST_LONG_TEXT = 4000
_PHONE = re.compile(r"\+?[0-9][0-9 ()/.\-]{3,28}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}([.,][0-9]{1,6})?")


class Number(fields.Field[float]):
    """A number, also with a decimal comma, within the question's bounds."""

    def __init__(self, least: float | None, most: float | None, **options: Any) -> None:
        super().__init__(validate=validate.Range(least, most), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        text = str(value).strip() if isinstance(value, (int, float, str)) and not isinstance(value, bool) else ""
        if not _NUMBER.fullmatch(text):
            raise ValidationError(N_("This must be a number."))
        number = float(text.replace(",", "."))
        return int(number) if number.is_integer() else number


class Day(fields.Field[str]):
    """A day like 2026-12-03; kept as that text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        try:
            day = date.fromisoformat(value if isinstance(value, str) and len(value) == len("2026-12-03") else "")
        except ValueError:
            raise ValidationError(N_("Please give a day like 2026-12-03.")) from None
        if not 1900 <= day.year <= 2200:
            raise ValidationError(N_("Please give a day like 2026-12-03."))
        return day.isoformat()


class Phone(Line):
    """A telephone number as people write it."""

    def _clean(self, text: str) -> str:
        number = super()._clean(text)
        if number and not _PHONE.fullmatch(number):
            raise ValidationError(N_("Please write a telephone number with digits, like +49 721 123456."))
        return number


def read_sheet(
    form: FormVersion,
    answers: Mapping[str, Any],
    consents: frozenset[str],
    *,
    subjects: tuple[str, ...] = (),
    needs_all: bool = True,
    is_strict: bool = True,
) -> Sheet:
    """The answers of a page's form or a JSON object, checked. Raises InvalidInput with `answers.<question id>`.

    subjects: the event's own fields of study. is_strict: an unknown question is a fault (JSON); a page may be older
    than the form. needs_all: False where an organiser writes down what she was told.
    """
    by_name = {str(each.id): each for each in form.questions}
    given = {name: _plain(by_name[name], value) for name, value in answers.items() if name in by_name}
    wrong = {name: value for name, value in given.items() if value is not None}
    unknown = sorted(answers.keys() - by_name.keys())[:5] if is_strict else []
    errors = {f"answers.{name[:40]}": [N_("This event asks no such question.")] for name in unknown}
    try:
        loaded = schema_of(form, subjects).load(wrong)
    except ValidationError as fault:
        errors |= {f"answers.{name}": sentences for name, sentences in flat(fault.messages).items()}
        loaded = fault.valid_data or {}
    values = {UUID(name): str(value) if isinstance(value, UUID) else value for name, value in loaded.items()}
    agreed = {UUID(name) for name in consents if name in by_name}
    for name, sentence in faults(form.questions, values, agreed, needs_all=needs_all):
        errors.setdefault(name, [sentence])
    if hidden := _hidden(form, values):
        errors = {name: sentences for name, sentences in errors.items() if name.partition(".")[2] not in hidden}
    if errors:
        raise InvalidInput(errors)
    return settle(form, values, agreed)


def answered(wish: SignUpWish, event: Event, session: Session, *, by_organiser: bool = False) -> SignUpWish:
    """The wish with its answers checked against what the event asks; nothing is looked up where it asks nothing.

    by_organiser: somebody else signs her up. Everything may stay open then; sensitive questions are left to her.
    """
    form = forms.current(session, event)
    is_strict = wish.source != "form"
    if form is None:
        if is_strict and wish.answers:
            raise InvalidInput({"answers": [N_("This event asks no such question.")]})
        return wish
    if by_organiser:
        _leave_to_her(form, wish)
    sheet = read_sheet(
        form,
        wish.answers,
        wish.answer_consents,
        subjects=events.snapshot(event).fields_of_study,
        needs_all=not by_organiser,
        is_strict=is_strict,
    )
    return replace(wish, sheet=sheet)


def _leave_to_her(form: FormVersion, wish: SignUpWish) -> None:
    """Nobody answers a sensitive question for her or consents in her name. Raises InvalidInput."""
    said = wish.answers.keys() | wish.answer_consents
    sentence = N_("This question is sensitive: only the person can answer it, on her or his own page.")
    sensitive = [str(each.id) for each in form.questions if each.sensitive]
    if refused := {f"answers.{name}": [sentence] for name in sensitive if name in said}:
        raise InvalidInput(refused)


def schema_of(form: FormVersion, subjects: tuple[str, ...]) -> Wish:
    """The schema of a form."""
    return _schema_of(_Keyed(form), subjects)


def field_of(question: Question, subjects: tuple[str, ...]) -> fields.Field[Any]:
    """How an answer to this question is read."""
    keys = tuple(each.key for each in question.options)
    makers: dict[Kind, Any] = {
        Kind.TEXT: lambda: Line(most=MOST_TEXT),
        Kind.LONG_TEXT: lambda: Text(most=MOST_LONG_TEXT),
        Kind.SINGLE_CHOICE: lambda: _one_of(keys),
        Kind.MULTIPLE_CHOICE: lambda: Many(_one_of(keys), most=len(keys)),
        Kind.NUMBER: lambda: Number(question.least, question.most),
        Kind.DATE: Day,
        Kind.YES_NO: fields.Boolean,
        Kind.EMAIL: EmailAddress,
        Kind.PHONE: lambda: Phone(most=30),
        Kind.COUNTRY: lambda: _one_of(country_codes()),
        Kind.LANGUAGE_LEVEL: lambda: _one_of(LEVELS),
        Kind.FIELD_OF_STUDY: lambda: _one_of((*FIELDS_OF_STUDY, *subjects)),
        Kind.FILE: Id,
    }
    made: fields.Field[Any] = makers[question.kind]()
    return made


class _Keyed:
    """A version of a form, which counts as the same while its id is: versions never change."""

    def __init__(self, form: FormVersion) -> None:
        self.form = form

    def __hash__(self) -> int:
        return hash(self.form.id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keyed) and other.form.id == self.form.id


@lru_cache(maxsize=200)
def _schema_of(keyed: _Keyed, subjects: tuple[str, ...]) -> Wish:
    return _build({str(each.id): field_of(each, subjects) for each in keyed.form.questions})


def _build(members: dict[str, fields.Field[Any]]) -> Wish:
    schema: type[Wish] = type("AnswersWish", (Wish,), dict(members))
    return schema()


def _one_of(keys: tuple[str, ...]) -> fields.String:
    field = Choice(*keys)
    field.validators = [validate.OneOf(keys, error=N_("Please choose one of those offered."))]
    return field


def _plain(question: Question, value: Any) -> Any:
    """A page sends lists of texts for everything; what is empty was not answered."""
    if question.kind == Kind.MULTIPLE_CHOICE:
        chosen = (
            list(dict.fromkeys(value)) if isinstance(value, list) and all(isinstance(x, str) for x in value) else value
        )
        return chosen or None
    if isinstance(value, list) and len(value) <= 1:
        value = value[0] if value else None
    return None if isinstance(value, str) and not value.strip() else value


def _hidden(form: FormVersion, values: Mapping[UUID, Any]) -> set[str]:
    """Questions that were not asked: what stands there by accident is no fault."""
    asked = {each.id for each in visible(form.questions, values)}
    return {str(each.id) for each in form.questions if each.id not in asked}

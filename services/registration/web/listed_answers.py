"""Answers as they stand in the cells of a list: words in any language instead of keys."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from services.registration.domain.answers import Sheet
from services.registration.domain.forms import FormVersion
from services.registration.domain.people_list import Row, yes_or_no
from services.registration.domain.questions import Kind, Question
from services.registration.schemas.answers import read_sheet
from services.registration.schemas.attendee_list import column_of
from services.registration.web.question_words import STUDY
from shared.errors import InvalidInput
from shared.http.context import installed
from shared.http.locale import _, in_language
from shared.http.wording import flat
from shared.languages import country_codes, country_name

_GERMAN_DAY = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")


def listed(version: FormVersion | None) -> list[Question]:
    """The questions that a list can answer: no files, and nothing sensitive, which people answer themselves."""
    return [each for each in version.questions if not each.sensitive and each.kind != Kind.FILE] if version else []


def headings(version: FormVersion | None) -> dict[str, list[str]]:
    """The columns of these questions, and the headings they go by: their words in any language."""
    return {column_of(each.id): [text for text in each.label.values() if text] for each in listed(version)}


def columns(version: FormVersion | None) -> list[tuple[str, str]]:
    """The same to choose from."""
    return [(column_of(each.id), in_language(each.label).text) for each in listed(version)]


def read(version: FormVersion, row: Row, *, subjects: tuple[str, ...]) -> tuple[Sheet | None, list[str]]:
    """The answers of a row, or what is wrong with them. What the list leaves open she answers on her own page."""
    asked = {str(each.id): each for each in listed(version) if column_of(each.id) in row.cells}
    given = {name: _meant(each, row.cells[column_of(each.id)]) for name, each in asked.items()}
    try:
        return read_sheet(version, given, frozenset(), subjects=subjects, needs_all=False), []
    except InvalidInput as fault:
        said = flat(fault.errors)
        labels = {f"answers.{name}": in_language(each.label).text for name, each in asked.items()}
        return None, [f"{labels.get(_whole(name), '')} – {' '.join(said[name])}" for name in said]


def _whole(name: str) -> str:
    """answers.<id>.0 is a fault of one of several answers."""
    return ".".join(name.split(".")[:2])


def _meant(question: Question, text: str) -> Any:
    """What a cell stands for; what nobody understands stays, and is refused by the question's own rules."""
    if question.kind == Kind.MULTIPLE_CHOICE:
        names = _option_names(question)
        parts = [text] if text.casefold() in names else [each.strip() for each in re.split(r"[,;|\n]", text)]
        return [names.get(each.casefold(), each) for each in parts if each]
    if question.kind == Kind.YES_NO:
        return yes_or_no(text) if yes_or_no(text) is not None else text
    if question.kind == Kind.DATE:
        return _day(text)
    names_of: dict[Kind, Callable[[], Mapping[str, str]]] = {
        Kind.SINGLE_CHOICE: lambda: _option_names(question),
        Kind.LANGUAGE_LEVEL: lambda: {text.casefold(): text.upper()},
        Kind.COUNTRY: _countries,
        Kind.FIELD_OF_STUDY: _studies,
    }
    found: Mapping[str, str] = names_of[question.kind]() if question.kind in names_of else {}
    return found.get(text.casefold(), text)


def _option_names(question: Question) -> dict[str, str]:
    pairs: Iterable[tuple[str, str]] = (
        (name.casefold(), each.key) for each in question.options for name in (each.key, *each.label.values())
    )
    return dict(pairs)


def _studies() -> Mapping[str, str]:
    return {_(name).casefold(): key for key, name in STUDY.items()}


def _countries() -> Mapping[str, str]:
    return _country_names(tuple(installed().catalogues.available))


@lru_cache(maxsize=4)
def _country_names(locales: tuple[str, ...]) -> dict[str, str]:
    names = {country_name(code, locale).casefold(): code for locale in locales for code in country_codes()}
    return names | {code.casefold(): code for code in country_codes()}


def _day(text: str) -> str:
    """3.12.2026 is 2026-12-03."""
    found = _GERMAN_DAY.fullmatch(text)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])).isoformat() if found else text
    except ValueError:
        return text

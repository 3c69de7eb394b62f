"""What questions and answers are called on pages and in files, in the reader's language."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from services.registration.domain.questions import CHOICES, Kind, Question, answers_to_ask_about
from shared.errors import N_
from shared.http.locale import _, country_name, enumeration, format_date, format_number, in_language

KINDS = {
    Kind.TEXT: N_("Short text"),
    Kind.LONG_TEXT: N_("Long text"),
    Kind.SINGLE_CHOICE: N_("One of several answers"),
    Kind.MULTIPLE_CHOICE: N_("Several answers"),
    Kind.YES_NO: N_("Yes or no"),
    Kind.NUMBER: N_("Number"),
    Kind.DATE: N_("Date"),
    Kind.EMAIL: N_("E-mail address"),
    Kind.PHONE: N_("Telephone number"),
    Kind.COUNTRY: N_("Country"),
    Kind.LANGUAGE_LEVEL: N_("Language level (A1 to C2)"),
    Kind.FIELD_OF_STUDY: N_("Field of study or trade"),
    Kind.FILE: N_("File (PDF, PNG or JPEG)"),
}
LEVELS = {
    "A1": N_("A1 – first words"),
    "A2": N_("A2 – simple everyday matters"),
    "B1": N_("B1 – I get along in most situations"),
    "B2": N_("B2 – I follow talks in my field"),
    "C1": N_("C1 – fluent, also at work"),
    "C2": N_("C2 – nearly like a native speaker"),
}
STUDY = {
    "architecture": N_("Architecture and construction"),
    "arts": N_("Arts, design and media"),
    "business": N_("Business and administration"),
    "education": N_("Education and social work"),
    "engineering": N_("Engineering"),
    "health": N_("Medicine, care and health"),
    "hospitality": N_("Hotels, restaurants and tourism"),
    "humanities": N_("History, philosophy and religion"),
    "informatics": N_("Computer science and IT"),
    "languages": N_("Languages and translation"),
    "law": N_("Law"),
    "natural_sciences": N_("Natural sciences and mathematics"),
    "social_sciences": N_("Social sciences, psychology and politics"),
    "trades": N_("Crafts and technical trades"),
    "other": N_("Something else"),
}


def answer_text(question: Question, value: Any) -> str:
    """An answer as people read it; of a file its id, which `file_names` of the page replaces."""
    if value is None:
        return ""
    if question.kind in CHOICES:
        return enumeration(list(_labels(question, value if isinstance(value, list) else [value])))
    if question.kind == Kind.YES_NO:
        return _("Yes") if value else _("No")
    if question.kind == Kind.NUMBER:
        return format_number(value)
    words = {Kind.COUNTRY: country_name, Kind.DATE: _day, Kind.FIELD_OF_STUDY: study_name}
    return str(words[question.kind](value)) if question.kind in words else str(value)


def study_name(value: str) -> str:
    """One of the general fields, or what the organiser wrote."""
    return _(STUDY[value]) if value in STUDY else value


def condition_value(question: Question, value: str) -> str:
    """An answer that another question depends on."""
    if question.kind == Kind.YES_NO:
        return _("Yes") if value == "yes" else _("No")
    return next(iter(_labels(question, [value])), value) if question.kind in CHOICES else value


def answers_named(questions: Iterable[Question]) -> list[tuple[str, str]]:
    """("<question id>:<answer>", "question: answer") of all that can be told apart by their answers."""
    return [
        (f"{each.id}:{value}", f"{in_language(each.label).text}: {condition_value(each, value)}")
        for each in questions
        for value in answers_to_ask_about(each)
    ]


def _labels(question: Question, keys: Iterable[str]) -> Iterable[Any]:
    known = {each.key: in_language(each.label).text for each in question.options}
    return (known.get(key, key) for key in keys)


def _day(value: str) -> str:
    return format_date(date.fromisoformat(value), width="medium")

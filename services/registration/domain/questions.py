"""What an organiser may ask at sign-up: the kinds of questions and what belongs to each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

Texts = Mapping[str, str]

MOST_RETENTION = 90  # days after the event: then registrations are forgotten as a whole
ORDINARY_RETENTION = 30
SENSITIVE_RETENTION = 7


class Kind(StrEnum):
    """Of a question; it never changes, because stored answers rely on it."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    SINGLE_CHOICE = "single_choice"
    MULTIPLE_CHOICE = "multiple_choice"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"
    EMAIL = "email"
    PHONE = "phone"
    COUNTRY = "country"
    LANGUAGE_LEVEL = "language_level"
    FIELD_OF_STUDY = "field_of_study"
    FILE = "file"


CHOICES = frozenset({Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE})
LEVELS = ("A1", "A2", "B1", "B2", "C1", "C2")  # CEFR
FIELDS_OF_STUDY = (
    "architecture",
    "arts",
    "business",
    "education",
    "engineering",
    "health",
    "hospitality",
    "humanities",
    "informatics",
    "languages",
    "law",
    "natural_sciences",
    "social_sciences",
    "trades",
    "other",
)


@dataclass(frozen=True, kw_only=True)
class Option:
    """One of several answers. `key` stays when the label is reworded: stored answers hold it."""

    key: str
    label: Texts


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Ask only if that question was answered so. `value`: an option's key, a level, or yes | no."""

    question_id: UUID
    value: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question, as it was published.

    sensitive: a special category of personal data (GDPR article 9): sealed in the database, with a consent of its own
    and few readers. must_agree: of yes_no, a box that has to be ticked. least, most: of a number.
    retention_days: after the event; then the answers are deleted.
    """

    id: UUID
    kind: Kind
    label: Texts
    help: Texts = field(default_factory=dict)
    purpose: Texts = field(default_factory=dict)
    required: bool = False
    sensitive: bool = False
    must_agree: bool = False
    options: tuple[Option, ...] = ()
    condition: Condition | None = None
    retention_days: int = ORDINARY_RETENTION
    least: float | None = None
    most: float | None = None


def answers_to_ask_about(question: Question) -> tuple[str, ...]:
    """The answers that a later question may depend on."""
    if question.sensitive:
        return ()  # a condition would tell others what she answered
    if question.kind in CHOICES:
        return tuple(each.key for each in question.options)
    if question.kind == Kind.YES_NO:
        return () if question.must_agree else ("yes", "no")
    return LEVELS if question.kind == Kind.LANGUAGE_LEVEL else ()


def to_document(question: Question) -> dict[str, Any]:
    """As the database and the JSON door write it."""
    condition = question.condition
    return {
        "id": str(question.id),
        "kind": str(question.kind),
        "label": dict(question.label),
        "help": dict(question.help),
        "purpose": dict(question.purpose),
        "required": question.required,
        "sensitive": question.sensitive,
        "must_agree": question.must_agree,
        "options": [{"key": each.key, "label": dict(each.label)} for each in question.options],
        "condition": {"question_id": str(condition.question_id), "value": condition.value} if condition else None,
        "retention_days": question.retention_days,
        "least": question.least,
        "most": question.most,
    }


def from_document(written: Mapping[str, Any]) -> Question:
    """The other way. What later versions of this code add has a default."""
    condition = written.get("condition")
    facts = {name: written[name] for name in _PLAIN if name in written}
    return Question(
        id=UUID(str(written["id"])),
        kind=Kind(written["kind"]),
        options=tuple(Option(key=each["key"], label=each["label"]) for each in written.get("options", ())),
        condition=Condition(question_id=UUID(str(condition["question_id"])), value=condition["value"])
        if condition
        else None,
        **facts,
    )


_PLAIN = (
    "label",
    "help",
    "purpose",
    "required",
    "sensitive",
    "must_agree",
    "retention_days",
    "least",
    "most",
)

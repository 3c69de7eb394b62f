"""A form's questions as the attendee meets them: one view for sign-up, her own page and the organiser's preview."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.registration.domain.forms import Questions
from services.registration.domain.questions import LEVELS, Kind, Question
from services.registration.storage.files import FileFacts
from services.registration.web.question_words import LEVELS as LEVEL_WORDS
from services.registration.web.question_words import STUDY, condition_value
from shared.http.locale import _, country_name, in_language
from shared.languages import country_codes

MOST_RADIOS = 7  # more become a list to open


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question in the reader's language. `groups` are (heading, [(value, label)]) of what can be chosen."""

    id: UUID
    kind: str
    label: Any
    help: Any
    purpose: Any
    required: bool
    needed: bool
    sensitive: bool
    must_agree: bool
    retention_days: int
    least: float | None
    most: float | None
    groups: list[tuple[str, list[tuple[str, Any]]]]
    depends_on: UUID | None
    depends_value: str
    depends_text: str
    file: FileFacts | None

    @property
    def name(self) -> str:
        """Of the form's field."""
        return f"answers.{self.id}"

    @property
    def options(self) -> list[tuple[str, Any]]:
        """All that can be chosen."""
        return [each for _heading, group in self.groups for each in group]

    @property
    def is_list(self) -> bool:
        """Whether it is chosen from a list to open."""
        return self.kind in {Kind.COUNTRY, Kind.FIELD_OF_STUDY} or (
            self.kind == Kind.SINGLE_CHOICE and len(self.options) > MOST_RADIOS
        )


def asked(
    questions: Questions,
    *,
    subjects: tuple[str, ...] = (),
    files: Mapping[UUID, FileFacts] | None = None,
    needs_all: bool = True,
) -> list[Asked]:
    """`files` by question: those that were sent already. needs_all: False where everything may stay open."""
    by_id = {each.id: each for each in questions}
    found = [_asked(each, by_id, subjects, (files or {}).get(each.id)) for each in questions]
    return found if needs_all else [replace(each, needed=False) for each in found]


def labels(questions: list[Asked]) -> dict[str, str]:
    """Names of the fields, for the summary of faults."""
    found = {each.name: str(each.label) for each in questions}
    return found | {f"answer_consents.{each.id}": str(each.label) for each in questions if each.sensitive}


def _asked(
    question: Question, by_id: Mapping[UUID, Question], subjects: tuple[str, ...], file: FileFacts | None
) -> Asked:
    condition = question.condition
    first = by_id.get(condition.question_id) if condition else None
    return Asked(
        id=question.id,
        kind=str(question.kind),
        label=in_language(question.label),
        help=in_language(question.help),
        purpose=in_language(question.purpose),
        required=question.required,
        needed=question.required or question.must_agree,
        sensitive=question.sensitive,
        must_agree=question.must_agree,
        retention_days=question.retention_days,
        least=question.least,
        most=question.most,
        groups=_groups(question, subjects),
        depends_on=first.id if first else None,
        depends_value=condition.value if condition and first else "",
        depends_text=_depends(first, condition.value) if condition and first else "",
        file=file,
    )


def _depends(first: Question, value: str) -> str:
    return _(
        "Only if you answered “%(question)s” with “%(answer)s”.",
        question=in_language(first.label).text,
        answer=condition_value(first, value),
    )


def _groups(question: Question, subjects: tuple[str, ...]) -> list[tuple[str, list[tuple[str, Any]]]]:
    if question.kind == Kind.LANGUAGE_LEVEL:
        return [("", [(each, _(LEVEL_WORDS[each])) for each in LEVELS])]
    if question.kind == Kind.COUNTRY:
        return [("", sorted(((each, country_name(each)) for each in country_codes()), key=lambda each: each[1]))]
    if question.kind == Kind.FIELD_OF_STUDY:
        general = (_("General"), [(key, _(name)) for key, name in STUDY.items()])
        wanted = (_("Looked for at this event"), [(each, each) for each in subjects])
        return [wanted, general] if subjects else [("", general[1])]
    if question.kind == Kind.YES_NO:
        return [("", [("true", _("Yes")), ("false", _("No"))])]
    return [("", [(each.key, in_language(each.label)) for each in question.options])]

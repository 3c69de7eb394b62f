"""Answers to a form: which questions were asked at all, what is missing, and what is kept."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.registration.domain.forms import FormVersion
from services.registration.domain.questions import Kind, Question
from shared.contracts.events import EventSnapshot
from shared.errors import N_, Rejection

CONSENT_VERSION = "2026-11"  # of the sentence in _questions.html

Value = Any  # str | bool | int | float | list[str]; of a file its id as text


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Checked answers to one version of a form. Only `settle` makes them."""

    form: FormVersion
    values: Mapping[UUID, Value] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A stored answer. `value` is None where it is sealed and nobody who may has opened it."""

    registration_id: UUID
    question_id: UUID
    form_id: UUID
    value: Value = None
    is_sealed: bool = False
    answered_at: datetime | None = None


class AnswersAreFixed(Rejection):
    """The time to change answers is over."""

    title = N_("Your answers can no longer be changed")
    detail = N_("Please write to the organiser if something has changed.")


def settle(form: FormVersion, values: Mapping[UUID, Value], consents: Collection[UUID]) -> Sheet:
    """The answers that count: those to hidden questions are dropped, and sensitive ones without consent."""
    asked = visible(form.questions, values)
    sensitive_without_consent = {each.id for each in asked if each.sensitive and each.id not in consents}
    kept = {each.id: values[each.id] for each in asked if is_given(values.get(each.id))}
    return Sheet(form=form, values={key: value for key, value in kept.items() if key not in sensitive_without_consent})


def faults(
    questions: Sequence[Question], values: Mapping[UUID, Value], consents: Collection[UUID], *, needs_all: bool = True
) -> Iterator[tuple[str, str]]:
    """(field, sentence) of everything that is missing among the questions that were asked."""
    for each in visible(questions, values):
        value = values.get(each.id)
        if needs_all and each.must_agree and value is not True:
            yield f"answers.{each.id}", N_("Please confirm this.")
        elif needs_all and each.required and not is_given(value):
            yield f"answers.{each.id}", N_("Please answer this question.")
        if each.sensitive and is_given(value) and each.id not in consents:
            yield f"answer_consents.{each.id}", N_("Please tick the box if we may keep this answer, or leave it out.")


def visible(questions: Sequence[Question], values: Mapping[UUID, Value]) -> list[Question]:
    """Those that are asked, given the answers to the ones before."""
    asked: dict[UUID, Question] = {}
    for each in questions:
        condition = each.condition
        if condition is None or (
            condition.question_id in asked and condition.value in _as_chosen(values.get(condition.question_id))
        ):
            asked[each.id] = each
    return list(asked.values())


def wanted(questions: Sequence[Question], values: Mapping[UUID, Value], *, is_new: bool) -> list[Question]:
    """Questions without an answer that should have one; all of them if they are new to her."""
    unanswered = [each for each in visible(questions, values) if not _is_settled(each, values.get(each.id))]
    return [each for each in unanswered if is_new or each.required or each.must_agree]


def _is_settled(question: Question, value: Value) -> bool:
    return value is True if question.must_agree else is_given(value)


def is_given(value: Value) -> bool:
    """Whether there is an answer; False and 0 are answers."""
    return value is not None and value not in ("", [], ())


def question_files(sheet: Sheet) -> dict[UUID, UUID]:
    """question -> file, of the answers that are files."""
    files = {each.id for each in sheet.form.questions if each.kind == Kind.FILE}
    return {key: UUID(str(value)) for key, value in sheet.values.items() if key in files}


def editable_until(event: EventSnapshot) -> datetime | None:
    """Until when an attendee may change her answers; the organiser says how long before the start."""
    starts = [each.starts_at for each in event.sessions]
    return min(starts) - timedelta(hours=event.sign_up.changes_until_hours) if starts else None


def _as_chosen(value: Value) -> tuple[str, ...]:
    if isinstance(value, bool):
        return ("yes",) if value else ("no",)
    return tuple(value) if isinstance(value, (list, tuple)) else (str(value),)

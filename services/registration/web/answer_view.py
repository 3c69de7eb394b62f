"""Stored answers as people read them: in words of the version they were given to, also when it is asked no longer."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.answers import Answer
from services.registration.domain.forms import FormVersion, ever_sensitive
from services.registration.domain.questions import Kind, Question
from services.registration.storage import answers, files, forms
from services.registration.storage.files import FileFacts
from services.registration.storage.tables import Event
from services.registration.web.question_words import answer_text
from shared.http.locale import in_language


@dataclass(frozen=True, kw_only=True)
class ShownAnswer:
    """One answer. is_sealed: there is one, but not for these eyes. is_asked: the form still has the question."""

    label: Any
    text: str
    kind: str
    is_sealed: bool
    is_asked: bool
    file: FileFacts | None


def shown(session: Session, event: Event, given: Mapping[UUID, Answer]) -> list[ShownAnswer]:
    """One person's answers, in the order of the form, those to questions that are gone at the end."""
    if not given:
        return []
    current = forms.current(session, event)
    order = [each.id for each in current.questions] if current else []
    keys = sorted(given, key=lambda each: (order.index(each) if each in order else len(order), str(each)))
    known = _files(session, given)
    found = []
    for key in keys:
        question = forms.get(session, given[key].form_id).question(key)
        if question is not None:
            found.append(_shown(question, given[key], key in order, known))
    return found


@dataclass(frozen=True, kw_only=True)
class AnswerColumns:
    """The questions of an event as columns of a table, and what stands in them. Sealed answers are empty cells."""

    questions: tuple[Question, ...]
    given: Mapping[UUID, Mapping[UUID, Answer]]
    versions: Mapping[UUID, Any]
    file_names: Mapping[str, str]

    @property
    def heads(self) -> list[str]:
        """What stands above."""
        return [in_language(each.label).text for each in self.questions]

    def cells(self, registration_id: UUID) -> list[str]:
        """One person's answers, in the order of the heads."""
        hers = self.given.get(registration_id, {})
        return [self._cell(hers.get(each.id)) for each in self.questions]

    def cell(self, registration_id: UUID, question_id: UUID) -> str:
        """One answer in words; empty where there is none, or no column for it."""
        if all(each.id != question_id for each in self.questions):
            return ""
        return self._cell(self.given.get(registration_id, {}).get(question_id))

    def value(self, registration_id: UUID, question_id: UUID) -> Any:
        """The same as programs read it: an option's key instead of its label."""
        answer = self.given.get(registration_id, {}).get(question_id)
        return answer.value if answer and any(each.id == question_id for each in self.questions) else None

    def _cell(self, answer: Answer | None) -> str:
        question = self.versions[answer.form_id].question(answer.question_id) if answer else None
        if answer is None or question is None or answer.is_sealed:
            return ""
        if question.kind == Kind.FILE:
            return self.file_names.get(str(answer.value), "")
        return answer_text(question, answer.value)


def columns(
    session: Session,
    event: Event,
    *,
    registration_ids: Collection[UUID] | None = None,
    opened: Mapping[UUID, Mapping[UUID, Answer]] | None = None,
) -> AnswerColumns:
    """Columns for lists and exports, of all people or of some; three queries, none where nothing was ever asked.

    Without `opened` (use_cases.read_sensitive_answers) there is no column for a sensitive question.
    """
    versions = {each.id: each for each in forms.versions(session, event.id)}
    if not versions:
        return AnswerColumns(questions=(), given={}, versions={}, file_names={})
    given: Mapping[UUID, Mapping[UUID, Answer]]
    if opened is not None:
        given = opened
    elif registration_ids is not None:
        given = answers.answers_of(session, registration_ids)
    else:
        given = answers.answers_to_event(session, event.id)
    newest = _newest(versions.values())
    secret = ever_sensitive(versions.values())
    current = forms.current(session, event)
    still_asked = {each.id for each in current.questions} if current else set()
    used = {key for hers in given.values() for key in hers} | still_asked
    open_ = tuple(each for each in newest.values() if each.id in used and (opened is not None or each.id not in secret))
    names = _file_names(session, given, open_)
    return AnswerColumns(questions=open_, given=given, versions=versions, file_names=names)


def open_questions(session: Session, event: Event) -> tuple[Question, ...]:
    """Those that lists have a column for: asked now, or with answers that are kept. Never a sensitive one."""
    versions = forms.versions(session, event.id)
    secret = ever_sensitive(versions)
    known = {key: each for key, each in _newest(versions).items() if key not in secret}
    current = forms.current(session, event)
    asked = {each.id for each in current.questions} if current else set()
    gone = known.keys() - asked
    kept = answers.still_there(session, [each.id for each in versions], gone) if gone else set()
    return tuple(each for key, each in known.items() if key in asked | kept)


def _newest(versions: Iterable[FormVersion]) -> dict[UUID, Question]:
    """Each question as it was asked last."""
    newest: dict[UUID, Question] = {}
    for version in sorted(versions, key=lambda each: -each.number):
        for question in version.questions:
            newest.setdefault(question.id, question)
    return newest


def _shown(question: Question, answer: Answer, is_asked: bool, known: Mapping[UUID, FileFacts]) -> ShownAnswer:
    file = known.get(UUID(str(answer.value))) if question.kind == Kind.FILE and not answer.is_sealed else None
    return ShownAnswer(
        label=in_language(question.label),
        text=(file.name if file else "") if question.kind == Kind.FILE else answer_text(question, answer.value),
        kind=str(question.kind),
        is_sealed=answer.is_sealed,
        is_asked=is_asked,
        file=file,
    )


def _files(session: Session, given: Mapping[UUID, Answer]) -> dict[UUID, FileFacts]:
    found = []
    for key, answer in given.items():
        question = forms.get(session, answer.form_id).question(key)
        if question is not None and question.kind == Kind.FILE and answer.value:
            found.append(UUID(str(answer.value)))
    return files.facts(session, found)


def _file_names(
    session: Session, given: Mapping[UUID, Mapping[UUID, Answer]], questions: tuple[Question, ...]
) -> dict[str, str]:
    asked = {each.id for each in questions if each.kind == Kind.FILE}
    ids = [UUID(str(hers[key].value)) for hers in given.values() for key in asked & hers.keys() if hers[key].value]
    return {str(key): file.name for key, file in files.facts(session, ids).items()}

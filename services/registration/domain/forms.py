"""An event's form: questions in an order, and what an organiser may do with them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from services.registration.domain.questions import (
    CHOICES,
    MOST_RETENTION,
    Kind,
    Question,
    answers_to_ask_about,
)
from shared.errors import N_, InvalidInput, NotFound, Rejection

MOST_QUESTIONS = 40
MOST_OPTIONS = 60
MOST_FILES = 3

Questions = tuple[Question, ...]


@dataclass(frozen=True, kw_only=True)
class FormVersion:
    """A form as it was published: it never changes, so answers keep their meaning."""

    id: UUID
    event_id: UUID
    number: int
    questions: Questions

    def question(self, question_id: UUID) -> Question | None:
        """One of its questions."""
        return next((each for each in self.questions if each.id == question_id), None)


class QuestionComesFirst(Rejection):
    """A question would stand before the one that it depends on. Facts: its label and the other's."""

    title = N_("This order does not work")
    detail = N_("“%(question)s” is asked only after a certain answer to “%(first)s”, so it must come after it.")


class QuestionIsNeeded(Rejection):
    """Another question depends on this one."""

    title = N_("Another question depends on this one")
    detail = N_("“%(question)s” is asked only after a certain answer to this question. Change it first.")


class TooManyQuestions(Rejection):
    """Nobody fills in such a form."""

    title = N_("This form is long enough")
    detail = N_("A form has at most 40 questions, three of them for files.")


class NothingToCopy(Rejection):
    """The other event asks nothing."""

    title = N_("There is nothing to copy")
    detail = N_("That event asks no questions at sign-up.")


def put(questions: Questions, question: Question) -> Questions:
    """A question in place of the one with its id, or at the end. Raises InvalidInput and rejections."""
    ensure_sound(question, before=_before(questions, question.id))
    if any(each.id == question.id for each in questions):
        changed = tuple(question if each.id == question.id else each for each in questions)
    else:
        changed = (*questions, question)
    ensure_whole(changed)
    return changed


def add_all(questions: Questions, more: Sequence[Question]) -> Questions:
    """Several new questions at the end."""
    changed = (*questions, *more)
    ensure_whole(changed)
    return changed


def remove(questions: Questions, question_id: UUID) -> Questions:
    """All but this one. Answers that were given stay readable until their period ends."""
    for each in questions:
        if each.condition and each.condition.question_id == question_id:
            raise QuestionIsNeeded(question=dict(each.label))
    return tuple(each for each in questions if each.id != question_id)


def move(questions: Questions, question_id: UUID, by: int) -> Questions:
    """The question `by` places further down, as far as there are places."""
    order = [each.id for each in questions]
    if question_id not in order:
        raise NotFound
    at = order.index(question_id)
    order.insert(max(0, min(at + by, len(order) - 1)), order.pop(at))
    return arrange(questions, order)


def arrange(questions: Questions, order: Sequence[UUID]) -> Questions:
    """The questions in this order; those that it does not name (somebody just added them) come last."""
    by_id = {each.id: each for each in questions}
    known = [by_id.pop(each) for each in order if each in by_id]
    changed = (*known, *by_id.values())
    ensure_whole(changed)
    return changed


def ever_sensitive(versions: Iterable[FormVersion]) -> set[UUID]:
    """Questions that are sensitive, or were: their answers stand in no list, whenever they were given."""
    return {each.id for version in versions for each in version.questions if each.sensitive}


def ensure_whole(questions: Questions) -> None:
    """Let a form pass, or say what does not fit together. Raises rejections."""
    if len(questions) > MOST_QUESTIONS or sum(each.kind == Kind.FILE for each in questions) > MOST_FILES:
        raise TooManyQuestions
    seen: dict[UUID, Question] = {}
    for each in questions:
        if each.condition and each.condition.question_id not in seen:
            first = next((one for one in questions if one.id == each.condition.question_id), each)
            raise QuestionComesFirst(question=dict(each.label), first=dict(first.label))
        if each.condition and each.condition.value not in answers_to_ask_about(seen[each.condition.question_id]):
            raise QuestionIsNeeded(question=dict(each.label))
        seen[each.id] = each


def ensure_sound(question: Question, *, before: Sequence[Question]) -> None:
    """Let one question pass that stands after `before`. Raises InvalidInput, {field: sentences}."""
    faults: dict[str, list[str]] = {}
    for name, sentence in _faults(question, before):
        faults.setdefault(name, []).append(sentence)
    if faults:
        raise InvalidInput(faults)


def renewed(questions: Questions, published: Sequence[Question]) -> Questions:
    """The questions, where those whose kind changed get a new id: answers to the old ones keep their meaning."""
    kinds = {each.id: each.kind for each in published}
    return _with_ids(questions, {each.id: uuid4() for each in questions if kinds.get(each.id, each.kind) != each.kind})


def copied(questions: Questions) -> Questions:
    """The same questions for another event: nothing ties their answers together."""
    return _with_ids(questions, {each.id: uuid4() for each in questions})


def are_alike(some: Questions, others: Questions) -> bool:
    """Whether both ask the same, whatever the ids of their questions."""
    return _numbered(some) == _numbered(others)


def _numbered(questions: Questions) -> Questions:
    return _with_ids(questions, {each.id: UUID(int=number) for number, each in enumerate(questions)})


def _with_ids(questions: Questions, new_ids: dict[UUID, UUID]) -> Questions:
    return tuple(_renamed(each, new_ids) for each in questions)


def _renamed(question: Question, new_ids: dict[UUID, UUID]) -> Question:
    condition = question.condition
    if condition and condition.question_id in new_ids:
        condition = replace(condition, question_id=new_ids[condition.question_id])
    return replace(question, id=new_ids.get(question.id, question.id), condition=condition)


def _before(questions: Questions, question_id: UUID) -> Questions:
    order = [each.id for each in questions]
    return questions[: order.index(question_id)] if question_id in order else questions


def _faults(question: Question, before: Sequence[Question]) -> Iterator[tuple[str, str]]:
    if not any(question.label.values()):
        yield "label", N_("Please write the question in at least one language.")
    if not any(question.purpose.values()):
        yield "purpose", N_("Please say what the answer is needed for; people read it next to the question.")
    if question.sensitive and question.required:
        yield "required", N_("A sensitive question cannot be required: consent has to be free.")
    if question.sensitive and question.kind == Kind.YES_NO and question.must_agree:
        yield "must_agree", N_("A sensitive question cannot be required: consent has to be free.")
    if not 1 <= question.retention_days <= MOST_RETENTION:
        yield "retention_days", N_("Please keep answers for 1 to 90 days after the event.")
    if question.least is not None and question.most is not None and question.least > question.most:
        yield "most", N_("The largest number is smaller than the smallest.")
    yield from _option_faults(question)
    yield from _condition_faults(question, before)


def _option_faults(question: Question) -> Iterator[tuple[str, str]]:
    if question.kind not in CHOICES:
        return
    if len(question.options) < (2 if question.kind == Kind.SINGLE_CHOICE else 1):
        yield "options", N_("Please give at least two answers to choose from.")
    if len(question.options) > MOST_OPTIONS or len({each.key for each in question.options}) < len(question.options):
        yield "options", N_("Please give at most 60 different answers.")


def _condition_faults(question: Question, before: Sequence[Question]) -> Iterator[tuple[str, str]]:
    if question.condition is None:
        return
    first = next((each for each in before if each.id == question.condition.question_id), None)
    if first is None or question.condition.value not in answers_to_ask_about(first):
        yield "condition", N_("Please choose an answer to a question that comes before.")

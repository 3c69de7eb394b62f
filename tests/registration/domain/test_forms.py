"""A form is whole whatever an organiser does with it."""

from dataclasses import replace
from uuid import uuid4

import pytest

from services.registration.domain.forms import (
    MOST_QUESTIONS,
    QuestionComesFirst,
    QuestionIsNeeded,
    TooManyQuestions,
    arrange,
    move,
    put,
    remove,
    renewed,
)
from services.registration.domain.questions import Kind, from_document, to_document
from shared.errors import InvalidInput
from tests.registration.form_builders import a_question, after, one_of_each_kind


@pytest.mark.parametrize("question", one_of_each_kind(), ids=lambda each: str(each.kind))
def test_a_question_survives_being_written_down(question: object) -> None:
    assert from_document(to_document(question)) == question  # type: ignore[arg-type]


def test_a_question_moves_past_its_neighbours_and_not_over_the_edge() -> None:
    one, two, three = (a_question() for _ in range(3))

    assert move((one, two, three), one.id, 1) == (two, one, three)
    assert move((one, two, three), one.id, -1) == (one, two, three)
    assert move((one, two, three), three.id, 5) == (one, two, three)


def test_an_order_that_misses_a_new_question_keeps_it() -> None:
    one, two, three = (a_question() for _ in range(3))

    assert arrange((one, two, three), [three.id, one.id, uuid4()]) == (three, one, two)


def test_a_question_cannot_stand_before_the_one_it_depends_on() -> None:
    first = a_question(Kind.YES_NO)
    second = a_question(condition=after(first, "yes"))

    with pytest.raises(QuestionComesFirst):
        move((first, second), second.id, -1)
    with pytest.raises(QuestionIsNeeded):
        remove((first, second), first.id)


def test_an_answer_that_others_depend_on_cannot_be_taken_out() -> None:
    first = a_question(Kind.SINGLE_CHOICE)
    second = a_question(condition=after(first, "red"))

    with pytest.raises(QuestionIsNeeded):
        put((first, second), replace(first, options=first.options[1:]))


FAULTY = {
    "label": a_question(label={"de": ""}),
    "purpose": a_question(purpose={}),
    "required": a_question(sensitive=True, required=True),
    "retention_days": a_question(retention_days=91),
    "options": a_question(Kind.SINGLE_CHOICE, options=()),
    "most": a_question(Kind.NUMBER, least=3, most=2),
    "condition": a_question(condition=after(a_question(Kind.YES_NO), "yes")),
}


@pytest.mark.parametrize("field", FAULTY)
def test_a_question_that_makes_no_sense_is_refused_at_its_field(field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        put((), FAULTY[field])

    assert list(refused.value.errors) == [field]


def test_nothing_may_depend_on_a_sensitive_answer() -> None:
    first = a_question(Kind.YES_NO, sensitive=True)

    with pytest.raises(InvalidInput):
        put((first,), a_question(condition=after(first, "yes")))


def test_a_form_has_an_end() -> None:
    many = tuple(a_question() for _ in range(MOST_QUESTIONS))

    with pytest.raises(TooManyQuestions):
        put(many, a_question())
    with pytest.raises(TooManyQuestions):
        put(tuple(a_question(Kind.FILE) for _ in range(3)), a_question(Kind.FILE))


def test_another_kind_makes_another_question_and_conditions_follow() -> None:
    published = a_question(Kind.TEXT)
    now_a_choice = replace(a_question(Kind.SINGLE_CHOICE), id=published.id)
    follows = a_question(condition=after(now_a_choice, "red"))

    first, second = renewed((now_a_choice, follows), [published])

    assert first.id != published.id
    assert second.id == follows.id
    assert second.condition == after(first, "red")

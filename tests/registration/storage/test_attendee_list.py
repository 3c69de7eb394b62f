"""Who is found by what she answered, on both databases."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from services.registration.domain.answers import settle
from services.registration.domain.questions import Kind, Option
from services.registration.domain.selection import Selection
from services.registration.storage import attendee_list
from shared.database import sessions_for
from tests.registration.builders import a_registration, a_wish, an_event
from tests.registration.form_builders import COLOURS, a_question, asks

SEVERAL = (*COLOURS, Option(key='سُوق "neu"', label={"en": "Market"}), Option(key="50%", label={"en": "Half"}))


@pytest.mark.parametrize(
    ("kind", "given", "asked", "others"),
    [
        (Kind.SINGLE_CHOICE, 'سُوق "neu"', 'سُوق "neu"', ["red", "green"]),
        (Kind.MULTIPLE_CHOICE, ["green", 'سُوق "neu"'], 'سُوق "neu"', [["red", "green"], ["blue"]]),
        (Kind.MULTIPLE_CHOICE, ["50%"], "50%", [["red", "blue"]]),
        (Kind.YES_NO, False, "no", [True]),
        (Kind.YES_NO, True, "yes", [False]),
        (Kind.LANGUAGE_LEVEL, "B1", "B1", ["A1", "B2"]),
    ],
)
def test_people_are_found_by_what_they_chose(
    either_engine: Engine, kind: Kind, given: Any, asked: str, others: list[Any]
) -> None:
    question = a_question(kind, options=SEVERAL if "choice" in kind else ())
    with sessions_for(either_engine).begin() as session:
        event = an_event(session)
        form = asks(session, event, question)

        def answers(value: Any) -> UUID:
            sheet = settle(form, {question.id: value}, ())
            return a_registration(session, event, a_wish(sheet=sheet)).id

        her, *_rest = [answers(each) for each in (given, *others)]
        found = attendee_list.ids(session, event.id, Selection(answer=(question.id, asked)), most=10)

        assert list(found) == [her]


@pytest.mark.parametrize("was_sensitive", [(False, True), (False, True, False)])
def test_nobody_is_found_by_a_question_that_was_ever_sensitive(
    either_engine: Engine, was_sensitive: tuple[bool, ...]
) -> None:
    question = a_question(Kind.SINGLE_CHOICE)
    with sessions_for(either_engine).begin() as session:
        event = an_event(session)
        for sensitive in was_sensitive:
            form = asks(session, event, replace(question, sensitive=sensitive))
            a_registration(session, event, a_wish(sheet=settle(form, {question.id: "red"}, {question.id})))
        wanted = Selection(answer=(question.id, "red"))

        assert not attendee_list.ids(session, event.id, wanted, most=10)
        assert not attendee_list.listed(session, event.id, wanted, limit=10)
        assert attendee_list.count(session, event.id, wanted, most=10) == 0


def test_nobody_is_found_by_a_sealed_answer(either_engine: Engine) -> None:
    question = a_question(Kind.SINGLE_CHOICE, sensitive=True)
    with sessions_for(either_engine).begin() as session:
        event = an_event(session)
        form = asks(session, event, question)
        a_registration(session, event, a_wish(sheet=settle(form, {question.id: "red"}, {question.id})))

        assert not attendee_list.ids(session, event.id, Selection(answer=(question.id, "red")), most=10)

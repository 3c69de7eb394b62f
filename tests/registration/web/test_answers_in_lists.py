"""Answers in the organiser's list and its files: columns, filter, and what never stands there."""

import io
import json
from dataclasses import replace
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import event as sql_event
from sqlalchemy import select

from services.registration.domain.answers import settle
from services.registration.domain.forms import FormVersion
from services.registration.domain.questions import Kind, Question
from services.registration.storage import events
from services.registration.storage.tables import AuditEntry
from shared import clock
from tests.registration.builders import a_registration, a_wish
from tests.registration.doors import House, fields_of, post
from tests.registration.form_builders import a_question, asks

COLOUR = a_question(Kind.SINGLE_CHOICE, label={"en": "Colour?"})
WORDS = a_question(label={"en": "=Words?"})
DIET = a_question(sensitive=True, label={"en": "Diet?"})


def asking(house: House, *questions: Question) -> tuple[Any, FormVersion]:
    """An event that asks these."""
    told = house.event(capacity=50)
    with house.sessions.begin() as session:
        return told, asks(session, events.get(session, told.id), *questions)


def answered(house: House, form: FormVersion, name: str, *values: Any) -> None:
    """Somebody signed up with these answers, in the order of the form."""
    given = {question.id: value for question, value in zip(form.questions, values, strict=False) if value is not None}
    with house.sessions.begin() as session:
        wish = a_wish(name=name, sheet=settle(form, given, given))
        a_registration(session, events.get(session, form.event_id), wish, now=clock.now())


def columns(*questions: Question) -> str:
    """A query that asks for their columns."""
    return "&".join(["columns=", *(f"columns=answer-{each.id}" for each in questions)])


def crowd(house: House) -> tuple[Any, str]:
    """Anna likes blue, Boris red; both said what is nobody's business."""
    told, form = asking(house, COLOUR, WORDS, DIET)
    answered(house, form, "Anna", "blue", "=1+1", "halal")
    answered(house, form, "Boris", "red", None, "vegan")
    return told, f"/registration/manage/{told.slug}/attendees"


def test_a_question_is_a_column_that_can_be_chosen_and_is_remembered(house: House) -> None:
    _told, here = crowd(house)
    organiser = house.organiser()

    usual = organiser.get(here).get_data(as_text=True)
    organiser.get(f"{here}?{columns(COLOUR)}&columns=email")
    chosen = organiser.get(here).get_data(as_text=True)

    assert 'data-label="Colour?"' not in usual
    assert f'value="answer-{COLOUR.id}"' in usual
    assert 'data-label="Colour?"' in chosen
    assert '<span class="given" dir="auto">Blue</span>' in chosen
    assert 'data-label="E-mail address"' in chosen


def test_choosing_columns_of_one_event_leaves_those_of_another(house: House) -> None:
    _told, here = crowd(house)
    other = house.event(slug="other")
    organiser = house.organiser()

    organiser.get(f"{here}?{columns(COLOUR)}")
    organiser.get(f"/registration/manage/{other.slug}/attendees?columns=email")

    assert 'data-label="Colour?"' in organiser.get(here).get_data(as_text=True)


def test_a_sensitive_question_has_no_column_even_if_it_is_asked_for(house: House) -> None:
    _told, here = crowd(house)
    organiser = house.organiser()

    page = organiser.get(f"{here}?{columns(DIET)}&columns=email").get_data(as_text=True)
    files = [organiser.get(f"{here}.{form}?{columns(DIET)}").get_data() for form in ("csv", "json")]

    assert page.count("Anna") > 0
    assert all(word not in page for word in ("Diet?", "halal", "vegan"))
    assert all(word not in b"".join(files) for word in (b"Diet?", b"halal", b"vegan", str(DIET.id).encode()))


def test_files_hold_the_answers_and_compute_nothing(house: House) -> None:
    _told, here = crowd(house)
    asked = columns(COLOUR, WORDS)
    organiser = house.organiser()

    text = organiser.get(f"{here}.csv?{asked}").get_data().decode("utf-8-sig")
    book = load_workbook(io.BytesIO(organiser.get(f"{here}.xlsx?{asked}").get_data()))
    plain = json.loads(organiser.get(f"{here}.json?{asked}").get_data())

    assert text.splitlines() == ['"Name","Colour?","\'=Words?"', '"Anna","Blue","\'=1+1"', '"Boris","Red",""']
    cells = [[(each.value, each.data_type) for each in row] for row in book.active.iter_rows()]
    assert cells[0][2] == ("=Words?", "s")
    assert cells[1] == [("Anna", "s"), ("Blue", "s"), ("=1+1", "s")]
    assert plain[0]["answers"] == [
        {"question_id": str(COLOUR.id), "question": "Colour?", "value": "blue"},
        {"question_id": str(WORDS.id), "question": "=Words?", "value": "=1+1"},
    ]
    assert plain[1]["answers"][1]["value"] is None
    with house.sessions.begin() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "export_attendees")).first()
        assert entry is not None
        assert f"answer-{COLOUR.id}" in entry.facts["columns"]


def test_answers_to_a_question_that_is_gone_keep_their_column(house: House) -> None:
    told, here = crowd(house)
    with house.sessions.begin() as session:
        asks(session, events.get(session, told.id), a_question(label={"en": "New?"}))

    page = house.organiser().get(f"{here}?{columns(COLOUR)}").get_data(as_text=True)

    assert '<span class="given" dir="auto">Blue</span>' in page
    assert "New?" in page


def test_the_list_is_narrowed_to_an_answer_and_so_is_what_is_done_to_all(house: House) -> None:
    _told, here = crowd(house)
    organiser = house.organiser()

    page = organiser.get(f"{here}?answer={COLOUR.id}:red&{columns(COLOUR)}").get_data(as_text=True)
    asked = post(
        organiser,
        here,
        f"{here}/action",
        action="cancel",
        filter=fields_of(page)["filter"].replace("&amp;", "&"),
        all_matching="true",
    )

    assert "<bdi>Boris</bdi>" in page
    assert "<bdi>Anna</bdi>" not in page
    assert "Colour?: Red" in page
    assert "columns" not in fields_of(page)["filter"]
    assert asked.status_code == 200
    assert "1 registration" in asked.get_data(as_text=True)


def test_programs_find_people_by_an_answer(house: House) -> None:
    told, _here = crowd(house)
    address = f"/registration/api/v1/events/{told.id}/registrations"

    found = house.visitor().get(f"{address}?answer={COLOUR.id}:blue", headers=house.token())
    refused = house.visitor().get(f"{address}?answer=nonsense", headers=house.token())

    assert [each["name"] for each in found.get_json()["items"]] == ["Anna"]
    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, ["answer"])


def test_programs_get_answers_with_the_list_if_they_ask_and_sealed_ones_closed(house: House) -> None:
    told, _here = crowd(house)
    address = f"/registration/api/v1/events/{told.id}/registrations"

    plain = house.visitor().get(address, headers=house.token()).get_json()["items"]
    whole = house.visitor().get(f"{address}?answers=true", headers=house.token())

    assert "answers" not in plain[0]
    given = {each["question_id"]: each for each in whole.get_json()["items"][0]["answers"]}
    assert given[str(COLOUR.id)]["value"] == "blue"
    assert (given[str(DIET.id)]["value"], given[str(DIET.id)]["is_sealed"]) == (None, True)
    assert "halal" not in whole.get_data(as_text=True)


def test_programs_get_no_answer_to_a_question_that_was_ever_sensitive(house: House) -> None:
    colour, was = a_question(Kind.SINGLE_CHOICE), a_question(Kind.SINGLE_CHOICE, sensitive=True)
    told, form = asking(house, colour, was)
    answered(house, form, "Anna", "blue", "green")
    with house.sessions.begin() as session:
        asked = replace(colour, sensitive=True), replace(was, sensitive=False)
        later = asks(session, events.get(session, told.id), *asked)
    answered(house, later, "Boris", "blue", "green")
    address, program = f"/registration/api/v1/events/{told.id}/registrations", house.visitor()

    items = program.get(f"{address}?answers=true", headers=house.token()).get_json()["items"]
    found = [
        program.get(f"{address}?answer={each}", headers=house.token()).get_json()["items"]
        for each in (f"{colour.id}:blue", f"{was.id}:green")
    ]

    assert [(each["value"], each["is_sealed"]) for item in items for each in item["answers"]] == [(None, True)] * 4
    assert found == [[], []]


def test_a_page_of_answers_costs_the_same_queries_for_two_people_and_for_twenty(house: House) -> None:
    told, form = asking(house, COLOUR, WORDS, a_question(Kind.FILE))
    here = f"/registration/manage/{told.slug}/attendees?{columns(COLOUR, WORDS)}"
    organiser, statements = house.organiser(), []

    def note(*args: Any) -> None:
        statements.append(args[2])

    numbers = []
    for people in (2, 18):
        for each in range(people):
            answered(house, form, f"Person {each}", "blue", "words")
        organiser.get(here)
        sql_event.listen(house.engine, "before_cursor_execute", note)
        statements.clear()
        organiser.get(here)
        sql_event.remove(house.engine, "before_cursor_execute", note)
        numbers.append(len(statements))

    assert numbers[0] == numbers[1]

"""Forms, answers and files as JSON: the same rules as in the page."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from services.registration.domain.questions import Kind, Question, to_document
from services.registration.storage import events, forms
from services.registration.storage.form_tables import AnswerRow, FileRow
from services.registration.storage.tables import Registration
from shared import clock
from shared.policy import Role
from tests.registration.doors import House
from tests.registration.form_builders import a_pdf, a_question, after, asks

API = "/registration/api/v1"


def asking(house: House, *questions: Question) -> Any:
    """An event that asks these."""
    told = house.event()
    with house.sessions.begin() as session:
        asks(session, events.get(session, told.id), *questions)
    return told


def sign_up(house: House, told: Any, headers: dict[str, str] | None = None, **more: Any) -> Any:
    """As a program does."""
    body = {"name": "Anna", "email": f"p{uuid4().hex[:8]}@example.org", "consents": {"privacy": True}, **more}
    return house.visitor().post(f"{API}/events/{told.id}/registrations", json=body, headers=headers or {})


def count(house: House, table: Any) -> int:
    """How many rows."""
    with house.sessions.begin() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_what_is_asked_is_public(house: House) -> None:
    question = a_question(Kind.SINGLE_CHOICE, required=True)
    told = asking(house, question)

    asked = house.visitor().get(f"{API}/events/{told.id}/form")
    nothing = house.visitor().get(f"{API}/events/{house.event(slug='other').id}/form")

    assert asked.json == {"event_id": str(told.id), "version": 1, "questions": [to_document(question)]}
    assert nothing.json["questions"] == []
    assert house.visitor().get(f"{API}/events/{uuid4()}/form").status_code == 404


def test_answers_come_with_the_sign_up_by_the_same_rules(house: House) -> None:
    car, plate, diet = a_question(Kind.YES_NO), a_question(required=True), a_question(sensitive=True)
    plate = a_question(required=True, condition=after(car, "yes"))
    told = asking(house, car, plate, diet)

    missing = sign_up(house, told, answers={str(car.id): True, str(diet.id): "halal"})
    unknown = sign_up(house, told, answers={str(uuid4()): 1})
    wrong = sign_up(house, told, answers={str(car.id): {"deep": []}})
    taken = sign_up(
        house,
        told,
        answers={str(car.id): False, str(plate.id): "KA 1", str(diet.id): "halal"},
        answer_consents={str(diet.id): True},
    )

    assert missing.status_code == 422
    assert set(missing.json["errors"]) == {f"answers.{plate.id}", f"answer_consents.{diet.id}"}
    assert (unknown.status_code, wrong.status_code) == (422, 422)
    assert taken.status_code == 201
    assert count(house, Registration) == 1
    assert count(house, AnswerRow) == 2


def test_an_event_without_questions_takes_no_answers(house: House) -> None:
    told = house.event()

    assert sign_up(house, told, answers={str(uuid4()): "x"}).status_code == 422
    assert count(house, Registration) == 0


def test_an_organiser_on_the_telephone_may_leave_required_answers_open(house: House) -> None:
    told = asking(house, a_question(required=True))

    assert sign_up(house, told).status_code == 422
    assert sign_up(house, told, house.token()).status_code == 201


def test_an_organiser_replaces_the_form_and_keeps_what_is_known(house: House) -> None:
    known = a_question(Kind.TEXT)
    told = asking(house, known)
    again = to_document(known) | {"label": {"de": "Neu gefragt"}}
    other = to_document(a_question(Kind.YES_NO)) | {"id": None}

    answer = house.visitor().put(
        f"{API}/events/{told.id}/form", json={"questions": [again, other]}, headers=house.token()
    )

    assert answer.status_code == 200, answer.json
    assert answer.json["version"] == 2
    assert answer.json["questions"][0]["id"] == str(known.id)
    assert [each["kind"] for each in answer.json["questions"]] == ["text", "yes_no"]


def test_another_kind_becomes_another_question(house: House) -> None:
    known = a_question(Kind.TEXT)
    told = asking(house, known)
    changed = to_document(known) | {"kind": "number"}

    answer = house.visitor().put(f"{API}/events/{told.id}/form", json={"questions": [changed]}, headers=house.token())

    assert answer.json["questions"][0]["id"] != str(known.id)


def test_a_faulty_form_is_refused_as_a_whole(house: House) -> None:
    told = asking(house, a_question())
    first, second = a_question(), a_question(sensitive=True, required=True)
    body = {"questions": [to_document(first), to_document(second)]}

    answer = house.visitor().put(f"{API}/events/{told.id}/form", json=body, headers=house.token())

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["questions.1.required"]
    with house.sessions.begin() as session:
        assert len(forms.versions(session, told.id)) == 1


def test_a_form_is_replaced_by_its_organisers_only(house: House) -> None:
    told = asking(house, a_question())
    address, body = f"{API}/events/{told.id}/form", {"questions": []}

    assert house.visitor().put(address, json=body).status_code == 401
    assert house.visitor().put(address, json=body, headers=house.token(role=Role.HELPER)).status_code == 403
    assert house.visitor().put(address, json=body, headers=house.token(organisation=uuid4())).status_code == 404
    assert len(house.visitor().get(address).json["questions"]) == 1


def send(house: House, told: Any, question: Question, content: bytes, kind: str = "application/pdf") -> Any:
    """A file, as a program sends it."""
    address = f"{API}/events/{told.id}/files?question_id={question.id}"
    return house.visitor().post(address, data=content, content_type=kind)


def test_a_file_is_sent_first_and_is_the_answer_by_its_id(house: House) -> None:
    cv = a_question(Kind.FILE, required=True)
    told = asking(house, cv)

    sent = send(house, told, cv, a_pdf())
    taken = sign_up(house, told, answers={str(cv.id): sent.json["id"]})
    twice = sign_up(house, told, answers={str(cv.id): sent.json["id"]})

    assert (sent.status_code, taken.status_code, twice.status_code) == (201, 201, 422)
    assert sent.json["media_type"] == "application/pdf"
    assert count(house, FileRow) == 1


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"<html>", "application/pdf", 415),
        (b"<html>", "text/html", 415),
        (a_pdf(b"/JavaScript 5 0 R"), "application/pdf", 422),
        (b"%PDF-" + b"x" * 5_300_000, "application/pdf", 413),
        (b"\x89PNG\r\n\x1a\n", "image/png", 422),
    ],
)
def test_a_hostile_file_gets_its_own_status(house: House, content: bytes, kind: str, status: int) -> None:
    cv = a_question(Kind.FILE)
    told = asking(house, cv)

    assert send(house, told, cv, content, kind).status_code == status
    assert count(house, FileRow) == 0


def test_organisers_send_files_also_while_sign_up_is_closed(house: House) -> None:
    cv = a_question(Kind.FILE)
    told = house.event(sign_up_closes_at=clock.now() - timedelta(hours=1))
    with house.sessions.begin() as session:
        asks(session, events.get(session, told.id), cv)
    address = f"{API}/events/{told.id}/files?question_id={cv.id}"

    sent = house.visitor().post(address, data=a_pdf(), content_type="application/pdf", headers=house.token())

    assert send(house, told, cv, a_pdf()).status_code == 409
    assert sent.status_code == 201
    assert sign_up(house, told, house.token(), answers={str(cv.id): sent.get_json()["id"]}).status_code == 201


def test_a_file_needs_a_question_that_asks_for_it(house: House) -> None:
    told = asking(house, a_question())

    assert send(house, told, a_question(Kind.FILE), a_pdf()).status_code == 404
    assert count(house, FileRow) == 0


def test_answers_are_read_by_organisers_and_sealed_ones_by_no_token(house: House) -> None:
    name, diet = a_question(), a_question(sensitive=True)
    told = asking(house, name, diet)
    given = {str(name.id): "x", str(diet.id): "halal"}
    registered = sign_up(house, told, answers=given, answer_consents={str(diet.id): True}).json
    address = f"{API}/registrations/{registered['id']}/answers"

    closed = house.visitor().get(address, headers=house.token())
    opened = house.visitor().get(f"{address}?sensitive=true", headers=house.token())

    values = {each["question_id"]: (each["value"], each["is_sealed"]) for each in closed.json["answers"]}
    assert values == {str(name.id): ("x", False), str(diet.id): (None, True)}
    assert opened.status_code == 403
    assert house.visitor().get(address).status_code == 401
    assert house.visitor().get(address, headers=house.token(organisation=uuid4())).status_code == 404


def test_answers_from_before_a_question_became_sensitive_are_closed_too(house: House) -> None:
    diet = a_question()
    told = asking(house, diet)
    registered = sign_up(house, told, answers={str(diet.id): "halal"}).json
    with house.sessions.begin() as session:
        asks(session, events.get(session, told.id), replace(diet, sensitive=True))

    closed = house.visitor().get(f"{API}/registrations/{registered['id']}/answers", headers=house.token())

    assert [(each["value"], each["is_sealed"]) for each in closed.json["answers"]] == [(None, True)]


@pytest.mark.parametrize("said", ["answer", "consent", "both"])
def test_nobody_answers_a_sensitive_question_for_somebody_else(house: House, said: str) -> None:
    diet = a_question(sensitive=True)
    told = asking(house, a_question(), diet)
    answers = {} if said == "consent" else {"answers": {str(diet.id): "halal"}}
    consents = {} if said == "answer" else {"answer_consents": {str(diet.id): True}}
    headers, base = house.token() | {"Accept-Language": "de"}, f"{API}/events/{told.id}"
    person = {"name": "Ali", "email": "ali@example.org", "consents": {"privacy": True}, **answers, **consents}

    added = sign_up(house, told, headers, **answers, **consents)
    let_in = house.visitor().post(f"{base}/walk-ins", json=person, headers=headers)
    listed = house.visitor().post(f"{base}/imports", json={"people": [person]}, headers=headers)
    herself = sign_up(house, told, answers={str(diet.id): "halal"}, answer_consents={str(diet.id): True})

    sentence = "Diese Frage ist sensibel: Nur die Person selbst kann sie beantworten, auf der eigenen Seite."
    for refused, name in ((added, ""), (let_in, ""), (listed, "people.0.")):
        assert (refused.status_code, refused.json["errors"]) == (422, {f"{name}answers.{diet.id}": [sentence]})
    assert herself.status_code == 201
    assert (count(house, Registration), count(house, AnswerRow)) == (1, 1)

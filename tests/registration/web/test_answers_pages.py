"""The form as attendees meet it: at sign-up, on their own page; and their answers as organisers meet them."""

import io
import re
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import openpyxl
import pytest
from sqlalchemy import func, select

from services.registration.domain.forms import FormVersion
from services.registration.domain.questions import Kind, Question
from services.registration.storage import answers, events
from services.registration.storage.form_tables import AnswerRow, FileRow
from services.registration.storage.tables import AuditEntry, Registration
from shared.policy import Role
from tests.registration.doors import House, fields_of, post, sign_up
from tests.registration.form_builders import a_pdf, a_picture, a_question, after, asks, one_of_each_kind


def asking(house: House, *questions: Question, **differences: Any) -> tuple[Any, FormVersion]:
    """An event that asks these."""
    told = house.event(**differences)
    with house.sessions.begin() as session:
        return told, asks(session, events.get(session, told.id), *questions)


def given(house: House) -> dict[UUID, Any]:
    """What the only registration answered."""
    with house.sessions.begin() as session:
        (registration,) = session.scalars(select(Registration))
        ring = house.app.extensions["registration"].terms.ring
        return {key: each.value for key, each in answers.opened(session, registration.id, ring=ring).items()}


def my_page(house: House) -> str:
    """The address of the only registration's own page."""
    with house.sessions.begin() as session:
        (registration,) = session.scalars(select(Registration))
    return f"/registration/my/{house.app.extensions['registration'].terms.links.page_token(registration.id)}"


VALUES: dict[Kind, tuple[Any, Any, str]] = {  # typed, stored, shown
    Kind.TEXT: ("Zoë", "Zoë", "Zoë"),
    Kind.LONG_TEXT: ("one\r\ntwo", "one\ntwo", "one\ntwo"),
    Kind.SINGLE_CHOICE: ("blue", "blue", "Blue"),
    Kind.MULTIPLE_CHOICE: (["red", "blue"], ["red", "blue"], "Red and Blue"),
    Kind.NUMBER: ("3,5", 3.5, "3.5"),
    Kind.DATE: ("2026-12-24", "2026-12-24", "Dec 24, 2026"),
    Kind.YES_NO: ("false", False, "No"),
    Kind.EMAIL: ("a@example.org", "a@example.org", "a@example.org"),
    Kind.PHONE: ("+49 721 1234", "+49 721 1234", "+49 721 1234"),
    Kind.COUNTRY: ("UA", "UA", "Ukraine"),
    Kind.LANGUAGE_LEVEL: ("B2", "B2", "B2"),
    Kind.FIELD_OF_STUDY: ("informatics", "informatics", "Computer science and IT"),
}
WRONG: dict[Kind, Any] = {
    Kind.TEXT: "x" * 301,
    Kind.LONG_TEXT: "\u202ehidden",
    Kind.SINGLE_CHOICE: "pink",
    Kind.MULTIPLE_CHOICE: ["red", "pink"],
    Kind.NUMBER: "NaN",
    Kind.DATE: "24.12.2026",
    Kind.YES_NO: "perhaps",
    Kind.EMAIL: "nobody",
    Kind.PHONE: "call me",
    Kind.COUNTRY: "XX",
    Kind.LANGUAGE_LEVEL: "D1",
    Kind.FIELD_OF_STUDY: "wizardry",
    Kind.FILE: "not-an-id",
}


def test_every_kind_of_answer_is_kept_as_it_was_meant(house: House) -> None:
    questions = {each.kind: each for each in one_of_each_kind() if each.kind != Kind.FILE}
    told, _ = asking(house, *questions.values())

    answer = sign_up(
        house.visitor(), told.slug, **{f"answers.{questions[kind].id}": VALUES[kind][0] for kind in questions}
    )

    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert given(house) == {questions[kind].id: VALUES[kind][1] for kind in questions}
    page = house.visitor().get(my_page(house)).get_data(as_text=True)
    for kind in questions:
        assert f'<span class="answer-text">{VALUES[kind][2]}</span>' in page


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_answer_is_named_at_its_field_and_everything_stays(house: House, kind: Kind) -> None:
    wrong, right = a_question(kind), a_question()
    told, _ = asking(house, wrong, right)

    answer = sign_up(
        house.visitor(), told.slug, name="Олена", **{f"answers.{wrong.id}": WRONG[kind], f"answers.{right.id}": "stays"}
    )

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'href="#field-answers-{wrong.id}"' in page
    assert 'value="Олена"' in page
    assert 'value="stays"' in page
    with house.sessions.begin() as session:
        assert session.scalar(select(func.count()).select_from(Registration)) == 0


def test_all_faults_are_told_at_once(house: House) -> None:
    needed = a_question(required=True)
    told, _ = asking(house, needed)

    page = sign_up(house.visitor("de"), told.slug, email="nobody").get_data(as_text=True)

    assert 'href="#field-email"' in page
    assert f'href="#field-answers-{needed.id}"' in page


def test_a_conditional_question_stands_there_with_a_hint_and_counts_only_if_asked(house: House) -> None:
    car = a_question(Kind.YES_NO, label={"en": "By car?"})
    plate = a_question(label={"en": "Plate?"}, required=True, condition=after(car, "yes"))
    told, _ = asking(house, car, plate)
    visitor = house.visitor()

    page = visitor.get(f"/registration/{told.slug}/sign-up").get_data(as_text=True)
    refused = sign_up(visitor, told.slug, **{f"answers.{car.id}": "true"})
    taken = sign_up(visitor, told.slug, **{f"answers.{car.id}": "false", f"answers.{plate.id}": "KA 1"})

    assert "Only if you answered “By car?” with “Yes”." in page
    assert f'data-show-if="answers.{car.id}" data-show-value="yes"' in page
    assert refused.status_code == 422
    assert taken.status_code == 303
    assert given(house) == {car.id: False}


def test_what_is_missing_in_her_language_is_shown_and_marked(house: House) -> None:
    told, _ = asking(house, a_question(label={"de": "Wie kommen Sie?"}, purpose={"de": "Für die Planung."}))

    page = house.visitor("ar").get(f"/registration/{told.slug}/sign-up").get_data(as_text=True)

    assert '<span lang="de" dir="ltr">Wie kommen Sie?</span>' in page


def test_purpose_and_period_stand_at_each_question(house: House) -> None:
    told, _ = asking(house, a_question(purpose={"en": "For the caterer."}, retention_days=7))

    page = house.visitor().get(f"/registration/{told.slug}/sign-up").get_data(as_text=True)

    assert "For the caterer." in page
    assert "Deleted 7 days after the event." in page


def test_a_sensitive_answer_needs_its_own_tick(house: House) -> None:
    diet = a_question(sensitive=True)
    told, _ = asking(house, diet)
    visitor = house.visitor()

    page = visitor.get(f"/registration/{told.slug}/sign-up").get_data(as_text=True)
    refused = sign_up(visitor, told.slug, **{f"answers.{diet.id}": "halal"})
    taken = sign_up(visitor, told.slug, **{f"answers.{diet.id}": "halal", f"answer_consents.{diet.id}": "true"})

    assert f'name="answer_consents.{diet.id}" value="true" aria' not in page or " checked" not in page
    assert refused.status_code == 422
    assert "Please tick the box if we may keep this answer" in refused.get_data(as_text=True)
    assert taken.status_code == 303
    assert given(house) == {diet.id: "halal"}
    assert "halal" not in house.visitor().get(my_page(house)).get_data(as_text=True)


def test_an_answer_to_a_question_of_yesterday_is_left_out(house: House) -> None:
    told, _ = asking(house, a_question())

    answer = sign_up(house.visitor(), told.slug, **{f"answers.{uuid4()}": "old"})

    assert answer.status_code == 303
    assert given(house) == {}


# ---- files


def test_a_file_comes_with_the_sign_up_and_only_organisers_get_it(house: House) -> None:
    cv = a_question(Kind.FILE, required=True)
    told, _ = asking(house, cv)

    answer = sign_up(house.visitor(), told.slug, **{f"answers.{cv.id}": (io.BytesIO(a_pdf()), "../Lebenslauf.PDF")})

    assert answer.status_code == 303
    file_id = given(house)[cv.id]
    address = f"/registration/manage/{told.slug}/files/{file_id}"
    sent = house.organiser().get(address)
    assert sent.data == a_pdf()
    assert sent.headers["Content-Disposition"] == "attachment; filename=Lebenslauf.pdf"
    assert sent.headers["Content-Type"] == "application/pdf"
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert sent.headers["Cache-Control"] == "no-store"
    assert "sandbox" in sent.headers["Content-Security-Policy"]
    assert house.visitor().get(address).status_code == 303
    assert house.organiser(role=Role.HELPER).get(address).status_code == 403
    assert house.organiser(organisation=uuid4()).get(address).status_code == 404
    other = house.event(slug="other")
    assert house.organiser().get(f"/registration/manage/{other.slug}/files/{file_id}").status_code == 404
    with house.sessions.begin() as session:
        assert session.scalars(select(AuditEntry.action)).all() == ["read_file"]


def test_a_question_of_the_same_id_opens_no_file_of_another_organisation(house: House) -> None:
    cv = a_question(Kind.FILE, sensitive=True)
    told, _ = asking(house, cv)
    file = {f"answers.{cv.id}": (io.BytesIO(a_pdf()), "cv.pdf"), f"answer_consents.{cv.id}": "true"}
    sign_up(house.visitor(), told.slug, **file)
    stranger = uuid4()
    theirs, _ = asking(
        house, a_question(Kind.FILE, id=cv.id), slug="theirs", organiser=replace(told.organiser, id=stranger)
    )

    answer = house.organiser(organisation=stranger).get(
        f"/registration/manage/{theirs.slug}/files/{given(house)[cv.id]}"
    )

    assert answer.status_code == 404


def test_a_file_stays_while_the_rest_is_corrected(house: House) -> None:
    cv = a_question(Kind.FILE, required=True)
    told, _ = asking(house, cv)
    visitor = house.visitor()

    faulty = sign_up(visitor, told.slug, email="nobody", **{f"answers.{cv.id}": (io.BytesIO(a_picture()), "cv.png")})
    page = faulty.get_data(as_text=True)
    kept = re.search(rf'name="answers.{cv.id}" value="([0-9a-f-]+)"', page)
    taken = sign_up(visitor, told.slug, **{f"answers.{cv.id}": kept[1] if kept else ""})

    assert faulty.status_code == 422
    assert "cv.png" in page
    assert taken.status_code == 303
    assert given(house) == {cv.id: kept[1] if kept else None}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("cv.pdf", b"<html><script>alert(1)</script>", "Please send a PDF, PNG or JPEG file."),
        ("cv.pdf", b"", "This file is empty"),
        ("cv.svg", b"<svg onload='alert(1)'/>", "Please send a PDF, PNG or JPEG file."),
        ("cv.pdf", a_pdf(b"/JavaScript 5 0 R"), "are not taken"),
    ],
)
def test_a_hostile_file_is_refused_at_its_field(house: House, name: str, content: bytes, said: str) -> None:
    cv = a_question(Kind.FILE, required=True)
    told, _ = asking(house, cv)

    answer = sign_up(house.visitor(), told.slug, **{f"answers.{cv.id}": (io.BytesIO(content), name)})

    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
    with house.sessions.begin() as session:
        assert session.scalar(select(func.count()).select_from(FileRow)) == 0
        assert session.scalar(select(func.count()).select_from(Registration)) == 0


def by_hand(house: House, slug: str, name: str, size: int) -> Any:
    """A form with a large file, written without the client's own temporary file."""
    visitor = house.visitor()
    hidden = fields_of(visitor.get(f"/registration/{slug}/sign-up").get_data(as_text=True))
    usual = {**hidden, "name": "Anna", "email": "a@example.org", "locale": "de", "consents.privacy": "true"}
    parts = [f'--x\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in usual.items()]
    head = "".join(parts) + f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="x.pdf"\r\n\r\n'
    body = head.encode() + b"%PDF-" + b"x" * size + b"\r\n--x--\r\n"
    return visitor.post(f"/registration/{slug}/sign-up", data=body, content_type="multipart/form-data; boundary=x")


@pytest.mark.parametrize(("size", "status"), [(6_000_000, 422), (18_000_000, 413)])
def test_a_large_file_is_refused_in_words(house: House, size: int, status: int) -> None:
    cv = a_question(Kind.FILE)
    told, _ = asking(house, cv)

    answer = by_hand(house, told.slug, f"answers.{cv.id}", size)

    assert answer.status_code == status
    assert ("at most 5 MB" if status == 422 else "This is too large") in answer.get_data(as_text=True)
    with house.sessions.begin() as session:
        assert session.scalar(select(func.count()).select_from(FileRow)) == 0


def test_a_file_that_nobody_asked_for_is_not_kept(house: House) -> None:
    told, _ = asking(house, a_question())

    answer = sign_up(house.visitor(), told.slug, **{f"answers.{uuid4()}": (io.BytesIO(a_pdf()), "cv.pdf")})

    assert answer.status_code == 303
    with house.sessions.begin() as session:
        assert session.scalar(select(func.count()).select_from(FileRow)) == 0


# ---- her own page


def test_she_changes_her_answers_on_her_own_page(house: House) -> None:
    name, diet = a_question(label={"en": "Team?"}), a_question(sensitive=True)
    told, _ = asking(house, name, diet)
    sign_up(
        house.visitor(),
        told.slug,
        **{f"answers.{name.id}": "red team", f"answers.{diet.id}": "halal", f"answer_consents.{diet.id}": "true"},
    )
    mine = my_page(house)
    visitor = house.visitor()

    page = visitor.get(f"{mine}/answers").get_data(as_text=True)
    saved = post(visitor, f"{mine}/answers", f"{mine}/answers", **{f"answers.{name.id}": "blue team"})

    assert 'value="red team"' in page
    assert 'value="halal"' in page
    assert saved.status_code == 303
    assert given(house) == {name.id: "blue team"}
    assert "Your answers are saved." in visitor.get(mine).get_data(as_text=True)


def test_a_file_can_be_taken_back(house: House) -> None:
    cv = a_question(Kind.FILE)
    told, _ = asking(house, cv)
    sign_up(house.visitor(), told.slug, **{f"answers.{cv.id}": (io.BytesIO(a_pdf()), "cv.pdf")})
    mine = my_page(house)
    visitor = house.visitor()
    file_id = fields_of(visitor.get(f"{mine}/answers").get_data(as_text=True))[f"answers.{cv.id}"]

    post(visitor, f"{mine}/answers", f"{mine}/answers", **{f"answers.{cv.id}": [file_id, "remove"]})

    assert given(house) == {}
    with house.sessions.begin() as session:
        assert session.scalar(select(func.count()).select_from(FileRow)) == 0


def test_a_cancelled_registration_keeps_its_answers_as_they_are(house: House) -> None:
    told, _ = asking(house, a_question())
    sign_up(house.visitor(), told.slug)
    mine = my_page(house)
    visitor = house.visitor()
    post(visitor, f"{mine}/cancel", f"{mine}/cancel")

    assert visitor.get(f"{mine}/answers").status_code == 409


# ---- organisers


def answered(house: House) -> tuple[Any, Question, Question, UUID]:
    """Somebody who answered an ordinary and a sensitive question."""
    name, diet = a_question(label={"en": "Team?"}), a_question(sensitive=True, label={"en": "Diet?"})
    told, _ = asking(house, name, diet)
    sign_up(
        house.visitor(),
        told.slug,
        **{f"answers.{name.id}": "=red team", f"answers.{diet.id}": "halal", f"answer_consents.{diet.id}": "true"},
    )
    with house.sessions.begin() as session:
        return told, name, diet, session.scalars(select(Registration.id)).one()


def test_an_organiser_opens_sensitive_answers_and_the_log_says_so(house: House) -> None:
    told, _name, _diet, registration_id = answered(house)
    organiser = house.organiser()
    address = f"/registration/manage/{told.slug}/registrations/{registration_id}/answers"

    closed = organiser.get(address).get_data(as_text=True)
    opened = post(organiser, address, address).get_data(as_text=True)

    assert "=red team" in closed
    assert "halal" not in closed
    assert "halal" in opened
    with house.sessions.begin() as session:
        (entry,) = session.scalars(select(AuditEntry))
    assert (entry.action, entry.object_id) == ("read_sensitive_answers", registration_id)


def test_a_helper_and_a_stranger_read_no_answers(house: House) -> None:
    told, _name, _diet, registration_id = answered(house)
    address = f"/registration/manage/{told.slug}/registrations/{registration_id}/answers"

    assert house.visitor().get(address).status_code == 303
    assert house.organiser(role=Role.HELPER).get(address).status_code == 403
    assert house.organiser(organisation=uuid4()).get(address).status_code == 404
    other = house.event(slug="other")
    assert house.organiser().get(address.replace(told.slug, other.slug)).status_code == 404


def test_exports_have_a_column_for_each_question_and_none_for_sensitive_ones(house: House) -> None:
    told, _name, _diet, _registration_id = answered(house)
    organiser = house.organiser()

    table = organiser.get(f"/registration/manage/{told.slug}/attendance.csv").get_data(as_text=True)
    book = openpyxl.load_workbook(io.BytesIO(organiser.get(f"/registration/manage/{told.slug}/attendance.xlsx").data))

    assert '"Team?"' in table
    assert '"\'=red team"' in table
    assert "Diet?" not in table
    assert "halal" not in table
    assert "Team?" in [each.value for each in book.active[1]]


def test_an_export_with_sensitive_answers_is_asked_for_and_logged(house: House) -> None:
    told, _name, _diet, _registration_id = answered(house)

    table = (
        house.organiser().get(f"/registration/manage/{told.slug}/attendance.csv?sensitive=true").get_data(as_text=True)
    )

    assert '"Diet?"' in table
    assert '"halal"' in table
    with house.sessions.begin() as session:
        assert "read_sensitive_answers" in session.scalars(select(AuditEntry.action)).all()


def test_answers_to_a_removed_question_stay_readable(house: House) -> None:
    told, name, _diet, registration_id = answered(house)
    with house.sessions.begin() as session:
        asks(session, events.get(session, told.id), a_question(label={"en": "New?"}))
    organiser = house.organiser()

    page = organiser.get(f"/registration/manage/{told.slug}/registrations/{registration_id}/answers").get_data(
        as_text=True
    )
    builder = organiser.get(f"/registration/manage/{told.slug}/form").get_data(as_text=True)
    table = organiser.get(f"/registration/manage/{told.slug}/attendance.csv").get_data(as_text=True)

    assert "no longer asked" in page
    assert "=red team" in page
    assert "No longer asked" in builder
    assert '"Team?"' in table
    with house.sessions.begin() as session:
        assert session.get(AnswerRow, (registration_id, name.id)) is not None

"""An organiser builds a form in the page, without a script."""

import io
import re
from typing import Any

import pytest
from sqlalchemy import select

from services.registration.domain.questions import Kind, Question
from services.registration.domain.ready_made import SETS
from services.registration.storage import events, forms
from services.registration.storage.tables import AuditEntry
from shared.policy import Role
from tests.registration.doors import House, post
from tests.registration.form_builders import a_question, asks


def draft_of(house: House, event_id: Any) -> tuple[Question, ...]:
    """The questions as they are being built."""
    with house.sessions.begin() as session:
        return forms.draft(session, event_id)


def here(slug: str) -> str:
    """The builder's address."""
    return f"/registration/manage/{slug}/form"


def add(house: House, slug: str, kind: str = "text", **answers: Any) -> Any:
    """Fill in the page of a new question."""
    usual = {"label.en": "What do you bring?", "purpose.en": "To prepare"}
    page = f"{here(slug)}/questions/new"
    return post(house.organiser(), f"{page}?kind={kind}", page, kind=kind, **{**usual, **answers})


def act(house: House, slug: str, what: str, **answers: Any) -> Any:
    """Press a button of the overview."""
    return post(house.organiser(), here(slug), f"{here(slug)}/{what}", **answers)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_question_can_be_added(house: House, kind: Kind) -> None:
    told = house.event()
    options = {"options.0.label.en": "One", "options.1.label.en": "Two"} if "choice" in kind else {}

    answer = add(house, told.slug, kind, **{"label.ar": "سؤال", **options})

    assert answer.status_code == 303
    (question,) = draft_of(house, told.id)
    assert (question.kind, question.label) == (kind, {"en": "What do you bring?", "ar": "سؤال"})
    assert house.organiser().get(here(told.slug)).status_code == 200
    page = house.organiser().get(f"{here(told.slug)}/questions/{question.id}").get_data(as_text=True)
    assert 'value="What do you bring?"' in page


def test_a_faulty_question_comes_back_with_everything_that_was_typed(house: House) -> None:
    told = house.event()

    answer = add(
        house, told.slug, "single_choice", **{"purpose.en": "", "options.0.label.de": "Rot", "sensitive": "true"}
    )

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="Rot"' in page
    assert 'value="What do you bring?"' in page
    assert "Please say what the answer is needed for" in page
    assert "Please give at least two answers to choose from." in page
    assert draft_of(house, told.id) == ()


def test_more_rows_keep_what_was_typed_and_save_nothing(house: House) -> None:
    told = house.event()

    page = add(house, told.slug, "single_choice", **{"options.0.label.en": "Red", "more": "1"}).get_data(as_text=True)

    assert 'value="Red"' in page
    assert page.count('class="option-row"') == 4
    assert draft_of(house, told.id) == ()


@pytest.mark.parametrize("row", ["²", "9" * 5000, "x", ""])
def test_rows_that_no_page_of_ours_numbers_are_left_out(house: House, row: str) -> None:
    told = house.event()

    answer = add(house, told.slug, "single_choice", **{f"options.{row}.label.en": "Red", "more": "1"})

    assert answer.status_code == 200
    assert answer.get_data(as_text=True).count('class="option-row"') == 4


def test_an_option_keeps_its_key_when_it_is_reworded(house: House) -> None:
    told = house.event()
    add(house, told.slug, "single_choice", **{"options.0.label.en": "Red", "options.1.label.en": "Blue"})
    (before,) = draft_of(house, told.id)
    page = f"{here(told.slug)}/questions/{before.id}"

    post(
        house.organiser(),
        page,
        page,
        **{
            "label.en": "Colour?",
            "purpose.en": "To prepare",
            "options.0.key": before.options[0].key,
            "options.0.label.en": "Crimson",
            "options.1.key": before.options[1].key,
            "options.1.label.en": "Blue",
        },
    )

    (changed,) = draft_of(house, told.id)
    assert changed.id == before.id
    assert [each.key for each in changed.options] == [each.key for each in before.options]
    assert changed.options[0].label == {"en": "Crimson"}


def test_buttons_move_a_question_and_the_focus_stays_on_them(house: House) -> None:
    told = house.event()
    for name in ("One", "Two", "Three"):
        add(house, told.slug, **{"label.en": name})
    one = draft_of(house, told.id)[0]
    organiser = house.organiser()

    answer = post(organiser, here(told.slug), f"{here(told.slug)}/questions/{one.id}/move", direction="down")

    page = organiser.get(answer.location.partition("#")[0]).get_data(as_text=True)
    assert [each.label["en"] for each in draft_of(house, told.id)] == ["Two", "One", "Three"]
    assert "“One” is now number 2 of 3." in page
    assert re.search(r'value="down" data-focus>.*?Move down: One', page)


def test_an_order_that_makes_no_sense_is_refused_in_words(house: House) -> None:
    told = house.event()
    first = a_question(Kind.YES_NO, label={"en": "Hungry?"})
    with house.sessions.begin() as session:
        asks(session, events.get(session, told.id), first)
    add(house, told.slug, **{"label.en": "What?", "condition": f"{first.id}:yes"})

    answer = act(house, told.slug, f"questions/{first.id}/move", direction="down")

    assert answer.status_code == 409
    assert "is asked only after a certain answer to “Hungry?”" in answer.get_data(as_text=True)
    assert [each.label["en"] for each in draft_of(house, told.id)] == ["Hungry?", "What?"]


def test_nobody_is_asked_before_the_form_is_published(house: House) -> None:
    told = house.event()
    add(house, told.slug)

    before = house.visitor().get(f"/registration/{told.slug}/sign-up").get_data(as_text=True)
    act(house, told.slug, "publish")
    after = house.visitor().get(f"/registration/{told.slug}/sign-up").get_data(as_text=True)

    assert "What do you bring?" not in before
    assert "What do you bring?" in after
    assert "Published as version 1" in house.organiser().get(here(told.slug)).get_data(as_text=True)
    with house.sessions.begin() as session:
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.at)).all()
    assert actions == ["change_form", "publish_form"]


def test_changes_can_be_discarded(house: House) -> None:
    told = house.event()
    add(house, told.slug)
    act(house, told.slug, "publish")
    (question,) = draft_of(house, told.id)
    act(house, told.slug, f"questions/{question.id}/remove")
    assert draft_of(house, told.id) == ()

    act(house, told.slug, "discard")

    assert draft_of(house, told.id) == (question,)


@pytest.mark.parametrize("format_", SETS)
def test_every_format_has_ready_made_questions_in_three_languages(house: House, format_: str) -> None:
    told = house.event()

    act(house, told.slug, "sets", format=format_)
    act(house, told.slug, "publish")

    questions = draft_of(house, told.id)
    assert len(questions) >= 4
    for each in questions:
        texts = [
            each.label,
            each.purpose,
            *(option.label for option in each.options),
            *([each.help] if each.help else []),
        ]
        assert all(set(one) == {"de", "en", "ar"} and all(one.values()) for one in texts)
    page = house.visitor("ar").get(f"/registration/{told.slug}/sign-up").get_data(as_text=True)
    assert questions[0].label["ar"] in page


@pytest.mark.parametrize("language", ["de", "en", "ar"])
def test_the_preview_is_the_attendees_page_in_any_language(house: House, language: str) -> None:
    told = house.event()
    act(house, told.slug, "sets", format="company_tour")
    act(house, told.slug, "publish")
    organiser = house.organiser()

    preview = organiser.get(f"{here(told.slug)}/preview?in={language}")
    real = house.visitor(language).get(f"/registration/{told.slug}/sign-up").get_data(as_text=True)

    questions = re.findall(
        r'<div class="ask".*?(?=<div class="ask"|</fieldset>\s*<)', preview.get_data(as_text=True), re.S
    )
    assert len(questions) == 6
    assert all(each.strip() in real for each in questions[:-1])
    assert f'lang="{language}"' in preview.get_data(as_text=True)[:200]
    assert "Set-Cookie" not in preview.headers or "lang=" not in preview.headers["Set-Cookie"]
    assert 'lang="en"' in organiser.get(here(told.slug)).get_data(as_text=True)[:200]


def test_trying_the_preview_tells_what_is_wrong_and_stores_nothing(house: House) -> None:
    told = house.event()
    add(house, told.slug, "file", **{"label.en": "Your CV", "required": "true"})
    add(house, told.slug, "number", **{"label.en": "How many?"})
    cv, number = draft_of(house, told.id)
    page = f"{here(told.slug)}/preview"

    faulty = post(house.organiser(), page, page, **{f"answers.{number.id}": "many"})
    fine = post(
        house.organiser(),
        page,
        page,
        **{f"answers.{number.id}": "3,5", f"answers.{cv.id}": (io.BytesIO(b"%PDF-1.7 startxref %%EOF"), "cv.pdf")},
    )

    assert faulty.status_code == 422
    assert faulty.get_data(as_text=True).count("This must be a number.") == 2  # in the summary and at the field
    assert "Please answer this question." in faulty.get_data(as_text=True)
    assert fine.status_code == 200
    assert "everything would be accepted" in fine.get_data(as_text=True)


@pytest.mark.parametrize("place", ["", "/questions/new?kind=text", "/preview"])
def test_the_builder_is_for_organisers(house: House, place: str) -> None:
    told = house.event()

    assert house.visitor().get(here(told.slug) + place).status_code == 303
    assert house.organiser(role=Role.HELPER).get(here(told.slug) + place).status_code == 403
    assert house.organiser(organisation=told.id).get(here(told.slug) + place).status_code == 404


def test_a_form_with_hostile_words_is_shown_as_words(house: House) -> None:
    told = house.event()
    add(
        house,
        told.slug,
        "single_choice",
        **{"label.en": "<script>alert(1)</script>", "options.0.label.en": '"><img src=x>', "options.1.label.en": "b"},
    )
    act(house, told.slug, "publish")

    for client, address in (
        (house.organiser(), here(told.slug)),
        (house.organiser(), f"{here(told.slug)}/preview"),
        (house.visitor(), f"/registration/{told.slug}/sign-up"),
    ):
        page = client.get(address).get_data(as_text=True)
        assert "<script>alert" not in page
        assert "<img" not in page


@pytest.mark.parametrize("given", [{"kind": "quiz"}, {"kind": ""}])
def test_an_unknown_kind_is_no_page(house: House, given: dict[str, str]) -> None:
    told = house.event()

    assert house.organiser().get(f"{here(told.slug)}/questions/new?kind={given['kind']}").status_code == 404

"""Which questions are asked, what is missing, and what is kept."""

from hypothesis import given
from hypothesis import strategies as st

from services.registration.domain.answers import faults, settle, visible
from services.registration.domain.questions import Kind
from tests.registration.form_builders import a_form, a_question, after

CAR = a_question(Kind.YES_NO)
SEATS = a_question(Kind.SINGLE_CHOICE, required=True, condition=after(CAR, "yes"))
COLOUR = a_question(required=True, condition=after(SEATS, "red"))
DIET = a_question(sensitive=True)
FORM = a_form(CAR, SEATS, COLOUR, DIET)


def test_an_answer_to_a_hidden_question_is_dropped() -> None:
    sheet = settle(FORM, {CAR.id: False, SEATS.id: "red", COLOUR.id: "dark"}, ())

    assert sheet.values == {CAR.id: False}


def test_a_hidden_question_is_not_required() -> None:
    assert list(faults(FORM.questions, {CAR.id: False}, ())) == []
    assert [name for name, _ in faults(FORM.questions, {CAR.id: True}, ())] == [f"answers.{SEATS.id}"]


def test_what_hangs_on_a_hidden_question_is_hidden_too() -> None:
    assert visible(FORM.questions, {CAR.id: False, SEATS.id: "red"}) == [CAR, DIET]


def test_a_choice_of_several_shows_what_hangs_on_one_of_them() -> None:
    colours = a_question(Kind.MULTIPLE_CHOICE)
    why = a_question(condition=after(colours, "blue"))

    assert visible((colours, why), {colours.id: ["red", "blue"]}) == [colours, why]
    assert visible((colours, why), {colours.id: ["red"]}) == [colours]


def test_a_sensitive_answer_needs_its_own_consent() -> None:
    values = {DIET.id: "halal"}

    assert [name for name, _ in faults(FORM.questions, values, ())] == [f"answer_consents.{DIET.id}"]
    assert list(faults(FORM.questions, values, {DIET.id})) == []
    assert settle(FORM, values, ()).values == {}
    assert settle(FORM, values, {DIET.id}).values == values


def test_a_box_that_must_be_ticked_is_missed() -> None:
    shoes = a_question(Kind.YES_NO, must_agree=True)

    assert [name for name, _ in faults((shoes,), {shoes.id: False}, ())] == [f"answers.{shoes.id}"]
    assert list(faults((shoes,), {shoes.id: True}, ())) == []


@given(
    st.fixed_dictionaries(
        {},
        optional={
            CAR.id: st.booleans(),
            SEATS.id: st.sampled_from(["red", "blue", ""]),
            COLOUR.id: st.text(max_size=3),
            DIET.id: st.text(max_size=3),
        },
    ),
    st.sets(st.sampled_from([DIET.id])),
)
def test_what_is_kept_was_asked_and_agreed_to(values: dict[object, object], consents: set[object]) -> None:
    kept = settle(FORM, values, consents).values  # type: ignore[arg-type]

    asked = {each.id for each in visible(FORM.questions, values)}  # type: ignore[arg-type]
    assert set(kept) <= asked
    assert DIET.id not in kept or DIET.id in consents
    assert all(kept[key] == values[key] for key in kept)

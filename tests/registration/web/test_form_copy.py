"""The questions of one event taken over for another of the same organisation."""

from typing import Any
from uuid import uuid4

from services.registration.domain.forms import MOST_QUESTIONS
from services.registration.domain.questions import Kind, Question
from services.registration.storage import events, forms
from shared.contracts.events import Organiser
from tests.registration.builders import ORGANISATION
from tests.registration.doors import House, post
from tests.registration.form_builders import YES, a_question, after, asks
from tests.registration.web.test_form_builder import act, draft_of, here

FIRST = a_question(Kind.SINGLE_CHOICE, label={"en": "By car?"}, options=YES)
SECOND = a_question(label={"en": "Plate?", "ar": "اللوحة؟"}, condition=after(FIRST, "yes"), required=True)
STRANGER = Organiser(id=uuid4(), slug="stranger", name="Other e. V.", email="o@example.org")


def asking(house: House, slug: str, *questions: Question, **differences: Any) -> Any:
    """An event that asks these."""
    told = house.event(slug=slug, title={"en": f"Event {slug}"}, **differences)
    with house.sessions.begin() as session:
        asks(session, events.get(session, told.id), *questions)
    return told


def test_copied_questions_come_last_and_are_new_ones(house: House) -> None:
    source, told = asking(house, "one", FIRST, SECOND), house.event(slug="two")
    act(house, told.slug, "sets", format="fair")
    before = draft_of(house, told.id)

    page = house.organiser().get(here(told.slug)).get_data(as_text=True)
    answer = act(house, told.slug, "copy", from_event_id=str(source.id))

    *kept, first, second = draft_of(house, told.id)
    assert f'<option value="{source.id}"' in page
    assert "Event one, " in page
    assert answer.status_code == 303
    assert tuple(kept) == before
    assert (first.label, first.options, second.label) == (FIRST.label, YES, SECOND.label)
    assert second.condition == after(first, "yes")
    assert not {first.id, second.id} & {FIRST.id, SECOND.id}
    with house.sessions.begin() as session:
        assert events.get(session, told.id).form_id is None


def test_where_there_is_none_to_copy_the_page_says_so(house: House) -> None:
    told = house.event()
    asking(house, "stranger", FIRST, organiser=STRANGER)

    page = house.organiser().get(here(told.slug)).get_data(as_text=True)

    assert "None of your other events asks questions yet." in page
    assert "from_event_id" not in page


def test_an_event_that_asks_nothing_any_more_is_said_in_words(house: House) -> None:
    told, silent = house.event(), house.event(slug="silent")
    organiser, copy = house.organiser(), f"{here(told.slug)}/copy"

    post(organiser, here(told.slug), copy, from_event_id=str(silent.id))
    asks_nothing = organiser.get(here(told.slug)).get_data(as_text=True)
    post(organiser, here(told.slug), copy, from_event_id="")
    not_chosen = organiser.get(here(told.slug)).get_data(as_text=True)

    assert "That event asks no questions at sign-up." in asks_nothing
    assert "Please choose an event." in not_chosen


def test_a_form_that_would_be_too_long_stays_as_it_is(house: House) -> None:
    source = asking(house, "one", *(a_question() for _ in range(MOST_QUESTIONS)))
    told = asking(house, "two", FIRST)

    answer = act(house, told.slug, "copy", from_event_id=str(source.id))

    assert answer.status_code == 303
    assert draft_of(house, told.id) == (FIRST,)


def test_nobody_copies_from_another_organisation(house: House) -> None:
    foreign, told = asking(house, "stranger", FIRST, organiser=STRANGER), house.event()
    body = {"from_event_id": str(foreign.id)}
    address = f"/registration/api/v1/events/{told.id}/form/copy"

    page = act(house, told.slug, "copy", **body)
    mine = house.visitor().post(address, json=body, headers=house.token())
    theirs = house.visitor().post(address, json=body, headers=house.token(organisation=STRANGER.id))

    assert (page.status_code, mine.status_code, theirs.status_code) == (404, 404, 404)
    assert draft_of(house, told.id) == ()


def test_a_program_copies_a_form_and_it_counts_at_once(house: House) -> None:
    source, told = asking(house, "one", FIRST, SECOND), asking(house, "two", a_question(label={"en": "Old?"}))
    address = f"/registration/api/v1/events/{told.id}/form/copy"

    answer = house.visitor().post(address, json={"from_event_id": str(source.id)}, headers=house.token(ORGANISATION))
    silent = house.event(slug="silent")
    nothing = house.visitor().post(address, json={"from_event_id": str(silent.id)}, headers=house.token())

    assert answer.status_code == 200
    asked = answer.get_json()
    assert (asked["version"], [each["label"]["en"] for each in asked["questions"]]) == (2, ["By car?", "Plate?"])
    assert asked["questions"][1]["condition"] == {"question_id": asked["questions"][0]["id"], "value": "yes"}
    assert (nothing.status_code, nothing.get_json()["title"]) == (409, "There is nothing to copy")
    with house.sessions.begin() as session:
        version = forms.current(session, events.get(session, told.id))
        assert version is not None
        assert version.number == 2


def test_a_form_that_is_copied_again_stays_the_same(house: House) -> None:
    source, told = asking(house, "one", FIRST, SECOND), house.event(slug="two")
    address, body = f"/registration/api/v1/events/{told.id}/form", {"from_event_id": str(source.id)}

    first, again = (house.visitor().post(f"{address}/copy", json=body, headers=house.token()) for _ in range(2))
    with house.sessions.begin() as session:
        asks(session, events.get(session, source.id), FIRST)
    changed = house.visitor().post(f"{address}/copy", json=body, headers=house.token())

    assert (first.status_code, first.get_json()["version"]) == (200, 1)
    assert again.get_json() == first.get_json()
    assert (changed.get_json()["version"], len(changed.get_json()["questions"])) == (2, 1)


def test_the_same_key_copies_once(house: House) -> None:
    source, told = asking(house, "one", FIRST), house.event(slug="two")
    address, body = f"/registration/api/v1/events/{told.id}/form", {"from_event_id": str(source.id)}
    key = {"Idempotency-Key": "abc"} | house.token()

    first = house.visitor().post(f"{address}/copy", json=body, headers=key)
    house.visitor().put(address, json={"questions": []}, headers=house.token())
    again = house.visitor().post(f"{address}/copy", json=body, headers=key)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.get_json() == first.get_json()
    assert house.visitor().get(address).get_json()["questions"] == []

"""People who come in by another way than the public form are asked the same, there or on their own page."""

import io
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from services.registration.domain.addresses import address
from services.registration.domain.forms import FormVersion
from services.registration.domain.invitations import InvitationWish, Invitee
from services.registration.domain.questions import Kind, Question
from services.registration.storage import answers, events
from services.registration.storage.form_tables import AnswerRow, FileRow
from services.registration.storage.tables import CheckIn, Invitation, Registration
from services.registration.use_cases.invite import invite
from shared import clock
from shared.contracts.events import SignUpRules
from shared.contracts.registration import RegistrationConfirmed
from shared.policy import Actor, Role
from tests.registration.builders import ORGANISATION, TERMS, messages
from tests.registration.doors import House, post, sign_up
from tests.registration.form_builders import a_pdf, a_question, asks
from tests.registration.web.test_company import host
from tests.registration.web.test_hand_over import friends_link
from tests.registration.web.test_my_page import registered

ORGANISER = Actor(id=uuid4(), kind="account", organisations={ORGANISATION: Role.ORGANISER})
TEAM = a_question(label={"de": "Welche Gruppe?", "en": "Which team?"}, required=True)
COLOURS = a_question(Kind.MULTIPLE_CHOICE, label={"de": "Farben", "en": "Colours"})
DAY = a_question(Kind.DATE, label={"de": "Ab wann?", "en": "From when?"})
CV = a_question(Kind.FILE, label={"en": "CV?"})
DIET = a_question(sensitive=True, label={"en": "Diet?"})


def asking(house: House, *questions: Question, **differences: Any) -> tuple[Any, FormVersion]:
    """An event that asks these."""
    told = house.event(**differences)
    with house.sessions.begin() as session:
        return told, asks(session, events.get(session, told.id), *questions)


def given(house: House, name: str) -> dict[UUID, Any]:
    """What the registration of that name answered."""
    with house.sessions.begin() as session:
        found = session.scalars(select(Registration.id).where(Registration.name == name)).one()
        ring = house.app.extensions["registration"].terms.ring
        return {key: each.value for key, each in answers.opened(session, found, ring=ring).items()}


def page_of(house: House, name: str) -> str:
    """The address of her own page."""
    with house.sessions.begin() as session:
        found = session.scalars(select(Registration.id).where(Registration.name == name)).one()
    return f"/registration/my/{house.app.extensions['registration'].terms.links.page_token(found)}"


def number(house: House, table: Any) -> int:
    """How many rows there are."""
    with house.sessions.begin() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def open_questions(house: House) -> list[int]:
    """What the ticket mails are told, in order."""
    with house.sessions() as session:
        told = [each for each in messages(session) if isinstance(each, RegistrationConfirmed)]
    return [each.registration.open_questions for each in told]


# ---- by a personal link


def invited(house: House, told: Any) -> str:
    """What stands in Sara's mail."""
    people = (Invitee(address=address("sara@example.org"), name="Sara", locale="en"),)
    with house.sessions.begin() as session:
        how: dict[str, Any] = {"actor": ORGANISER, "session": session, "now": clock.now(), "terms": TERMS}
        ids, _known = invite(InvitationWish(invitees=people), event=events.get(session, told.id), **how)
    return f"/registration/invitations/{TERMS.links.invitation_token(ids[0])}"


def test_an_invited_person_answers_the_form_and_nothing_is_lost_on_the_way(house: House) -> None:
    told, _ = asking(house, TEAM, CV)
    link, visitor = invited(house, told), house.visitor()
    usual = {"name": "Sara", "locale": "en", "consents.privacy": "true"}

    looked = visitor.get(link).get_data(as_text=True)
    file = (io.BytesIO(a_pdf()), "cv.pdf")
    refused = post(visitor, link, link, **usual, **{f"answers.{CV.id}": file})
    page = refused.get_data(as_text=True)
    kept = re.search(rf'name="answers.{CV.id}" value="([0-9a-f-]+)"', page)
    nobody = number(house, Registration)
    taken = post(
        visitor, link, link, **usual, **{f"answers.{TEAM.id}": "red", f"answers.{CV.id}": kept[1] if kept else ""}
    )

    assert "Which team?" in looked
    assert "multipart/form-data" in looked
    assert (refused.status_code, nobody) == (422, 0)
    assert f'href="#field-answers-{TEAM.id}">Which team?' in page
    assert "cv.pdf" in page
    assert taken.status_code == 303
    assert given(house, "Sara") == {TEAM.id: "red", CV.id: kept[1] if kept else ""}
    assert open_questions(house) == [0]


def test_an_invitation_is_not_used_up_by_a_wrong_answer(house: House) -> None:
    told, _ = asking(house, COLOURS)
    link, visitor = invited(house, told), house.visitor()

    answer = post(
        visitor,
        link,
        link,
        name="Sara",
        locale="en",
        **{"consents.privacy": "true", f"answers.{COLOURS.id}": ["red", "pink"]},
    )

    assert answer.status_code == 422
    assert re.search(r'value="red"[^>]* checked', answer.get_data(as_text=True))
    with house.sessions.begin() as session:
        assert session.scalars(select(Invitation.state)).one() == "open"


# ---- as a friend


def test_a_friend_is_asked_before_the_place_is_hers(house: House) -> None:
    told, _ = asking(house, TEAM, DIET, sign_up=SignUpRules(hand_over=True))
    sign_up(house.visitor(), told.slug, name="Olena", **{f"answers.{TEAM.id}": "blue"})
    with house.sessions.begin() as session:
        found = session.scalars(select(Registration)).one()
        found.status = "confirmed"
        found.address_confirmed_at = clock.now()
    own, visitor, friend = page_of(house, "Olena"), house.visitor(), house.visitor()
    post(visitor, f"{own}/hand-over", f"{own}/hand-over", name="Ana", email="ana@example.org")
    link = friends_link(house)
    usual = {"name": "Ana", "locale": "en", "consents.privacy": "true"}

    looked = friend.get(link).get_data(as_text=True)
    refused = post(friend, link, link, **usual)
    waits = visitor.get(own).get_data(as_text=True)
    taken = post(
        friend,
        link,
        link,
        **usual,
        **{f"answers.{TEAM.id}": "red", f"answers.{DIET.id}": "halal", f"answer_consents.{DIET.id}": "true"},
    )

    assert "Which team?" in looked
    assert refused.status_code == 422
    assert "Please answer this question." in refused.get_data(as_text=True)
    assert "You have asked Ana to take your place" in waits
    assert (taken.status_code, taken.location) == (303, "/registration/hand-overs/thanks")
    assert given(house, "Ana") == {TEAM.id: "red", DIET.id: "halal"}
    assert given(house, "Olena") == {TEAM.id: "blue"}


# ---- by the organiser


@pytest.mark.parametrize("way", ["add", "walk-in"])
def test_an_organiser_leaves_questions_open_and_the_person_finds_them(house: House, way: str) -> None:
    told, _ = asking(house, TEAM, COLOURS, DIET)
    here, organiser = f"/registration/manage/{told.slug}/{way}", house.organiser()
    usual = {"name": "Ali", "email": "ali@example.org", "locale": "en", "consents.privacy": "true"}

    looked = organiser.get(here).get_data(as_text=True)
    faulty = post(organiser, here, here, **usual, **{f"answers.{COLOURS.id}": ["blue", "pink"]})
    nobody = number(house, Registration)
    taken = post(organiser, here, here, **usual, **{f"answers.{COLOURS.id}": ["blue"], f"answers.{DIET.id}": "halal"})

    assert "2 questions of the sign-up form" in looked
    assert "Diet?" not in looked
    assert (faulty.status_code, nobody) == (422, 0)
    assert '<details class="fold" open>' in faulty.get_data(as_text=True)
    assert taken.status_code == 303
    assert given(house, "Ali") == {COLOURS.id: ["blue"]}
    assert open_questions(house) == [1]
    page = house.visitor().get(page_of(house, "Ali")).get_data(as_text=True)
    assert "The organiser has 1 question for you" in page
    assert "Your answers are needed to prepare the event." in page


def test_a_wrong_answer_at_the_door_checks_nobody_in(house: House) -> None:
    told, _ = asking(house, DAY)
    here = f"/registration/manage/{told.slug}/walk-in"

    answer = post(
        house.organiser(),
        here,
        here,
        name="Ali",
        locale="en",
        session_id=str(told.sessions[0].id),
        **{"consents.privacy": "true", f"answers.{DAY.id}": "soon"},
    )

    assert answer.status_code == 422
    assert (number(house, Registration), number(house, CheckIn)) == (0, 0)


def test_her_page_calls_until_she_has_answered(house: House) -> None:
    told, _ = asking(house, TEAM, COLOURS)
    here = f"/registration/manage/{told.slug}/add"
    usual = {"name": "Ali", "email": "ali@example.org", "locale": "en", "consents.privacy": "true"}
    post(house.organiser(), here, here, **usual)
    own, visitor = page_of(house, "Ali"), house.visitor()

    before = visitor.get(own).get_data(as_text=True)
    post(visitor, f"{own}/answers", f"{own}/answers", **{f"answers.{TEAM.id}": "red"})
    after = visitor.get(own).get_data(as_text=True)

    assert "The organiser has 2 questions for you" in before
    assert f'href="{own}/answers"' in before
    assert "for you" not in after
    assert given(house, "Ali") == {TEAM.id: "red"}


def test_who_signed_up_herself_is_not_asked_again_for_what_she_left_out(house: House) -> None:
    told, _ = asking(house, COLOURS)
    sign_up(house.visitor(), told.slug, name="Olena")

    assert "question for you" not in house.visitor().get(page_of(house, "Olena")).get_data(as_text=True)


def test_a_guest_of_the_company_finds_the_questions_on_her_page(house: House) -> None:
    told, _ = asking(house, TEAM)
    page = f"/registration/company/{told.slug}"

    answer = post(
        host(house, told),
        page,
        f"{page}/guests",
        name="Guest",
        email="guest@example.org",
        locale="en",
        **{"consents.privacy": "true"},
    )

    assert answer.status_code == 303
    assert "The organiser has 1 question for you" in house.visitor().get(page_of(house, "Guest")).get_data(as_text=True)


def test_questions_that_came_later_are_told_to_who_has_a_place(house: House) -> None:
    told = house.event()
    _receipt, token = registered(house, told, name="Olena")
    with house.sessions.begin() as session:
        asks(session, events.get(session, told.id), TEAM, COLOURS)

    assert "The organiser has 1 question for you" in house.visitor().get(f"/registration/my/{token}").get_data(
        as_text=True
    )


# ---- by a list


LIST = (
    "Name;E-Mail;Welche Gruppe?;COLOURS;Ab  wann\n"
    "Anna;anna@example.org;rot;Rot, grün;3.12.2026\nBen;ben@example.org;;blue;\n"
)


def listed(house: House, told: Any, text: str, **more: Any) -> Any:
    """The page with a list."""
    here = f"/registration/manage/{told.slug}/import"
    return post(house.organiser(), here, here, text=text, locale="de", **{"step": "try", **more})


def test_columns_that_are_called_like_questions_become_answers(house: House) -> None:
    told, _ = asking(house, TEAM, COLOURS, DAY, DIET)

    tried = listed(house, told, LIST)
    done = listed(house, told, LIST, step="do", run_id=str(uuid4()), has_read="true")

    assert tried.status_code == 200
    assert f'value="answer-{TEAM.id}" selected' in tried.get_data(as_text=True)
    assert f'value="answer-{DIET.id}"' not in tried.get_data(as_text=True)
    assert done.status_code == 303
    assert given(house, "Anna") == {TEAM.id: "rot", COLOURS.id: ["red", "green"], DAY.id: "2026-12-03"}
    assert given(house, "Ben") == {COLOURS.id: ["blue"]}
    assert open_questions(house) == [0, 1]


def test_a_wrong_answer_in_a_list_is_a_fault_of_its_row_and_keeps_everybody_out(house: House) -> None:
    told, _ = asking(house, TEAM, COLOURS, DAY)
    text = LIST.replace("blue", "blue, pink").replace("3.12.2026", "31.2.2026")

    tried = listed(house, told, text)
    forced = listed(house, told, text, step="do", run_id=str(uuid4()), has_read="true")

    assert (tried.status_code, forced.status_code) == (422, 422)
    page = tried.get_data(as_text=True)
    assert "From when? – Please give a day like 2026-12-03." in page
    assert "Colours – Please choose one of those offered." in page
    assert number(house, Registration) == 0


def test_columns_of_questions_that_changed_meanwhile_are_not_dropped_in_silence(house: House) -> None:
    told, _ = asking(house, TEAM)
    columns = ["name", "email", f"answer-{TEAM.id}", "-", "-"]
    with house.sessions.begin() as session:
        asks(session, events.get(session, told.id), COLOURS)

    answer = listed(house, told, LIST, step="do", run_id=str(uuid4()), has_read="true", fields=columns)

    assert answer.status_code == 422
    assert "The questions have changed meanwhile." in answer.get_data(as_text=True)
    assert number(house, Registration) == 0


# ---- by programs


def test_programs_send_answers_with_lists_and_walk_ins(house: House) -> None:
    told, _ = asking(house, TEAM, COLOURS)
    base, headers = f"/registration/api/v1/events/{told.id}", house.token()
    person = {"name": "Anna", "email": "a@example.org", "consents": {"privacy": True}}
    wrong = {
        "name": "Ben",
        "email": "b@example.org",
        "consents": {"privacy": True},
        "answers": {str(COLOURS.id): "red"},
    }
    visitor = house.visitor()

    refused = visitor.post(f"{base}/imports", json={"people": [person, wrong], "dry_run": True}, headers=headers)
    person["answers"] = {str(TEAM.id): "red"}
    taken = visitor.post(f"{base}/imports", json={"people": [person]}, headers=headers)
    walk_in = {"name": "Ali", "consents": {"privacy": True}, "answers": {str(COLOURS.id): ["red"]}}
    let_in = visitor.post(f"{base}/walk-ins", json=walk_in, headers=headers)
    unknown = visitor.post(f"{base}/walk-ins", json={**walk_in, "answers": {str(uuid4()): "x"}}, headers=headers)

    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, [f"people.1.answers.{COLOURS.id}"])
    assert (taken.status_code, let_in.status_code, unknown.status_code) == (200, 201, 422)
    assert given(house, "Anna") == {TEAM.id: "red"}
    assert given(house, "Ali") == {COLOURS.id: ["red"]}
    assert number(house, AnswerRow) == 2
    assert number(house, FileRow) == 0

"""How an event gives its places: chosen by the organiser, told to registration, fixed once people know it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from services.events.domain.events import SelectionIsKnown
from services.events.storage import event_rows
from services.events.storage.tables import Event
from services.events.use_cases.change_event import change_event
from shared.contracts.events import EventChanged, EventPublished, SignUpRules
from shared.errors import InvalidInput
from tests.events.builders import BASE_URL, NOW, a_draft, a_published, messages

LATER = NOW + timedelta(hours=1)
BY_LOT = SignUpRules(selection="lottery", decides_at=NOW + timedelta(days=3))


def change(event: Event, session: Session, **differences: Any) -> None:
    wish = replace(event_rows.wish_of(event), **differences)
    change_event(event, wish, base_url=BASE_URL, session=session, now=LATER)


def test_the_rules_travel_with_the_event(session: Session) -> None:
    a_published(session, sign_up=BY_LOT, fields_of_study=("Physik",))

    (message,) = messages(session)

    assert isinstance(message, EventPublished)
    assert message.event.sign_up == BY_LOT
    assert message.event.fields_of_study == ("Physik",)


def test_an_event_without_a_choice_is_first_come(session: Session) -> None:
    event = a_published(session)
    event.sign_up_rules = {}  # as the previous release wrote it
    session.flush()

    assert event_rows.rules_of(event) == SignUpRules()


@pytest.mark.parametrize(
    ("wish", "name"),
    [
        ({"sign_up": SignUpRules(selection="lottery")}, "sign_up.decides_at"),
        ({"sign_up": SignUpRules(selection="priority", decides_at=LATER)}, "sign_up.priorities"),
        (
            {"sign_up": SignUpRules(selection="priority", decides_at=LATER, priorities=("target_group",))},
            "sign_up.audiences",
        ),
        (
            {"sign_up": SignUpRules(selection="priority", decides_at=LATER, priorities=("field_of_study",))},
            "fields_of_study",
        ),
        ({"sign_up": SignUpRules(answer_frees=True)}, "sign_up.answer_days"),
        ({"sign_up": BY_LOT, "sign_up_opens_at": NOW + timedelta(days=3)}, "sign_up.decides_at"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(session: Session, wish: dict[str, Any], name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        a_draft(session, **wish)

    assert list(refused.value.errors) == [name]


def test_a_lottery_may_be_drawn_when_sign_up_closes(session: Session) -> None:
    event = a_draft(session, sign_up=SignUpRules(selection="lottery"), sign_up_closes_at=LATER)

    assert event_rows.rules_of(event).selection == "lottery"


def test_who_comes_first_is_fixed_once_people_read_it(session: Session) -> None:
    event = a_published(session)

    with pytest.raises(SelectionIsKnown):
        change(event, session, sign_up=BY_LOT)

    assert event_rows.rules_of(event) == SignUpRules()
    assert len(messages(session)) == 1


def test_the_time_to_take_an_offered_place_may_change(session: Session) -> None:
    event = a_published(session)

    change(event, session, sign_up=SignUpRules(offer_hours=12))

    told = messages(session)[-1]
    assert isinstance(told, EventChanged)
    assert told.event.sign_up.offer_hours == 12

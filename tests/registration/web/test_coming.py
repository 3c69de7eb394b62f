"""She says on her page whether she comes, and the organiser reads it."""

from datetime import timedelta

import time_machine

from services.registration.use_cases.write_before import make_rounds, write_notices
from shared import clock
from shared.contracts.events import SignUpRules
from tests.registration.builders import LINKS
from tests.registration.doors import House, post
from tests.registration.web.test_my_page import registered


def test_she_is_asked_says_yes_and_the_organiser_sees_it(house: House) -> None:
    told = house.event(sign_up=SignUpRules(answer_days=3))
    receipt, token = registered(house, told, name="Olena")
    detail = f"/registration/manage/{told.slug}/attendees/{receipt.id}"
    with time_machine.travel(told.sessions[0].starts_at - timedelta(days=3), tick=False):
        with house.sessions.begin() as session:
            make_rounds(session=session, now=clock.now())
            write_notices(session=session, now=clock.now(), links=LINKS)
        visitor, organiser = house.visitor(), house.organiser()
        address = f"/registration/my/{token}/coming"

        asked = visitor.get(f"/registration/my/{token}").get_data(as_text=True)
        looked = [visitor.get(address).status_code for _ in range(3)]
        open_ = organiser.get(detail).get_data(as_text=True)
        answer = post(visitor, address, address)
        answered = visitor.get(answer.location).get_data(as_text=True)
        listed = organiser.get(f"/registration/manage/{told.slug}/attendees?columns=coming").get_data(as_text=True)

    assert "Do you come?" in asked
    assert looked == [200, 200, 200]
    assert "Asked, no answer yet" in open_
    assert "You said that you come." in answered
    assert "Says yes, will come" in listed


def test_who_is_not_asked_is_led_to_her_page(house: House) -> None:
    _, token = registered(house, house.event())

    looked = house.visitor().get(f"/registration/my/{token}/coming")

    assert (looked.status_code, looked.location) == (303, f"/registration/my/{token}")

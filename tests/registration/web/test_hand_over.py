"""A place passes to a friend: her page, the friend's page, and what each of them learns."""

from sqlalchemy import select

from services.registration.domain.secrets import fingerprint
from services.registration.storage.tables import HandOver
from shared.contracts.events import SignUpRules
from tests.registration.builders import LINKS
from tests.registration.doors import House, post
from tests.registration.web.test_my_page import registered


def friends_link(house: House) -> str:
    """What stands in the friend's mail."""
    with house.sessions.begin() as session:
        found = session.scalars(select(HandOver)).one()
        token = LINKS.hand_over_token(found.id)
        assert found.token_hash == fingerprint(token)
    return f"/registration/hand-overs/{token}"


def test_from_her_page_to_the_friends_yes(house: House) -> None:
    told = house.event(sign_up=SignUpRules(hand_over=True))
    _, token = registered(house, told, name="Olena")
    own = f"/registration/my/{token}"
    visitor, friend = house.visitor(), house.visitor("ar")

    asked = post(visitor, f"{own}/hand-over", f"{own}/hand-over", name="Ana", email="ana@example.org")
    waits = visitor.get(own).get_data(as_text=True)
    link = friends_link(house)
    looked = friend.get(link).get_data(as_text=True)
    refused = post(friend, link, link, name="Ana")
    taken = post(friend, link, link, name="Ana", locale="ar", **{"consents.privacy": "true"})
    after = visitor.get(own).get_data(as_text=True)

    assert (asked.status_code, asked.location) == (303, own)
    assert "You have asked Ana to take your place" in waits
    assert "Olena" in looked
    assert refused.status_code == 422
    assert (taken.status_code, taken.location) == (303, "/registration/hand-overs/thanks")
    assert friend.get(taken.location).status_code == 200
    assert "You handed your place on" in after
    assert friend.get(link).status_code == 410


def test_a_friend_who_is_registered_sees_the_same_answers(house: House) -> None:
    told = house.event(sign_up=SignUpRules(hand_over=True))
    _, token = registered(house, told, name="Olena")
    registered(house, told, name="Ana", email="ana@example.org")
    own = f"/registration/my/{token}"
    visitor, friend = house.visitor(), house.visitor()

    asked = post(visitor, f"{own}/hand-over", f"{own}/hand-over", name="Ana", email="ana@example.org")
    link = friends_link(house)
    taken = post(friend, link, link, name="Ana", locale="de", **{"consents.privacy": "true"})

    assert (asked.status_code, asked.location) == (303, own)
    assert (taken.status_code, taken.location) == (303, "/registration/hand-overs/thanks")
    assert "You have asked Ana to take your place" in visitor.get(own).get_data(as_text=True)


def test_she_takes_her_question_back(house: House) -> None:
    told = house.event(sign_up=SignUpRules(hand_over=True))
    _, token = registered(house, told)
    own = f"/registration/my/{token}"
    visitor = house.visitor()
    post(visitor, f"{own}/hand-over", f"{own}/hand-over", name="Ana", email="ana@example.org")
    link = friends_link(house)

    post(visitor, own, f"{own}/hand-over/take-back")

    assert house.visitor().get(link).status_code == 410
    assert "Your ticket" in visitor.get(own).get_data(as_text=True)


def test_without_the_organisers_leave_there_is_no_such_page(house: House) -> None:
    _, token = registered(house, house.event())

    assert "hand-over" not in house.visitor().get(f"/registration/my/{token}").get_data(as_text=True)
    assert house.visitor().get(f"/registration/my/{token}/hand-over").status_code == 409

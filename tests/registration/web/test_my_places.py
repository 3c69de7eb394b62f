"""She changes where she takes part on her own page."""

from dataclasses import replace

from tests.registration.builders import a_quota
from tests.registration.doors import House, post
from tests.registration.web.test_my_page import registered


def test_she_moves_to_another_group_and_sees_it(house: House) -> None:
    one, two = a_quota(1, name={"en": "Morning group"}), a_quota(1, name={"en": "Evening group"})
    told = house.event(quotas=(one, two))
    _, token = registered(house, told, quota_ids=(one.id,))
    visitor = house.visitor()
    address = f"/registration/my/{token}/places"

    before = visitor.get(address).get_data(as_text=True)
    moved = post(visitor, address, address, quota_ids=str(two.id))
    after = visitor.get(moved.location).get_data(as_text=True)

    assert "Your place is here." in before
    assert (moved.status_code, moved.location) == (303, f"/registration/my/{token}")
    assert "Evening group" in after
    assert "Morning group" not in after


def test_while_she_waits_she_reads_which_place_she_keeps(house: House) -> None:
    one, two = a_quota(1, name={"en": "Morning group"}), a_quota(1, name={"en": "Evening group"})
    told = house.event(quotas=(one, two))
    _, token = registered(house, told, quota_ids=(one.id,))
    registered(house, told, quota_ids=(two.id,))
    visitor = house.visitor()
    address = f"/registration/my/{token}/places"

    moved = post(visitor, address, address, quota_ids=str(two.id))
    page = visitor.get(moved.location).get_data(as_text=True)

    assert "you keep this one" in page
    assert "You are number 1 on the waiting list" in page
    assert f'href="{address}"' in page  # the way to take the wish back, where there is no third group to choose

    back = post(visitor, address, address, quota_ids=str(one.id))
    page = visitor.get(back.location).get_data(as_text=True)

    assert "waiting list" not in page
    assert "you keep this one" not in page


def test_after_cancelling_there_is_nothing_left_to_change(house: House) -> None:
    one, two = a_quota(1), a_quota(1)
    _, token = registered(house, house.event(quotas=(one, two)), quota_ids=(one.id,))
    visitor = house.visitor()
    hers = f"/registration/my/{token}"
    assert visitor.get(f"{hers}/places").status_code == 200

    post(visitor, f"{hers}/cancel", f"{hers}/cancel")

    answer = visitor.get(f"{hers}/places")
    assert (answer.status_code, answer.location) == (303, hers)


def test_choosing_nothing_is_said_and_changes_nothing(house: House) -> None:
    one, two = a_quota(1), a_quota(1)
    told = house.event(quotas=(one, two))
    _, token = registered(house, told, quota_ids=(one.id,))
    visitor = house.visitor()
    address = f"/registration/my/{token}/places"

    answer = post(visitor, address, address)

    assert answer.status_code == 422
    assert "Please choose where you want to take part." in answer.get_data(as_text=True)


def test_an_event_with_one_group_offers_no_change(house: House) -> None:
    _, token = registered(house, house.event())

    assert "/places" not in house.visitor().get(f"/registration/my/{token}").get_data(as_text=True)


def test_a_part_that_ended_is_kept_on_the_page_with_another(house: House) -> None:
    one, two = a_quota(1, name={"en": "Morning group"}), a_quota(1, name={"en": "Evening group"})
    told = house.event(quotas=(one, two), quota_choice="any")
    _, token = registered(house, told, quota_ids=(one.id,))
    house.event(replace(told, version=2, quotas=(two,)))
    visitor = house.visitor()
    address = f"/registration/my/{token}/places"

    mine = visitor.get(f"/registration/my/{token}").get_data(as_text=True)
    before = visitor.get(address).get_data(as_text=True)
    moved = post(visitor, address, address, quota_ids=[str(one.id), str(two.id)])
    after = visitor.get(moved.location).get_data(as_text=True)

    assert address in mine
    assert f'value="{one.id}"' in before
    assert "No longer offered" in before
    assert moved.status_code == 303
    assert "No longer offered" in after
    assert "Evening group" in after

"""Who applied is told so, and is not said to stand in a line."""

from dataclasses import replace
from typing import Any

from shared.contracts.events import SignUpRules
from tests.registration.builders import a_quota
from tests.registration.doors import House, a_coming_event
from tests.registration.web.test_my_page import registered

APPROVAL = SignUpRules(selection="approval")
GROUPS = (a_quota(2, name={"en": "Group of lathes"}), a_quota(1, name={"en": "Group of robots"}))


def approved_by_hand(house: House) -> Any:
    """An event for which people apply."""
    return house.event(replace(a_coming_event(quotas=GROUPS), sign_up=APPROVAL))


def test_she_reads_what_she_applied_for_and_not_that_she_waits(house: House) -> None:
    _, token = registered(house, approved_by_hand(house), quota_ids=(GROUPS[1].id,))

    page = house.visitor().get(f"/registration/my/{token}").get_data(as_text=True)

    assert "You have applied" in page
    assert "Group of robots" in page
    assert "Group of lathes" not in page
    assert "On the waiting list" not in page


def test_her_organiser_sees_it_in_list_and_file(house: House) -> None:
    told = approved_by_hand(house)
    receipt, _ = registered(house, told, quota_ids=(GROUPS[1].id,))
    organiser, area = house.organiser(), f"/registration/manage/{told.slug}"

    seen = [f"{area}/attendees", f"{area}/attendees/{receipt.id}", f"{area}/attendees.csv"]
    pages = [organiser.get(each).get_data(as_text=True) for each in seen]

    assert ["Applied" in each for each in pages] == [True, True, True]
    assert not any("On the waiting list" in each for each in pages)


def test_withdrawing_says_what_is_given_up(house: House) -> None:
    full = house.event(slug="full", quotas=(a_quota(1),))
    _, holder = registered(house, full)
    _, waiting = registered(house, full)
    _, applicant = registered(house, approved_by_hand(house), quota_ids=(GROUPS[0].id,))

    def asked(token: str) -> str:
        return house.visitor().get(f"/registration/my/{token}/cancel").get_data(as_text=True)

    assert "Your place goes to the next person at once." in asked(holder)
    assert "You leave the waiting list." in asked(waiting)
    assert "Your application is withdrawn." in asked(applicant)


def test_who_waits_for_one_of_several_groups_reads_for_which(house: House) -> None:
    told = house.event(slug="groups", quotas=GROUPS)
    for _ in range(2):
        _, token = registered(house, told, quota_ids=(GROUPS[1].id,))

    page = house.visitor().get(f"/registration/my/{token}").get_data(as_text=True)

    assert "You are number 1 on the waiting list" in page
    assert "Group of robots" in page


def test_the_organisers_pages_lead_back_to_the_organisers_event(house: House) -> None:
    told = house.event(quotas=(a_quota(1),))
    registered(house, told)
    organiser = house.organiser()

    for path in ("attendees", "walk-in"):
        page = organiser.get(f"/registration/manage/{told.slug}/{path}").get_data(as_text=True)
        assert f'href="/events/manage/events/{told.id}"' in page
        assert f"/events/manage/events/{told.slug}" not in page

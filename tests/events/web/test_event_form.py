"""The form of an event, where it must help without scripts."""

import re

from tests.events.doors import House, post

NEW = "/events/manage/new/company_tour"


def test_one_more_quota_is_what_the_browser_shows_next(house: House) -> None:
    desk = house.signed_in()
    page = desk.get(NEW).get_data(as_text=True)
    found = re.search(r'value="add-quotas" formaction="#([\w-]+)"', page)

    assert found
    assert f'id="{found[1]}"' not in page
    after = post(desk, NEW, {"go": "add-quotas", "quotas.0.id": "", "quotas.0.capacity": "15"})
    assert f'id="{found[1]}"' in after.get_data(as_text=True)


def test_no_two_time_zones_look_alike(house: House) -> None:
    page = house.signed_in().get(f"{NEW}?lang=de").get_data(as_text=True)
    select = page.partition('name="sessions.0.zone"')[2].partition("</select>")[0]
    names = [each.strip() for each in re.findall(r"<option[^>]*>([^<]+)", select)]

    assert "Wien – Mitteleuropäische Zeit" in names
    assert "UTC" in names
    assert len(names) == len(set(names))

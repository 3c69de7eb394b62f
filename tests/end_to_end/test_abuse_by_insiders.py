"""What members with a small role, or with a role elsewhere, try."""

from typing import Any

import pytest

from tests.end_to_end.town import Town, done

ROLES = ("admin", "organiser", "helper")
MEMBERS = "/events/api/v1/organisations/torweg/members"
TOKENS = "/events/api/v1/organisations/torweg/tokens"
pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]


def test_nobody_changes_what_belongs_to_another_organisation(town: Town) -> None:
    """Case 17: every write to a foreign event, member, token, registration is 404, and nothing happens."""
    event = town.event()
    registered = town.attendee(event)
    own = f"/events/api/v1/events/{event['id']}"
    before = done(town.call("GET", own, token=town.organiser), 200)
    sessions = [{"starts_at": "2031-01-01T10:00"}]
    writes: list[tuple[str, str, Any]] = [
        ("PATCH", own, {"title": "Übernommen"}),
        ("POST", f"{own}/cancel", {"reason": "Übernommen"}),
        ("POST", f"{own}/reschedule", {"sessions": sessions}),
        ("POST", f"{own}/publish", None),
        ("GET", MEMBERS, None),
        ("POST", MEMBERS, {"email": "evil@example.org", "role": "admin"}),
        ("GET", TOKENS, None),
        ("POST", TOKENS, {"role": "admin"}),
        ("GET", "/events/api/v1/organisations/torweg", None),
        ("DELETE", f"/registration/api/v1/registrations/{registered['id']}", None),
    ]

    answers = {(method, path): town.call(method, path, token=town.rival, json=body) for method, path, body in writes}

    assert {each.status_code for each in answers.values()} == {404}
    after = done(town.call("GET", own, token=town.organiser), 200)
    assert {**after, "quotas": []} == {**before, "quotas": []}  # free places follow a moment later
    assert town.registrations(event) == [registered]
    members = done(town.call("GET", MEMBERS, token=town.admin), 200)["items"]
    assert "evil@example.org" not in [each["email"] for each in members]


def test_nobody_plans_events_for_another_organisation(town: Town) -> None:
    """Case 17: naming the other organisation in the wish."""
    wish: dict[str, Any] = {"format": "conference", "title": "Übernahme"}

    by_slug = town.call("POST", "/events/api/v1/events", token=town.rival, json=wish | {"organiser": "torweg"})
    by_id = town.call("POST", "/events/api/v1/events", token=town.rival, json=wish | {"organisation_id": "torweg"})

    assert by_slug.status_code in {403, 404, 422}
    assert by_id.status_code == 422
    titles = [each["title"].get("de") for each in _all_events(town, town.organiser)]
    assert "Übernahme" not in titles


@pytest.mark.parametrize("role", ["organiser", "helper"])
def test_nobody_below_an_administrator_makes_members_or_tokens(town: Town, role: str) -> None:
    """Case 17: by token and by browser; nobody grants more than she has."""
    token = getattr(town, role)
    browser = town.signed_in(role)
    before = len(done(town.call("GET", MEMBERS, token=town.admin), 200)["items"])
    page = "/events/account/organisations/torweg"

    refused = [town.call("POST", MEMBERS, token=token, json={"email": "evil@example.org", "role": "admin"})]
    refused += [town.call("POST", TOKENS, token=token, json={"role": each}) for each in ROLES]
    refused += [town.call("GET", path, token=token) for path in (MEMBERS, TOKENS)]
    for path in ("members", "tokens"):
        fields = {"email": "evil@example.org", "role": "admin", "name": "Evil"}
        refused.append(browser.fill("/events/account/", fields, to=f"{page}/{path}"))

    assert {each.status_code for each in refused} == {403}
    assert len(done(town.call("GET", MEMBERS, token=town.admin), 200)["items"]) == before


def test_a_helper_opens_the_door_and_nothing_else(town: Town) -> None:
    """Case 17: lists, exports, events, mails are not hers."""
    event, browser = town.event(), town.signed_in("helper")
    registered = town.attendee(event)
    manage = f"/registration/manage/{event['slug']}"
    pages = [f"{manage}/{each}" for each in ("", "add", "attendance", "attendance.csv", "attendance.xlsx", "devices")]
    event_path = f"/events/api/v1/events/{event['id']}"

    refused = [browser.get(page) for page in (*pages, "/events/manage/", "/notifications/manage/")]
    refused += [
        town.call("GET", f"/registration/api/v1/events/{event['id']}/registrations", token=town.helper),
        town.call("DELETE", f"/registration/api/v1/registrations/{registered['id']}", token=town.helper),
        town.call("PATCH", event_path, token=town.helper, json={"title": "X"}),
        town.call("POST", f"{event_path}/cancel", token=town.helper, json={}),
        town.call("POST", "/events/api/v1/events", token=town.helper, json={"format": "conference", "title": "X"}),
        town.call("GET", "/notifications/api/v1/mails", token=town.helper),
    ]

    assert {each.url: each.status_code for each in refused if each.status_code != 403} == {}
    assert browser.get(f"/registration/check-in/{event['slug']}").status_code == 200
    assert town.registrations(event) == [registered]


def test_an_organisation_keeps_its_last_administrator(town: Town) -> None:
    """Case 17: she can neither be removed nor step down, not even twice at once."""
    members = "/events/api/v1/organisations/anderswo/members"
    wish = {"email": "chefin@anderswo.example.org", "role": "admin"}
    chief = done(town.call("POST", members, token=town.rival, json=wish), 201)
    path = f"{members}/{chief['account_id'] if 'account_id' in chief else chief['id']}"

    refused = [
        town.call("DELETE", path, token=town.rival),
        town.call("PATCH", path, token=town.rival, json={"role": "helper"}),
        town.call("POST", members, token=town.rival, json=wish | {"role": "helper"}),
    ]

    assert [each.status_code for each in refused] == [409, 409, 409]
    roles = [each["role"] for each in done(town.call("GET", members, token=town.rival), 200)["items"]]
    assert roles == ["admin"]


def test_a_withdrawn_token_is_worth_nothing_in_any_service(town: Town) -> None:
    """Case 17: and nobody withdraws another organisation's token."""
    given = done(town.call("POST", TOKENS, token=town.admin, json={"role": "organiser", "name": "Probe"}), 201)
    event = town.event()
    foreign = town.call("DELETE", f"{TOKENS}/{given['id']}", token=town.rival)
    assert foreign.status_code == 404
    assert town.call("GET", "/events/api/v1/organisations", token=given["token"]).status_code == 200

    assert town.call("DELETE", f"{TOKENS}/{given['id']}", token=town.admin).status_code == 204

    assert town.call("GET", "/events/api/v1/organisations", token=given["token"]).status_code == 401
    program = town.visitor()
    program.headers["Authorization"] = f"Bearer {given['token']}"
    town.eventually_refused(program, f"/registration/api/v1/events/{event['id']}/registrations")
    town.eventually_refused(program, "/notifications/api/v1/mails")


def _all_events(town: Town, token: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    query = {"limit": "100"}
    while True:
        page = done(town.call("GET", "/events/api/v1/events", token=token, params=query), 200)
        found += page["items"]
        if not page["next"]:
            return found
        query["cursor"] = page["next"]

"""The catalogue, the event page and the feed, as everybody sees them."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import icalendar
import pytest

from services.events.domain.events import QuotaWish
from services.events.storage import event_rows
from services.events.storage.tables import Availability, Event, Organisation
from services.events.use_cases.cancel_event import cancel_event
from services.events.use_cases.change_event import change_event
from shared import clock
from tests.events.builders import BASE_URL, a_draft, a_published, a_session, an_organisation
from tests.events.doors import Counted, House


def local(days: int, hour: int = 14) -> datetime:
    return (clock.now() + timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0, tzinfo=None)


def coming(days: int = 7, **differences: Any) -> Any:
    return a_session(local_start=local(days), local_end=local(days, 16), **differences)


def an_event(house: House, *, draft: bool = False, **differences: Any) -> Event:
    with house.sessions.begin() as session:
        organisation = session.query(Organisation).first() or an_organisation(session)
        make = a_draft if draft else a_published
        event = make(session, organisation, **({"sessions": (coming(),)} | differences))
        _ = event.sessions, event.quotas
        return event


def test_the_catalogue_shows_what_is_on(house: House) -> None:
    an_event(house)
    an_event(house, draft=True, title={"de": "Noch geheim"})
    an_event(house, title={"de": "Vorbei"}, sessions=(coming(-7),))

    page = house.visitor().get("/events/").text

    assert "Blick in die Goldschmiede" in page
    assert "Noch geheim" not in page
    assert "Vorbei" not in page
    assert "1 event" in page


def test_filters_narrow_the_list_and_stay_in_the_form(house: House) -> None:
    an_event(house, languages=("de", "ar"))
    an_event(house, format="fair", title={"en": "Fair & square"}, quotas=(QuotaWish(capacity=9),))

    page = house.visitor().get("/events/?format=fair&free=true&text=SQUARE&utm_source=x").text

    assert "Fair &amp; square" in page
    assert "Blick in die Goldschmiede" not in page
    assert '<option value="fair" selected>' in page
    assert "Nothing fits your search" in house.visitor().get("/events/?city=Ulm").text


@pytest.mark.parametrize("query", ["format=nonsense", "from=gestern", "text=" + "x" * 101, "page=1000000000"])
def test_an_unsound_filter_is_named_and_left_out(house: House, query: str) -> None:
    an_event(house)

    answer = house.visitor().get(f"/events/?{query}")

    assert answer.status_code == 422
    assert "Blick in die Goldschmiede" in answer.text
    assert "Please check these entries" in answer.text


@pytest.mark.parametrize("number", [1, 3])
def test_the_catalogue_asks_the_database_the_same_few_times(house: House, number: int) -> None:
    for _ in range(number):
        an_event(house)

    with Counted(house.engine) as statements:
        page = house.visitor().get("/events/").text

    assert page.count("event-card-title") == number
    assert len(statements) == 9, statements.statements


def test_an_unchanged_catalogue_is_not_sent_again(house: House) -> None:
    event = an_event(house)
    tag = house.visitor().get("/events/").headers["ETag"]

    assert house.visitor().get("/events/", headers={"If-None-Match": tag}).status_code == 304
    with house.sessions.begin() as session:
        cancel_event(session.get_one(Event, event.id), reason={}, base_url=BASE_URL, session=session, now=clock.now())
    assert house.visitor().get("/events/", headers={"If-None-Match": tag}).status_code == 200


def test_the_event_page_tells_everything_but_the_join_link(house: House) -> None:
    event = an_event(
        house,
        sessions=(coming(), coming(8, place=None, join_url="https://meet.example.org/geheim")),
        languages=("de",),
        german_level="B1",
        safety=("closed_shoes",),
        accessibility={"de": "stufenlos"},
    )

    answer = house.visitor().get(f"/events/{event.slug}")

    for text in ("Blick in die Goldschmiede", "Werk 2", "Pforzheim", "B1", "Closed shoes", "stufenlos", "Brücke e. V."):
        assert text in answer.text
    assert f'href="/registration/{event.slug}/sign-up"' in answer.text
    assert "geheim" not in answer.text
    assert 'lang="de"' in answer.text


def test_drafts_are_shown_to_their_organisation_only(house: House) -> None:
    event = an_event(house, draft=True)

    assert house.visitor().get(f"/events/{event.slug}").status_code == 404
    assert house.signed_in("organiser", "andere").get(f"/events/{event.slug}").status_code == 404
    own = house.signed_in("organiser").get(f"/events/{event.slug}")
    assert own.status_code == 200
    assert "This is a draft" in own.text


def test_a_cancelled_event_says_so_and_takes_no_sign_ups(house: House) -> None:
    event = an_event(house)
    with house.sessions.begin() as session:
        row = session.get_one(Event, event.id)
        cancel_event(row, reason={"de": "Krankheit"}, base_url=BASE_URL, session=session, now=clock.now())

    page = house.visitor().get(f"/events/{event.slug}").text

    assert "This event has been cancelled" in page
    assert "Krankheit" in page
    assert "/sign-up" not in page


def test_search_engines_get_the_event_as_data(house: House) -> None:
    event = an_event(house, title={"de": "Gold </script><script>alert(1)</script>"})

    page = house.visitor().get(f"/events/{event.slug}").text
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    data = json.loads(found[1])

    assert data["name"] == "Gold </script><script>alert(1)</script>"
    assert (data["@type"], data["eventStatus"]) == ("Event", "https://schema.org/EventScheduled")
    assert data["startDate"].endswith(("+01:00", "+02:00"))
    assert data["location"]["address"]["addressLocality"] == "Pforzheim"
    assert data["offers"]["availability"] == "https://schema.org/InStock"
    assert page.count("<script") == page.count("<script src=") + 1


def test_a_full_event_says_that_one_can_wait(house: House) -> None:
    event = an_event(house)
    with house.sessions.begin() as session:
        quota = event.quotas[0]
        session.add(Availability(quota_id=quota.id, event_id=event.id, version=1, capacity=10, free=0, waiting=2))

    page = house.visitor().get(f"/events/{event.slug}").text

    assert "2 people are waiting" in page
    assert "SoldOut" in page
    assert f'data-availability-url="/events/api/v1/events/{event.id}/availability"' in page


@pytest.mark.parametrize("slug", ["Nope", "nope", "../etc/passwd", "%00", "x" * 300])
def test_what_is_not_there_is_a_kind_404(house: House, slug: str) -> None:
    assert house.visitor().get(f"/events/{slug}").status_code == 404


def feed(house: House, **headers: str) -> Any:
    return house.visitor("de").get("/events/calendar.ics", headers=headers)


def test_the_feed_is_the_same_bytes_until_something_changes(house: House) -> None:
    event = an_event(house)
    first, second = feed(house), feed(house)

    assert first.data == second.data
    assert first.mimetype == "text/calendar"
    assert feed(house, **{"If-None-Match": first.headers["ETag"]}).status_code == 304
    with house.sessions.begin() as session:
        row = session.get_one(Event, event.id)
        wish = event_rows.wish_of(row)
        change_event(row, wish, base_url=BASE_URL, session=session, now=clock.now())
    assert feed(house, **{"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_the_feed_holds_each_session_and_nobodys_address(house: House) -> None:
    event = an_event(
        house,
        title={"de": "Gold; Silber, Kupfer\\Zinn"},
        sessions=(coming(), coming(8, place=None, join_url="https://meet.example.org/geheim")),
    )

    answer = feed(house)
    entries = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")

    assert [str(each["SUMMARY"]) for each in entries] == ["Gold; Silber, Kupfer\\Zinn"] * 2
    assert {str(each["UID"]) for each in entries} == {f"{each.id}@127.0.0.1" for each in event.sessions}
    assert entries[0]["DTSTART"].dt == event.sessions[0].starts_at
    assert entries[0]["DTSTAMP"].dt == event.changed_at.replace(microsecond=0)
    for secret in (b"geheim", b"ATTENDEE", b"mailto", b"METHOD"):
        assert secret not in answer.data

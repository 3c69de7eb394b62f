"""The company portal as a visitor's browser meets it."""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from services.events.storage.tables import Event, Offer
from shared import clock
from shared.contracts.events import SignInRequested, TourOffered
from tests.events.builders import a_published, messages
from tests.events.doors import House, post
from tests.events.offer_builders import TOUR

START = "/events/company/"
DAY = (clock.now() + timedelta(days=60)).date()
LATER = [f"{DAY + timedelta(days=number)}T{time}" for number, time in enumerate(("14:00", "09:30", "14:00"))]
FORM: dict[str, dict[str, Any]] = {
    "company": {
        "company_name": TOUR["company_name"],
        "site.street": "Werkstr. 2",
        "site.postal_code": "75172",
        "site.city": "Pforzheim",
        "site.country": "DE",
        "contact_name": "Eva Gold",
        "phone": "",
        "website": "gold.example.org",
    },
    "tour": {"title": TOUR["title"], "description": "Kurz.", "language": "de", "fields_of_study": "Design, Mechanik"},
    "dates": {
        "date": [each[:10] for each in LATER],
        "time": [each[11:] for each in LATER],
        "duration_minutes": "150",
        "guides": "1",
        "places": "10",
    },
    "visitors": {"meeting_point": "Pforte Nord", "arrival": "", "languages": ["de", "en"], "german_level": "A2"},
    "safety": {"safety": ["closed_shoes"], "safety_notes": "", "accessibility": ""},
}


def begin(house: House, client: FlaskClient, email: str = "eva@gold.example.org") -> UUID:
    """The first tap; the answer leads to the first step."""
    organisation_id = house.organisation()
    wish = {"organisation_id": str(organisation_id), "company_name": TOUR["company_name"], "email": email}
    answer = post(client, "/events/company/offers", wish)
    found = re.fullmatch(r"/events/company/offers/([0-9a-f-]{36})/company", answer.location)
    assert answer.status_code == 303
    assert found
    return UUID(found[1])


def fill(client: FlaskClient, offer_id: UUID, **differences: Any) -> None:
    """All steps, one after the other."""
    for step, fields in FORM.items():
        answer = post(client, f"/events/company/offers/{offer_id}/{step}", fields | differences)
        assert answer.status_code == 303, answer.get_data(as_text=True)


def confirm(house: House, client: FlaskClient) -> str:
    """Open the mailed link and press its button; answers where it leads."""
    with house.sessions() as session:
        mail = [each for each in messages(session) if isinstance(each, SignInRequested)][-1]
    assert mail.purpose == "offer_tour"
    answer = post(client, mail.link.removeprefix("http://127.0.0.1:8000"))
    return str(answer.location)


def stored(house: House, offer_id: UUID) -> Offer:
    with house.sessions() as session:
        return session.scalars(select(Offer).where(Offer.id == offer_id)).one()


def test_the_whole_way_from_the_first_tap_to_the_sent_offer(house: House) -> None:
    phone = house.visitor()

    offer_id = begin(house, phone)
    fill(phone, offer_id)
    where = confirm(house, phone)
    answer = post(phone, f"/events/company/offers/{offer_id}/send")

    assert where == f"/events/company/offers/{offer_id}/check"
    assert answer.location == f"/events/company/offers/{offer_id}"
    offer = stored(house, offer_id)
    assert offer.status == "offered"
    assert offer.content["dates"] == LATER
    assert offer.content["website"] == "https://gold.example.org"
    assert offer.content["fields_of_study"] == ["Design", "Mechanik"]
    with house.sessions() as session:
        assert isinstance(messages(session)[-1], TourOffered)
    assert TOUR["title"] in phone.get("/events/company/").get_data(as_text=True)


def test_nobody_sends_before_the_link_was_used(house: House) -> None:
    phone = house.visitor()
    offer_id = begin(house, phone)
    fill(phone, offer_id)

    answer = post(phone, f"/events/company/offers/{offer_id}/send")

    assert answer.status_code == 401
    assert stored(house, offer_id).status == "draft"


def test_each_step_is_kept_at_once_and_comes_back_after_a_reload(house: House) -> None:
    phone = house.visitor()
    offer_id = begin(house, phone)

    post(phone, f"/events/company/offers/{offer_id}/tour", FORM["tour"] | {"go": "back"})
    page = phone.get(f"/events/company/offers/{offer_id}/tour").get_data(as_text=True)

    assert f'value="{TOUR["title"]}"' in page
    assert TOUR["company_name"].replace("&", "&amp;") in phone.get(f"/events/company/offers/{offer_id}/company").text


def test_what_cannot_be_read_is_kept_as_typed_with_its_fault(house: House) -> None:
    phone = house.visitor()
    offer_id = begin(house, phone)
    faulty = FORM["dates"] | {"time": ["14:00", "", ""], "places": "viele"}

    answer = post(phone, f"/events/company/offers/{offer_id}/dates", faulty)
    again = phone.get(f"/events/company/offers/{offer_id}/dates?lang=en").get_data(as_text=True)

    assert answer.status_code == 422
    assert "Please give each date with day and time." in answer.get_data(as_text=True)
    assert 'value="viele"' in again
    assert LATER[1][:10] in again
    assert stored(house, offer_id).content["duration_minutes"] == 150


def test_autosave_answers_without_a_page(house: House) -> None:
    phone = house.visitor()
    offer_id = begin(house, phone)

    answer = post(
        phone, f"/events/company/offers/{offer_id}/tour", FORM["tour"] | {"title": "X"}, headers={"X-Autosave": "1"}
    )

    assert (answer.status_code, answer.data) == (204, b"")
    assert stored(house, offer_id).content["title"] == "X"


def test_one_more_date_is_a_button_that_saves(house: House) -> None:
    phone = house.visitor()
    offer_id = begin(house, phone)

    answer = post(phone, f"/events/company/offers/{offer_id}/dates", FORM["dates"] | {"go": "add"})
    page = phone.get(answer.location).get_data(as_text=True)

    assert page.count('name="date"') == 4
    assert stored(house, offer_id).content["dates"] == LATER


def test_the_check_names_what_is_missing_and_links_to_it(house: House) -> None:
    phone = house.visitor()
    offer_id = begin(house, phone)
    confirm(house, phone)

    answer = post(phone, f"/events/company/offers/{offer_id}/send", headers={"Accept-Language": "en"})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'href="/events/company/offers/{offer_id}/dates#field-dates"' in page
    assert "Please offer at least one date." in page
    assert stored(house, offer_id).status == "draft"


def test_another_browser_cannot_see_the_draft(house: House) -> None:
    offer_id = begin(house, house.visitor())
    other = house.visitor()

    seen = other.get(f"/events/company/offers/{offer_id}/company")
    written = post(other, f"/events/company/offers/{offer_id}/tour", FORM["tour"])

    assert seen.location.startswith("/events/account/sign-in?next=")
    assert written.status_code == 401
    assert stored(house, offer_id).content["title"] == ""


def test_a_forged_cookie_opens_nothing(house: House) -> None:
    offer_id = begin(house, house.visitor())
    other = house.visitor()
    other.set_cookie("events_drafts", json.dumps([offer_id.hex]))

    assert other.get(f"/events/company/offers/{offer_id}/company").status_code == 303


def test_somebody_elses_account_meets_a_404(house: House) -> None:
    offer_id = begin(house, house.visitor())
    stranger = house.signed_in(slug="andere")

    for path in ("", "/company", "/check", "/change"):
        assert stranger.get(f"/events/company/offers/{offer_id}{path}").status_code == 404
    for path in ("/tour", "/send", "/withdraw", "/answer", "/again", "/change", "/discard", "/link"):
        assert post(stranger, f"/events/company/offers/{offer_id}{path}", {"text": "x"}).status_code == 404
    assert stored(house, offer_id).status == "draft"


@pytest.mark.parametrize(
    "path", ["/company", "/send", "/link", "/discard", "/answer", "/withdraw", "/again", "/change"]
)
def test_no_post_counts_without_its_csrf_token(house: House, path: str) -> None:
    phone = house.visitor()
    offer_id = begin(house, phone)

    assert phone.post(f"/events/company/offers/{offer_id}{path}", data={"title": "x"}).status_code == 400
    assert stored(house, offer_id).status == "draft"


def test_markup_that_a_company_types_is_text(house: House) -> None:
    phone = house.visitor()
    offer_id = begin(house, phone)
    evil = "<script>alert(1)</script>{{7*7}}"
    fill(phone, offer_id, title=evil, description=evil, meeting_point=evil)

    for path in ("/tour", "/visitors", "/check"):
        page = phone.get(f"/events/company/offers/{offer_id}{path}").get_data(as_text=True)
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
        assert "{{7*7}}" in page


def test_a_script_is_no_web_address(house: House) -> None:
    phone = house.visitor()
    offer_id = begin(house, phone)

    answer = post(phone, f"/events/company/offers/{offer_id}/company", FORM["company"] | {"website": "javascript:x"})

    assert answer.status_code == 422
    assert stored(house, offer_id).content["website"] == ""


def test_a_mistyped_address_is_corrected_without_losing_the_draft(house: House) -> None:
    phone = house.visitor()
    offer_id = begin(house, phone, "eva@gld.example.org")
    fill(phone, offer_id)

    post(phone, f"/events/company/offers/{offer_id}/link", {"email": "eva@gold.example.org"})
    confirm(house, phone)
    post(phone, f"/events/company/offers/{offer_id}/send")

    offer = stored(house, offer_id)
    assert (offer.status, offer.account_id) == ("offered", house.account("eva@gold.example.org").id)


def test_the_start_page_says_the_same_for_known_and_unknown_addresses(house: House) -> None:
    begin(house, house.visitor(), "eva@gold.example.org")

    for email in ("eva@gold.example.org", "nobody@gold.example.org"):
        client = house.visitor()
        page = client.get(f"/events/company/offers/{begin(house, client, email)}/company?lang=en").get_data(
            as_text=True
        )
        assert f"mailed a link to {email}" in page
        assert 'value="Pforzheim"' not in page


def sent(house: House) -> tuple[FlaskClient, UUID]:
    """A company with an offer in review."""
    phone = house.visitor()
    offer_id = begin(house, phone)
    fill(phone, offer_id)
    confirm(house, phone)
    post(phone, f"/events/company/offers/{offer_id}/send")
    return phone, offer_id


def test_question_and_answer_meet_in_the_thread(house: House) -> None:
    phone, offer_id = sent(house)
    desk = house.signed_in()

    post(desk, f"/events/manage/offers/{offer_id}/request-change", {"text": "Geht <b>auch</b> Englisch?"})
    page = phone.get(f"/events/company/offers/{offer_id}").get_data(as_text=True)
    post(phone, f"/events/company/offers/{offer_id}/answer", {"text": "Ja, gern."})
    seen = desk.get(f"/events/manage/offers/{offer_id}").get_data(as_text=True)

    assert "Geht &lt;b&gt;auch&lt;/b&gt; Englisch?" in page
    assert "Ja, gern." in seen
    assert stored(house, offer_id).status == "offered"


def test_a_change_of_an_accepted_tour_waits_and_is_shown_to_both(house: House) -> None:
    phone, offer_id = sent(house)
    desk = house.signed_in()
    post(desk, f"/events/manage/offers/{offer_id}/accept", {"start": LATER[1], "publish": "true"})
    everything = {name: value for fields in FORM.values() for name, value in fields.items()}
    wish = everything | {"date": LATER[1][:10], "time": "11:00", "meeting_point": "Pforte Süd", "text": "Umbau"}

    answer = post(phone, f"/events/company/offers/{offer_id}/change", wish)
    hers = phone.get(f"/events/company/offers/{offer_id}?lang=en").get_data(as_text=True)
    theirs = desk.get(f"/events/manage/offers/{offer_id}?lang=en").get_data(as_text=True)

    assert answer.status_code == 303
    for page in (hers, theirs):
        assert '<del dir="auto">Pforte Nord</del>' in page
        assert '<ins dir="auto">Pforte Süd</ins>' in page
    post(desk, f"/events/manage/offers/{offer_id}/accept-revision", {"told.de": "Umbau"})
    assert stored(house, offer_id).content["meeting_point"] == "Pforte Süd"
    assert "Pforte Süd" in house.visitor().get(f"/events/{event_slug(house)}").get_data(as_text=True)


def event_slug(house: House) -> str:
    with house.sessions() as session:
        return session.scalars(select(Event.slug)).one()


def test_the_same_tour_again_starts_with_its_dates(house: House) -> None:
    phone, offer_id = sent(house)

    answer = post(phone, f"/events/company/offers/{offer_id}/again")
    page = phone.get(answer.location.replace("/dates", "/tour")).get_data(as_text=True)

    assert answer.location.endswith("/dates")
    assert TOUR["title"] in page


def test_a_withdrawn_offer_cannot_be_accepted(house: House) -> None:
    phone, offer_id = sent(house)
    desk = house.signed_in()

    post(phone, f"/events/company/offers/{offer_id}/withdraw")
    answer = post(
        desk, f"/events/manage/offers/{offer_id}/accept", {"start": LATER[0]}, headers={"Accept-Language": "en"}
    )

    assert answer.status_code == 409
    assert "no longer waiting for a decision" in answer.get_data(as_text=True)
    assert stored(house, offer_id).status == "withdrawn"


def test_the_company_finds_who_comes_to_its_tour(house: House) -> None:
    phone, offer_id = sent(house)
    desk = house.signed_in()
    post(desk, f"/events/manage/offers/{offer_id}/accept", {"start": LATER[1], "publish": "true"})
    guests = f'href="/registration/company/{event_slug(house)}"'

    assert guests in phone.get("/events/company/").get_data(as_text=True)
    assert guests in phone.get(f"/events/company/offers/{offer_id}").get_data(as_text=True)


def test_so_does_a_company_whose_tour_the_organiser_planned_and_no_other(house: House) -> None:
    phone, offer_id = sent(house)
    post(phone, f"/events/company/offers/{offer_id}/withdraw")
    with house.sessions.begin() as session:
        company_id = session.get_one(Offer, offer_id).company_id
        for title in ("Ours", "Theirs", "Long ago"):
            a_published(session, title={"en": title}).company_id = company_id if title != "Theirs" else None
        past = session.scalars(select(Event).where(Event.slug == "long-ago")).one()
        past.starts_at = past.ends_at = clock.now() - timedelta(days=61)

    page = phone.get("/events/company/").get_data(as_text=True)

    assert 'href="/registration/company/ours"' in page
    assert "theirs" not in page
    assert "long-ago" not in page

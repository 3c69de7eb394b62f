"""The back office as an organiser's browser meets it."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from services.events.domain.formats import FORMATS
from services.events.storage import organisations
from services.events.storage.tables import AuditEntry, Availability, Event, Offer
from services.events.use_cases.create_event import create_event
from shared import clock
from shared.contracts.events import EventCancelled, EventPublished, EventRescheduled
from tests.events.builders import a_wish, messages
from tests.events.doors import Counted, House, post
from tests.events.offer_builders import a_begun_offer, a_sent_offer

DAY = (clock.now() + timedelta(days=60)).date()
DATES = [f"{DAY}T14:00", f"{DAY + timedelta(days=1)}T09:30"]
FORM: dict[str, Any] = {
    "title.de": "Bewerbung & Gespräch",
    "title.ar": "ورشة التقديم",
    "sessions.0.starts_at": DATES[0],
    "sessions.0.ends_at": f"{DAY}T17:00",
    "sessions.0.zone": "Europe/Berlin",
    "sessions.0.held": "place",
    "sessions.0.place.name": "Haus der Kulturen",
    "sessions.0.place.city": "Pforzheim",
    "sessions.0.place.country": "DE",
    "quotas.0.capacity": "15",
    "quotas.0.kind": "event",
    "quota_choice": "one",
    "german_level": "B1",
    "languages": ["de", "ar"],
    "go": "save",
}


def an_offer(house: House, *, is_sent: bool = True, slug: str = "bruecke") -> UUID:
    house.organisation(slug)
    with house.sessions.begin() as session:
        organisation = organisations.get_by_slug(session, slug)
        begin = a_sent_offer if is_sent else a_begun_offer
        return begin(session, organisation, dates=DATES).id


def the_event(house: House) -> Event:
    with house.sessions() as session:
        event = session.scalars(select(Event)).one()
        _ = event.sessions, event.quotas
        return event


def planned(house: House, desk: FlaskClient, **differences: Any) -> Event:
    answer = post(desk, "/events/manage/new/application_workshop", FORM | differences)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return the_event(house)


def published(house: House, desk: FlaskClient) -> Event:
    event = planned(house, desk)
    assert post(desk, f"/events/manage/events/{event.id}/publish").status_code == 303
    return event


def test_the_dashboard_shows_a_new_offer_until_it_is_decided(house: House) -> None:
    offer_id = an_offer(house)
    desk = house.signed_in()

    before = desk.get("/events/manage/?lang=en").get_data(as_text=True)
    post(desk, f"/events/manage/offers/{offer_id}/decline", {"reason": "Zu weit."})
    after = desk.get("/events/manage/").get_data(as_text=True)

    assert f'href="/events/manage/offers/{offer_id}"' in before
    assert "New offer" in before
    assert f'href="/events/manage/offers/{offer_id}"' not in after


def test_accepting_and_publishing_is_one_tap(house: House) -> None:
    offer_id = an_offer(house)
    desk = house.signed_in()
    page = desk.get(f"/events/manage/offers/{offer_id}").get_data(as_text=True)
    version = re.search(r'name="version" value="(\d+)"', page)

    wish = {"start": DATES[1], "publish": "true", "version": version[1] if version else ""}
    answer = post(desk, f"/events/manage/offers/{offer_id}/accept", wish)

    event = the_event(house)
    assert answer.status_code == 303
    assert (event.status, event.sessions[0].local_start) == ("published", DATES[1])
    assert house.visitor().get(f"/events/{event.slug}").status_code == 200


def test_an_old_page_cannot_accept_what_the_company_changed_since(house: House) -> None:
    offer_id = an_offer(house)
    desk = house.signed_in()

    answer = post(desk, f"/events/manage/offers/{offer_id}/accept?lang=en", {"start": DATES[0], "version": "1"})

    assert answer.status_code == 409
    assert "The offer has changed since you opened it" in answer.get_data(as_text=True)
    with house.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Event)) == 0


@pytest.mark.parametrize(
    ("step", "wish"),
    [
        ("accept", {}),
        ("accept", {"start": "tomorrow"}),
        ("accept", {"start": "2031-01-01T10:00"}),
        ("request-change", {"text": " "}),
        ("decline", {"reason": ""}),
        ("decline", {"reason": "x", "status": "accepted"}),
    ],
)
def test_what_is_missing_or_wrong_is_said_on_the_same_page(house: House, step: str, wish: dict[str, str]) -> None:
    offer_id = an_offer(house)

    answer = post(house.signed_in(), f"/events/manage/offers/{offer_id}/{step}", wish)

    assert answer.status_code == 422
    with house.sessions() as session:
        assert session.scalars(select(Offer.status)).one() == "offered"


def test_a_companys_draft_is_not_the_organisers_to_see(house: House) -> None:
    offer_id = an_offer(house, is_sent=False)
    desk = house.signed_in()

    assert desk.get(f"/events/manage/offers/{offer_id}").status_code == 404
    assert str(offer_id) not in desk.get("/events/manage/offers").get_data(as_text=True)


PAGES = ["/events/manage/offers/{offer}", "/events/manage/events/{event}", "/events/manage/events/{event}/edit"]
PAGES += ["/events/manage/events/{event}/move", "/events/manage/events/{event}/cancel"]
PAGES += ["/events/manage/events/{event}/sign-up.svg"]
POSTS = [f"/events/manage/offers/{{offer}}/{step}" for step in ("accept", "request-change", "decline")]
POSTS += [f"/events/manage/offers/{{offer}}/{step}" for step in ("accept-revision", "decline-revision")]
POSTS += [f"/events/manage/events/{{event}}/{step}" for step in ("publish", "edit", "move", "cancel")]


def _wish(path: str) -> dict[str, Any]:
    """A wish without fault, so that only the stranger is refused."""
    step = path.rpartition("/")[2]
    sessions = {name: value for name, value in FORM.items() if name.startswith("sessions.")}
    return {
        "accept": {"start": DATES[0]},
        "request-change": {"text": "x"},
        "decline": {"reason": "x"},
        "decline-revision": {"reason": "x"},
        "edit": FORM,
        "move": sessions,
        "cancel": {"reason.de": "x"},
    }.get(step, {})


@pytest.mark.parametrize("path", PAGES + POSTS)
def test_what_belongs_to_others_does_not_exist(house: House, path: str) -> None:
    offer_id = an_offer(house)
    organisation_id = house.organisation()
    with house.sessions.begin() as session:
        event_id = create_event(a_wish(), organisation_id=organisation_id, session=session, now=clock.now()).id
    stranger = house.signed_in(slug="andere")
    real = path.format(offer=offer_id, event=event_id)
    unknown = path.format(offer=uuid4(), event=uuid4())

    if path in PAGES:
        answers = [stranger.get(real), stranger.get(unknown)]
        anonymous = house.visitor().get(real)
    else:
        answers = [post(stranger, real, _wish(path)), post(stranger, unknown, _wish(path))]
        anonymous = post(house.visitor(), real, _wish(path))

    assert [each.status_code for each in answers] == [404, 404]
    assert anonymous.status_code in {303, 401}
    with house.sessions() as session:
        assert session.scalars(select(Offer.status)).one() == "offered"
        assert session.scalars(select(Event.status)).one() == "draft"


@pytest.mark.parametrize("path", ["/events/manage/", "/events/manage/offers", "/events/manage/events"])
def test_a_helper_has_no_back_office(house: House, path: str) -> None:
    assert house.signed_in("helper").get(path).status_code == 403


@pytest.mark.parametrize("path", POSTS)
def test_no_post_counts_without_its_csrf_token(house: House, path: str) -> None:
    desk = house.signed_in()

    assert desk.post(path.format(offer=uuid4(), event=uuid4()), data={}).status_code == 400


@pytest.mark.parametrize("key", FORMATS)
def test_an_event_of_every_format_is_planned_and_published(house: House, key: str) -> None:
    desk = house.signed_in()
    page = desk.get(f"/events/manage/new/{key}")

    post(desk, f"/events/manage/new/{key}", FORM)
    event = the_event(house)
    post(desk, f"/events/manage/events/{event.id}/publish")

    assert page.status_code == 200
    event = the_event(house)
    assert (event.format, event.status) == (key, "published")
    assert event.title == {"de": "Bewerbung & Gespräch", "ar": "ورشة التقديم"}
    assert event.sessions[0].place["city"] == "Pforzheim"
    with house.sessions() as session:
        assert isinstance(messages(session)[-1], EventPublished)
        actions = session.scalars(select(AuditEntry.action)).all()
        assert {"create_event", "publish_event"} <= set(actions)


def test_a_draft_leads_to_the_way_to_ask_questions_and_a_published_event_to_its_form(house: House) -> None:
    desk = house.signed_in()
    post(desk, "/events/manage/new/fair", FORM)
    event = the_event(house)
    home = f"/events/manage/events/{event.id}"

    later = re.search(rf'href="({home}/edit)#(field-\w+)"', desk.get(home).get_data(as_text=True))
    assert later
    assert f'id="{later[2]}"' in desk.get(later[1]).get_data(as_text=True)

    post(desk, f"{home}/publish")
    assert f'href="/registration/manage/{event.slug}/form"' in desk.get(home).get_data(as_text=True)


@pytest.mark.parametrize(
    ("window", "said"),
    [
        ({}, "Sign-up is open."),
        ({"sign_up_opens_at": "2027-03-01T10:00"}, "Sign-up opens on"),
        ({"sign_up_closes_at": "2001-01-01T10:00"}, "Sign-up is closed."),
    ],
)
def test_who_publishes_is_told_whether_people_can_sign_up(house: House, window: dict[str, str], said: str) -> None:
    desk = house.signed_in()
    post(desk, "/events/manage/new/fair", FORM | window)
    home = f"/events/manage/events/{the_event(house).id}"

    post(desk, f"{home}/publish?lang=en")

    page = desk.get(f"{home}?lang=en").get_data(as_text=True)
    assert f"Published. {said}" in page
    assert "First come, first served." in page


def test_an_unfinished_draft_is_saved_and_names_what_it_lacks(house: House) -> None:
    desk = house.signed_in()
    post(desk, "/events/manage/new/fair", {"title.en": "Fair", "quota_choice": "one", "german_level": "", "go": "save"})
    event = the_event(house)

    home = desk.get(f"/events/manage/events/{event.id}?lang=en").get_data(as_text=True)
    answer = post(desk, f"/events/manage/events/{event.id}/publish")

    assert "Date and time" in home
    assert "Number of places" in home
    assert answer.status_code == 409
    assert the_event(house).status == "draft"


def test_rows_come_and_go_without_scripts_and_nothing_typed_is_lost(house: House) -> None:
    desk = house.signed_in()
    path = "/events/manage/new/career_walk"
    typed = FORM | {"quotas.0.name.de": "Technik", "quotas.1.capacity": "8", "quotas.1.kind": "group"}

    more = post(desk, path, typed | {"go": "add-sessions"}).get_data(as_text=True)
    less = post(desk, path, typed | {"go": "remove-quotas-0"}).get_data(as_text=True)

    assert 'name="sessions.1.starts_at"' in more
    assert 'value="Technik"' in more
    assert "Bewerbung &amp; Gespräch" in more
    assert 'name="quotas.1.capacity"' not in less
    assert re.search(r'name="quotas\.0\.capacity" value="8"', less)
    with house.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Event)) == 0


def test_a_quota_of_one_session_follows_it_when_rows_go(house: House) -> None:
    desk = house.signed_in()
    second = {name.replace("sessions.0", "sessions.1"): value for name, value in FORM.items() if "sessions.0" in name}
    third = {name.replace("sessions.0", "sessions.2"): value for name, value in FORM.items() if "sessions.0" in name}
    typed = FORM | second | third | {"quotas.0.kind": "session", "quotas.0.session": "2"}

    page = post(desk, "/events/manage/new/conference", typed | {"go": "remove-sessions-0"}).get_data(as_text=True)

    assert re.search(r'name="quotas\.0\.session".*?<option value="1" selected>', page, re.DOTALL)


def test_an_online_session_has_a_link_and_no_place(house: House) -> None:
    desk = house.signed_in()
    event = planned(house, desk, **{"sessions.0.held": "online", "sessions.0.join_url": "https://meet.example.org/x"})

    assert (event.sessions[0].place, event.sessions[0].join_url) == (None, "https://meet.example.org/x")


def test_a_fault_is_shown_beside_its_field_and_everything_else_stays(house: House) -> None:
    desk = house.signed_in()

    answer = post(
        desk,
        "/events/manage/new/fair?lang=en",
        FORM | {"sessions.0.ends_at": f"{DAY}T13:00", "summary.de": "Bleibt"},
    )

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'href="#field-sessions-0-ends_at"' in page
    assert "The end must be after the start." in page
    assert "Bleibt" in page


def test_moving_tells_everybody_and_asks_for_a_word_why(house: House) -> None:
    desk = house.signed_in()
    event = published(house, desk)
    with house.sessions.begin() as session:
        told = {"version": 1, "capacity": 15, "free": 8, "waiting": 2}
        session.add(Availability(quota_id=event.quotas[0].id, event_id=event.id, **told))
    sessions = {name: value for name, value in FORM.items() if name.startswith("sessions.")}

    page = desk.get(f"/events/manage/events/{event.id}/move?lang=en").get_data(as_text=True)
    wish = sessions | {"sessions.0.id": str(event.sessions[0].id), "reason.de": "Umbau", "go": "save"}
    wish |= {"sessions.0.starts_at": DATES[1], "sessions.0.ends_at": f"{DATES[1][:10]}T12:00"}
    answer = post(desk, f"/events/manage/events/{event.id}/move", wish)

    assert "Everybody with a place: 7" in page
    assert answer.status_code == 303
    with house.sessions() as session:
        moved = messages(session)[-1]
    assert isinstance(moved, EventRescheduled)
    assert (moved.reason, moved.event.sessions[0].local_start) == ({"de": "Umbau"}, DATES[1])
    assert moved.event.sessions[0].id == moved.previous[0].id


def test_calling_off_needs_a_reason_and_is_for_good(house: House) -> None:
    desk = house.signed_in()
    event = published(house, desk)

    without = post(desk, f"/events/manage/events/{event.id}/cancel", {})
    done = post(desk, f"/events/manage/events/{event.id}/cancel", {"reason.de": "Zu wenige"})
    again = post(desk, f"/events/manage/events/{event.id}/cancel", {"reason.de": "Zu wenige"})

    assert [each.status_code for each in (without, done, again)] == [422, 303, 409]
    with house.sessions() as session:
        assert isinstance(messages(session)[-1], EventCancelled)
        assert sum(isinstance(each, EventCancelled) for each in messages(session)) == 1


def test_of_two_who_edit_the_second_is_told(house: House) -> None:
    desk = house.signed_in()
    event = planned(house, desk)

    first = post(desk, f"/events/manage/events/{event.id}/edit", FORM | {"version": "1", "title.de": "Eins"})
    second = post(desk, f"/events/manage/events/{event.id}/edit?lang=en", FORM | {"version": "1", "title.de": "Zwei"})

    assert [first.status_code, second.status_code] == [303, 409]
    assert "Somebody else saved the event" in second.get_data(as_text=True)
    assert the_event(house).title["de"] == "Eins"


def test_saving_what_is_shown_changes_nothing(house: House) -> None:
    desk = house.signed_in()
    event = planned(house, desk, fields_of_study="Design, Mechanik", sign_up_closes_at=f"{DAY}T10:00")
    page = desk.get(f"/events/manage/events/{event.id}/edit").get_data(as_text=True)

    answer = post(desk, f"/events/manage/events/{event.id}/edit", as_shown(page))

    after = the_event(house)
    assert answer.status_code == 303
    names = ("title", "languages", "german_level", "fields_of_study", "sign_up_closes_at", "safety", "quota_choice")
    assert {name: getattr(after, name) for name in names} == {name: getattr(event, name) for name in names}
    assert after.sessions[0].id == event.sessions[0].id
    assert (after.quotas[0].id, after.quotas[0].capacity) == (event.quotas[0].id, 15)
    assert after.sessions[0].place == event.sessions[0].place


def as_shown(page: str) -> dict[str, Any]:
    """What a browser would post of the page's form."""
    form = page[page.index('<form class="form"') :]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        is_off = re.search(r'type="(radio|checkbox)"', tag) and " checked" not in tag
        if name and not is_off and name[1] != "csrf_token":
            found.setdefault(name[1], []).append(value[1].replace("&amp;", "&") if value else "")
    for name, text in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL):
        found[name] = text
    for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else ""
    return found | {"go": "save"}


def test_the_lists_ask_the_database_as_often_for_many_as_for_one(house: House) -> None:
    desk = house.signed_in()
    organisation_id = house.organisation()
    counts = []
    for number in (1, 3):
        with house.sessions.begin() as session:
            for _each in range(number):
                create_event(a_wish(), organisation_id=organisation_id, session=session, now=clock.now())
        with Counted(house.engine) as counted:
            assert desk.get("/events/manage/events?list=draft").status_code == 200
        counts.append(len(counted))

    assert counts[0] == counts[1]


def test_markup_in_events_is_text(house: House) -> None:
    desk = house.signed_in()
    evil = "<img src=x onerror=alert(1)>{{7*7}}"
    event = planned(house, desk, **{"title.de": evil, "note": evil, "sessions.0.place.name": evil})

    for path in (f"/events/manage/events/{event.id}", f"/events/manage/events/{event.id}/edit", "/events/manage/"):
        page = desk.get(path).get_data(as_text=True)
        assert "<img src=x" not in page
        assert "{{7*7}}" in page


def test_the_sign_up_link_is_a_picture_for_posters(house: House) -> None:
    desk = house.signed_in()
    event = published(house, desk)

    answer = desk.get(f"/events/manage/events/{event.id}/sign-up.svg")

    assert answer.mimetype == "image/svg+xml"
    assert b"<path" in answer.data

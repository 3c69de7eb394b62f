"""From draft to published, moved and called off."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from services.events.domain.events import (
    AlreadyPublished,
    EventIsCancelled,
    EventIsIncomplete,
    EventWasChangedMeanwhile,
    PlacesAreTaken,
    QuotaWish,
)
from services.events.domain.formats import FORMATS
from services.events.storage import event_rows
from services.events.storage.tables import Availability, Event
from services.events.use_cases.cancel_event import cancel_event
from services.events.use_cases.change_event import change_event
from services.events.use_cases.publish_event import publish_event
from services.events.use_cases.reschedule_event import reschedule_event
from shared.contracts.events import EventCancelled, EventChanged, EventPublished, EventRescheduled
from shared.errors import InvalidInput
from tests.events.builders import (
    BASE_URL,
    NOW,
    a_draft,
    a_published,
    a_session,
    a_wish,
    an_organisation,
    messages,
)

LATER = NOW + timedelta(hours=1)


def change(event: Event, session: Session, **differences: object) -> None:
    wish = replace(event_rows.wish_of(event), **differences)
    change_event(event, wish, base_url=BASE_URL, session=session, now=LATER)


def test_a_new_event_is_a_draft_of_which_nobody_is_told(session: Session) -> None:
    event = a_draft(session)

    assert (event.status, event.version, event.missing) == ("draft", 1, [])
    assert event.slug == "blick-in-die-goldschmiede"
    assert messages(session) == []


@pytest.mark.parametrize("key", FORMATS)
def test_every_format_starts_with_its_own_places(session: Session, key: str) -> None:
    event = a_draft(session, format=key, quotas=None)

    assert [each.capacity for each in event.quotas] == [each.capacity for each in FORMATS[key].quotas]
    assert event.quota_choice == FORMATS[key].quota_choice
    publish_event(event, base_url=BASE_URL, session=session, now=NOW)
    assert [type(each) for each in messages(session)] == [EventPublished]


def test_publishing_tells_everything_about_the_event(session: Session) -> None:
    event = a_published(session)

    (message,) = messages(session)

    assert isinstance(message, EventPublished)
    told = message.event
    assert (told.id, told.version, told.status) == (event.id, 2, "published")
    assert told.url == "http://127.0.0.1:8000/events/blick-in-die-goldschmiede"
    assert (told.sessions[0].local_start, told.sessions[0].zone) == ("2026-12-03T14:00", "Europe/Berlin")
    assert told.sessions[0].starts_at.isoformat() == "2026-12-03T13:00:00+00:00"
    assert told.quotas[0].capacity == 10
    assert told.organiser.name == "Brücke e. V."


def test_an_event_without_place_or_quota_is_not_published(session: Session) -> None:
    event = a_draft(session, sessions=(a_session(place=None),), quotas=())

    with pytest.raises(EventIsIncomplete) as refusal:
        publish_event(event, base_url=BASE_URL, session=session, now=NOW)

    assert refusal.value.facts == {"missing": "place, quotas"}
    assert (event.status, event.version) == ("draft", 1)
    assert messages(session) == []


def test_publishing_twice_is_refused_and_tells_nobody_again(session: Session) -> None:
    event = a_published(session)

    with pytest.raises(AlreadyPublished):
        publish_event(event, base_url=BASE_URL, session=session, now=LATER)

    assert len(messages(session)) == 1


def test_a_changed_draft_tells_nobody(session: Session) -> None:
    event = a_draft(session)

    change(event, session, title={"de": "Anders"})

    assert (event.title, event.version, event.slug) == ({"de": "Anders"}, 2, "blick-in-die-goldschmiede")
    assert messages(session) == []


def test_new_words_are_a_change_and_not_a_move(session: Session) -> None:
    event = a_published(session)

    change(event, session, summary={"de": "Kurz gesagt"}, quotas=(QuotaWish(capacity=12),))

    message = messages(session)[-1]
    assert isinstance(message, EventChanged)
    assert (message.event.version, message.event.quotas[0].capacity) == (3, 12)
    assert message.event.quotas[0].id == event.quotas[0].id


def test_moving_keeps_the_session_and_says_where_it_was(session: Session) -> None:
    event = a_published(session)
    known = event.sessions[0].id
    moved = a_session(local_start=datetime(2026, 12, 4, 10), local_end=datetime(2026, 12, 4, 12))  # noqa: DTZ001

    reschedule_event(event, [moved], reason={"de": "Messe"}, base_url=BASE_URL, session=session, now=LATER)

    message = messages(session)[-1]
    assert isinstance(message, EventRescheduled)
    assert [each.local_start for each in message.previous] == ["2026-12-03T14:00"]
    assert [(each.id, each.local_start) for each in message.event.sessions] == [(known, "2026-12-04T10:00")]
    assert (message.reason, message.event.version) == ({"de": "Messe"}, 3)


def test_a_change_that_also_moves_is_told_once_as_a_move(session: Session) -> None:
    event = a_published(session)

    change(event, session, title={"de": "Neu"}, sessions=(a_session(local_end=datetime(2026, 12, 3, 18)),))  # noqa: DTZ001

    assert [type(each) for each in messages(session)] == [EventPublished, EventRescheduled]
    assert messages(session)[-1].event.title == {"de": "Neu"}  # type: ignore[attr-defined]


def test_a_removed_session_takes_its_quota_binding_along(session: Session) -> None:
    event = a_published(
        session,
        sessions=(a_session(), a_session(local_start=datetime(2026, 12, 5, 9), local_end=datetime(2026, 12, 5, 11))),  # noqa: DTZ001
        quotas=(QuotaWish(capacity=5, session=0), QuotaWish(capacity=6, session=1)),
    )
    second = event_rows.wish_of(event).sessions[1]

    reschedule_event(event, [second], reason={}, base_url=BASE_URL, session=session, now=LATER)

    session.expire_all()
    assert [each.id for each in event.sessions] == [second.id]
    assert [each.session_id for each in event.quotas] == [second.id, second.id]


def test_cancelling_tells_why_and_ends_every_change(session: Session) -> None:
    event = a_published(session)

    cancel_event(event, reason={"de": "Krankheit"}, base_url=BASE_URL, session=session, now=LATER)

    message = messages(session)[-1]
    assert isinstance(message, EventCancelled)
    assert (message.event.status, message.event.cancelled_reason) == ("cancelled", {"de": "Krankheit"})
    with pytest.raises(EventIsCancelled):
        change(event, session, title={"de": "Doch"})
    with pytest.raises(EventIsCancelled):
        cancel_event(event, reason={}, base_url=BASE_URL, session=session, now=LATER)
    assert len(messages(session)) == 2


def test_a_cancelled_draft_is_nobody_elses_news(session: Session) -> None:
    event = a_draft(session)

    cancel_event(event, reason={}, base_url=BASE_URL, session=session, now=LATER)

    assert event.status == "cancelled"
    assert messages(session) == []


def test_who_saves_second_is_told_instead_of_overwriting(session: Session) -> None:
    event = a_published(session)
    change(event, session, title={"de": "Erste"})

    with pytest.raises(EventWasChangedMeanwhile):
        change_event(
            event, a_wish(title={"de": "Zweite"}), base_url=BASE_URL, session=session, now=LATER, expected_version=2
        )

    assert event.title == {"de": "Erste"}
    assert len(messages(session)) == 2


def test_places_that_people_hold_cannot_be_taken_away(session: Session) -> None:
    event = a_published(session)
    quota = event.quotas[0]
    session.add(Availability(quota_id=quota.id, event_id=event.id, version=7, capacity=10, free=4, waiting=0))
    session.flush()

    with pytest.raises(PlacesAreTaken) as refusal:
        change(event, session, quotas=(QuotaWish(capacity=5),))

    assert refusal.value.facts == {"taken": 6}
    assert quota.capacity == 10
    change(event, session, quotas=(QuotaWish(capacity=6),))
    assert quota.capacity == 6


def test_namesakes_get_addresses_of_their_own(session: Session) -> None:
    first, second = a_draft(session), a_draft(session)

    assert first.slug == "blick-in-die-goldschmiede"
    assert second.slug == f"blick-in-die-goldschmiede-{second.id.hex[:6]}"


@pytest.mark.parametrize(
    ("differences", "field"),
    [
        ({"format": "party"}, "format"),
        ({"german_level": "D1"}, "german_level"),
        ({"safety": ("helmet",)}, "safety"),
        ({"quota_choice": "all"}, "quota_choice"),
        ({"quotas": (QuotaWish(capacity=0),)}, "quotas.0.capacity"),
        ({"quotas": (QuotaWish(capacity=1, kind="seat"),)}, "quotas.0.kind"),
        ({"quotas": (QuotaWish(capacity=1, session=1),)}, "quotas.0.session"),
        ({"sessions": (a_session(zone="Europe/Nowhere"),)}, "sessions.0.zone"),
        ({"sessions": (a_session(zone="../../etc/passwd"),)}, "sessions.0.zone"),
        ({"sessions": (a_session(local_end=datetime(2026, 12, 3, 14)),)}, "sessions.0.local_end"),  # noqa: DTZ001
        ({"sessions": (a_session(local_start=datetime(2026, 3, 29, 2, 30)),)}, "sessions.0.local_start"),  # noqa: DTZ001
        ({"sessions": (a_session(local_end=datetime(9999, 12, 31, 23)),)}, "sessions.0.local_end"),  # noqa: DTZ001
        ({"sign_up_opens_at": NOW, "sign_up_closes_at": NOW}, "sign_up_closes_at"),
    ],
)
def test_what_contradicts_itself_is_refused_by_field(
    session: Session, differences: dict[str, object], field: str
) -> None:
    organisation = an_organisation(session)

    with pytest.raises(InvalidInput) as refusal:
        a_draft(session, organisation, **differences)

    assert list(refusal.value.errors) == [field]
    assert session.query(Event).count() == 0

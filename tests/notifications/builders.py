"""Events, registrations and messages, of which a test states only what differs."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from shared.contracts.events import EventSnapshot, Host, Organiser, Person, Place, QuotaSnapshot, SessionSnapshot
from shared.contracts.registration import (
    AddressConfirmationRequested,
    AttendanceAsked,
    AttendeeReminded,
    HandOverLapsed,
    HandOverProposed,
    HeldPlace,
    PlaceChangeNoted,
    RegistrationCancelled,
    RegistrationConfirmed,
    RegistrationNews,
    RegistrationWaitlisted,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
START = datetime(2026, 12, 3, 13, 0, tzinfo=UTC)
CODE = "0123456789ABCDEFGHJKMNPQRS"
TICKET_URL = f"HTTPS://WERKTOR.EXAMPLE.ORG/T/{CODE}"
ORGANISATION = uuid5(NAMESPACE_URL, "organisation")
PLACE = Place(
    name="Feinwerk Präzisionstechnik GmbH",
    street="Industriestraße 12",
    postal_code="75172",
    city="Pforzheim",
    meeting_point="Pforte 2",
    arrival="Bus 5 bis Eutinger Tal, dann 3 Minuten zu Fuß",
)


def an_id(name: str) -> UUID:
    """The same name, the same id."""
    return uuid5(NAMESPACE_URL, name)


def a_session(name: str = "session", *, starts_at: datetime = START, hours: float = 2, **facts: Any) -> SessionSnapshot:
    """Two hours at the place, in Berlin."""
    given = {
        "id": an_id(name),
        "title": {},
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=hours),
        "local_start": "2026-12-03T14:00",
        "local_end": "2026-12-03T16:00",
        "zone": "Europe/Berlin",
        "place": PLACE,
    }
    return SessionSnapshot(**(given | facts))


def a_quota(name: str = "quota", **facts: Any) -> QuotaSnapshot:
    """Ten places for the whole event."""
    return QuotaSnapshot(**({"id": an_id(name), "name": {}, "kind": "event", "capacity": 10} | facts))


def an_event(**facts: Any) -> EventSnapshot:
    """A company tour that is published."""
    given = {
        "id": an_id("event"),
        "version": 1,
        "slug": "feinwerk",
        "format": "company_tour",
        "status": "published",
        "title": {"de": "Betriebserkundung: Präzision aus Pforzheim", "en": "Company tour: precision from Pforzheim"},
        "summary": {"de": "Vom Rohteil zum Uhrwerk."},
        "description": {},
        "organiser": Organiser(id=ORGANISATION, slug="mozaik", name="MOZAIK gGmbH", email="info@mozaik.example.org"),
        "sessions": (a_session(),),
        "quotas": (a_quota(),),
        "host": Host(
            id=an_id("host"),
            name="Feinwerk GmbH",
            contacts=(Person(name="Erika Beispiel", email="erika@feinwerk.example.org", locale="de"),),
        ),
        "safety": ("closed_shoes", "photo_id"),
        "url": "https://werktor.example.org/events/feinwerk",
    }
    return EventSnapshot(**(given | facts))


def moved(event: EventSnapshot, *, days: int = 1, **facts: Any) -> EventSnapshot:
    """The same event some days later, one version on."""
    sessions = tuple(
        dataclasses.replace(
            each, starts_at=each.starts_at + timedelta(days=days), ends_at=each.ends_at + timedelta(days=days)
        )
        for each in event.sessions
    )
    return dataclasses.replace(event, **{"version": event.version + 1, "sessions": sessions, **facts})


def news(name: str = "Олена Шевченко", **facts: Any) -> RegistrationNews:
    """A confirmed registration of hers."""
    given = {
        "id": an_id(f"registration of {name}"),
        "version": 1,
        "event_id": an_id("event"),
        "status": "confirmed",
        "name": name,
        "email": "olena@example.org",
        "ascii_email": "olena@example.org",
        "locale": "de",
        "places": (HeldPlace(quota_id=an_id("quota")),),
        "my_page_url": "https://werktor.example.org/registration/my/kq7xw2m4p9",
        "ticket_code": CODE,
        "ticket_url": TICKET_URL,
    }
    given |= facts
    if given["status"] != "confirmed":
        given |= {"ticket_code": "", "ticket_url": ""}
    return RegistrationNews(**given)


def confirmed(
    *, event: EventSnapshot | None = None, from_waiting_list: bool = False, **facts: Any
) -> RegistrationConfirmed:
    """She has a place."""
    return RegistrationConfirmed(
        registration=news(**facts), event=event or an_event(), from_waiting_list=from_waiting_list
    )


def waitlisted(*, event: EventSnapshot | None = None, position: int = 3, **facts: Any) -> RegistrationWaitlisted:
    """She waits."""
    places = (HeldPlace(quota_id=an_id("quota"), position=position),)
    return RegistrationWaitlisted(
        registration=news(**({"status": "waiting", "places": places} | facts)), event=event or an_event()
    )


def change_noted(
    *, event: EventSnapshot | None = None, position: int = 2, ended: bool = False, **facts: Any
) -> PlaceChangeNoted:
    """She has a place and waits for another one."""
    places = (HeldPlace(quota_id=an_id("quota")), HeldPlace(quota_id=an_id("other quota"), position=position))
    about = news(**({"places": places} | facts))
    return PlaceChangeNoted(registration=about, event=event or an_event(), ended=ended)


def hand_over_lapsed(*, event: EventSnapshot | None = None, **facts: Any) -> HandOverLapsed:
    """The friend did not take her place."""
    return HandOverLapsed(registration=news(**facts), event=event or an_event())


def asked_whether_she_comes(
    *, event: EventSnapshot | None = None, until: datetime | None = NOW + timedelta(days=2), **facts: Any
) -> AttendanceAsked:
    """Does she come? Else the place is freed in two days."""
    is_warning = facts.pop("is_warning", False)
    about = news(**facts)
    return AttendanceAsked(
        registration=about,
        event=event or an_event(),
        coming_url=f"{about.my_page_url}/coming",
        cancel_url=f"{about.my_page_url}/cancel",
        until=until,
        is_warning=is_warning,
    )


def hand_over_proposed(*, event: EventSnapshot | None = None, locale: str = "de", **facts: Any) -> HandOverProposed:
    """Would you like her place?"""
    given = {
        "hand_over_id": an_id("hand-over"),
        "event": event or an_event(),
        "giver": "Олена Шевченко",
        "name": "Ana Petrović",
        "email": "ana@example.org",
        "ascii_email": "ana@example.org",
        "locale": locale,
        "url": "https://werktor.example.org/registration/hand-overs/abc",
        "deadline": NOW + timedelta(days=2),
    }
    return HandOverProposed(**(given | facts))


def reminded(*, event: EventSnapshot | None = None, starts_at: datetime = START, **facts: Any) -> AttendeeReminded:
    """It begins soon."""
    about = news(**facts)
    return AttendeeReminded(
        registration=about,
        event=event or an_event(),
        starts_at=starts_at,
        cancel_url=f"{about.my_page_url}/cancel",
    )


def asked(*, event: EventSnapshot | None = None, **facts: Any) -> AddressConfirmationRequested:
    """She has not confirmed her address yet."""
    return AddressConfirmationRequested(
        registration=news(**({"status": "pending"} | facts)),
        event=event or an_event(),
        confirm_url="https://werktor.example.org/registration/confirm/abc",
        confirm_by=NOW + timedelta(minutes=30),
    )


def cancelled(
    *, by: str = "attendee", event: EventSnapshot | None = None, had_place: bool = True, reason: str = "", **facts: Any
) -> RegistrationCancelled:
    """She, or somebody else, gave it up."""
    return RegistrationCancelled(
        registration=news(**({"status": "cancelled", "version": 2} | facts)),
        event=event or an_event(),
        by=by,
        had_place=had_place,
        reason=reason,
    )

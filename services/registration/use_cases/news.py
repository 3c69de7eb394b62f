"""Telling the other services what became of a registration or a quota."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.drawing import due_at
from services.registration.domain.links import Links
from services.registration.domain.registrations import PlaceState, Status, Terms, is_combined
from services.registration.domain.sign_up import NewRegistration
from services.registration.storage import events, history, registrations
from services.registration.storage.quotas import Counters
from services.registration.storage.tables import Place, Registration
from services.registration.use_cases.open_questions import open_questions
from shared.contracts.events import EventSnapshot
from shared.contracts.message import Message
from shared.contracts.registration import (
    AddressConfirmationRequested,
    ApplicationReceived,
    AvailabilityChanged,
    HeldPlace,
    PlaceChangeNoted,
    PlaceOffered,
    RegistrationConfirmed,
    RegistrationNews,
    SignUpRepeated,
)
from shared.contracts.registration import RegistrationWaitlisted as Waitlisted
from shared.messaging import outbox


def tell(session: Session, registration: Registration, message: Message) -> None:
    """Publish something about a registration. Its version must have grown since the last time.

    What follows the sign-up is also a line of its history; the sign-up itself is the registration's own first lines.
    """
    if registration.version > 1:
        at = registration.repeated_at if isinstance(message, SignUpRepeated) else None
        history.note(
            session, registration.id, history_kind(message), at=at or registration.changed_at, **_facts(message)
        )
    outbox.add(session, message, aggregate=f"registration:{registration.id}", version=registration.version)


def history_kind(message: Message) -> str:
    """What a message is called in a registration's history: the last part of its type."""
    return message.type_name().split(".")[1]


def tell_first(session: Session, registration: NewRegistration, message: Message) -> None:
    """Publish that somebody signed up."""
    outbox.add(session, message, aggregate=f"registration:{registration.id}", version=registration.version)


def first_news(
    registration: NewRegistration,
    places: Mapping[UUID, int | None],
    told: EventSnapshot,
    *,
    terms: Terms,
    questions: int = 0,
) -> Message:
    """What is published of a sign-up; `places` are positions by quota, None for a held place; open `questions`."""
    held = tuple(HeldPlace(quota_id=key, position=position) for key, position in places.items())
    about: dict[str, Any] = {"registration": news(registration, held, terms.links, questions=questions), "event": told}
    if registration.status == Status.PENDING and registration.confirm_by:
        return AddressConfirmationRequested(**about, **confirmation(registration, told, terms.links))
    if registration.status == Status.CONFIRMED:
        return RegistrationConfirmed(**about)
    if 0 in places.values():
        return _application(about["registration"], told, terms.links)
    return Waitlisted(**about)


def confirmation(registration: NewRegistration | Registration, told: EventSnapshot, links: Links) -> dict[str, Any]:
    """What she is asked to confirm, until when, and whose guest she is."""
    return {
        "confirm_url": links.confirmation(registration.id),
        "confirm_by": registration.confirm_by,
        "invited_by": told.host.name if registration.source == "company" and told.host else "",
    }


def tell_standing(
    session: Session,
    registration: Registration,
    *,
    links: Links,
    from_waiting_list: bool = False,
    changed: bool = False,
) -> None:
    """Publish that she has a place, or waits for one. changed: she wanted another place than the one she had."""
    news_now, event = news_of(session, registration, links), events.snapshot(registration.event)
    if registration.status == Status.CONFIRMED:
        tell(
            session,
            registration,
            RegistrationConfirmed(
                registration=news_now, event=event, from_waiting_list=from_waiting_list, changed=changed
            ),
        )
    elif any(each.state == PlaceState.APPLIED for each in registration.places):
        tell(session, registration, _application(news_now, event, links))
    else:
        tell(session, registration, Waitlisted(registration=news_now, event=event))


def tell_offer(session: Session, registration: Registration, until: datetime, *, links: Links) -> None:
    """Publish that a place is kept for her."""
    news_now, event = news_of(session, registration, links), events.snapshot(registration.event)
    url = links.offer(registration.id)
    tell(session, registration, PlaceOffered(registration=news_now, event=event, offer_url=url, until=until))


def tell_wish(session: Session, registration: Registration, *, links: Links, ended: bool = False) -> None:
    """Publish that she keeps what she has and waits for another place, or no longer does."""
    news_now, event = news_of(session, registration, links), events.snapshot(registration.event)
    tell(session, registration, PlaceChangeNoted(registration=news_now, event=event, ended=ended))


def _application(registration: RegistrationNews, event: EventSnapshot, links: Links) -> ApplicationReceived:
    lot = links.lot(registration.id) if event.sign_up.selection == "lottery" else ""
    return ApplicationReceived(registration=registration, event=event, decides_at=due_at(event), lot=lot)


def tell_availability(session: Session, changed: Iterable[Counters]) -> None:
    """Publish the present state of quotas that changed."""
    for each in changed:
        told = events.snapshot(events.get(session, each.event_id))
        message = AvailabilityChanged(
            event_id=each.event_id,
            quota_id=each.id,
            version=each.version,
            capacity=each.capacity,
            free=each.free(is_combined=is_combined(told)),
            waiting=each.waiting,
        )
        outbox.add(session, message, aggregate=f"quota:{each.id}", version=each.version)


def _facts(message: Message) -> dict[str, Any]:
    return {
        name: value
        for name in ("from_waiting_list", "changed", "by", "silent", "ended")
        if (value := getattr(message, name, None))
    }


def position_of(place: Place, positions: Mapping[UUID, int]) -> int | None:
    """As contracts have it: None for a held place, 0 for one that she applied for or that is kept for her."""
    if place.state in {PlaceState.APPLIED, PlaceState.OFFERED}:
        return 0
    return positions.get(place.quota_id)


def news_of(session: Session, registration: Registration, links: Links) -> RegistrationNews:
    """A stored registration as mails need it."""
    waits = any(each.state == PlaceState.WAITING for each in registration.places)
    known = registrations.positions(session, registration.id) if waits else {}
    asked = open_questions(session, registration.event, registration, now=registration.changed_at)
    return news(registration, _living(registration.places, known), links, questions=len(asked))


def news(
    registration: Registration | NewRegistration, places: tuple[HeldPlace, ...], links: Links, *, questions: int = 0
) -> RegistrationNews:
    """A registration as mails need it."""
    has_ticket = registration.status == Status.CONFIRMED
    return RegistrationNews(
        id=registration.id,
        version=registration.version,
        event_id=registration.event_id,
        status=registration.status,
        name=registration.name,
        email=registration.email,
        ascii_email=registration.ascii_email,
        locale=registration.locale,
        places=places,
        my_page_url=links.my_page(registration.id),
        ticket_code=links.ticket_code(registration.id) if has_ticket else "",
        ticket_url=links.ticket(registration.id) if has_ticket else "",
        open_questions=questions,
    )


def _living(places: Iterable[Place], positions: dict[UUID, int]) -> tuple[HeldPlace, ...]:
    return tuple(
        HeldPlace(quota_id=each.quota_id, position=position_of(each, positions))
        for each in sorted(places, key=lambda place: place.quota_id)
        if each.state != PlaceState.RELEASED
    )

"""Somebody signs up: a place at once, or a position on the waiting list."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from services.registration.domain.consents import Purpose, given
from services.registration.domain.registrations import (
    PlaceState,
    Receipt,
    SignUpWish,
    Status,
    Terms,
    choose_quotas,
    ensure_alive,
    ensure_open,
    search_text,
)
from services.registration.domain.rejections import AlreadyRegistered, SignUpClosed
from services.registration.domain.secrets import fingerprint
from services.registration.storage import events, figures, quotas, registrations
from services.registration.storage.quotas import Counters
from services.registration.storage.tables import Event, Registration
from services.registration.use_cases.as_if_new import as_if_new
from services.registration.use_cases.expire_unconfirmed import expire, is_lapsed
from services.registration.use_cases.keep_answers import ensure_answered, keep_answers
from services.registration.use_cases.news import news, news_of, tell, tell_availability
from shared.contracts.registration import (
    AddressConfirmationRequested,
    HeldPlace,
    RegistrationConfirmed,
    RegistrationWaitlisted,
    SignUpRepeated,
)

REMIND_AFTER = timedelta(hours=1)  # the owner of an address hears of repeated sign-ups at most this often


def sign_up(
    wish: SignUpWish, *, event: Event, session: Session, now: datetime, terms: Terms, by_organiser: bool = False
) -> Receipt:
    """Take a place in each chosen quota, or a number on its waiting list.

    An address that is registered already gets the same receipt as a new one and nothing is stored, so a stranger
    learns nothing; its owner is told by mail. An organiser signs people up outside the window too, the address
    counts at once, and she is told: AlreadyRegistered. Raises the rejections of ensure_open and choose_quotas.
    """
    told = events.snapshot(event)
    ensure_alive(told, now) if by_organiser else ensure_open(told, now)
    quota_ids = choose_quotas(told, wish.quota_ids)
    agreed = given(told, wish.consents)
    if not by_organiser:
        ensure_answered(wish, event)
    at_once = by_organiser or not terms.confirm_address
    registration = _draft(wish, event, now=now, terms=terms, at_once=at_once)
    if not _store(session, registration, now=now, terms=terms):
        if by_organiser:
            raise AlreadyRegistered
        _remind_owner(session, registration, now=now, terms=terms)
        figures.count(session, "repeated")
        return as_if_new(session, event, quota_ids, now=now, terms=terms)
    _note_consents(session, registration, agreed)
    if wish.sheet is not None:
        keep_answers(registration.id, wish.sheet, session=session, now=now, terms=terms)
    receipt = _take_places(session, registration, event, quota_ids, terms=terms)
    figures.count(session, receipt.status)
    return receipt


def _draft(wish: SignUpWish, event: Event, *, now: datetime, terms: Terms, at_once: bool) -> Registration:
    """The registration as it will be stored, but not part of the session: one INSERT does it."""
    new_id = uuid4()
    return Registration(
        id=new_id,
        version=1,
        event_id=event.id,
        status=Status.CONFIRMED if at_once else Status.PENDING,
        name=wish.name,
        email=wish.address.written,
        ascii_email=wish.address.ascii,
        email_key=wish.address.key,
        search_text=search_text(wish.name, wish.address),
        locale=wish.locale,
        page_hash=fingerprint(terms.links.page_token(new_id)),
        ticket_hash=fingerprint(terms.links.ticket_code(new_id)),
        address_confirmed_at=now if at_once else None,
        confirm_by=None if at_once else now + terms.hold,
        created_at=now,
        changed_at=now,
        cancelled_by="",
        cancelled_reason="",
        source=wish.source,
    )


def _store(session: Session, registration: Registration, *, now: datetime, terms: Terms) -> bool:
    facts = {key: value for key, value in vars(registration).items() if not key.startswith("_")}
    if registrations.add(session, **facts):
        return True
    known = registrations.find_living(session, registration.event_id, registration.email_key)
    if known is not None and not is_lapsed(known.status, known.confirm_by, now):
        return False
    if known is not None:  # her own first try lapsed, and the job has not come round yet
        expire([known.id], session=session, now=now, links=terms.links)
    return registrations.add(session, **facts)


def _note_consents(session: Session, registration: Registration, agreed: tuple[Purpose, ...]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "registration_id": registration.id,
            "purpose": each.name,
            "text_version": each.version,
            "locale": registration.locale,
            "given_at": registration.created_at,
        }
        for each in agreed
    ]
    registrations.add_consents(session, rows)


def _take_places(
    session: Session, registration: Registration, event: Event, quota_ids: tuple[UUID, ...], *, terms: Terms
) -> Receipt:
    """From here on the quotas' rows are locked, so nothing slow may follow."""
    taken = [_take(session, each) for each in quota_ids]
    registrations.add_places(session, [_place(registration, each) for each in taken])
    places = {each.id: _position(each) for each in taken}
    if registration.status == Status.CONFIRMED and None not in places.values():
        registration.status = Status.WAITING
        registrations.set_status(session, registration.id, Status.WAITING)
    _tell_about(session, registration, event, places, terms=terms)
    tell_availability(session, taken)
    return Receipt(
        id=registration.id,
        event_id=event.id,
        status=Status(registration.status),
        places=places,
        confirm_by=registration.confirm_by,
    )


def _take(session: Session, quota_id: UUID) -> Counters:
    if (counters := quotas.take(session, quota_id)) is None:
        raise SignUpClosed
    return counters


def _position(counters: Counters) -> int | None:
    return None if counters.number is None else counters.waiting


def _place(registration: Registration, counters: Counters) -> dict[str, Any]:
    return {
        "registration_id": registration.id,
        "quota_id": counters.id,
        "state": PlaceState.HELD if counters.number is None else PlaceState.WAITING,
        "number": counters.number,
    }


def _tell_about(
    session: Session, registration: Registration, event: Event, places: dict[UUID, int | None], *, terms: Terms
) -> None:
    held = tuple(HeldPlace(quota_id=key, position=position) for key, position in places.items())
    about: dict[str, Any] = {
        "registration": news(registration, held, terms.links),
        "event": events.snapshot(event),
    }
    if registration.status == Status.PENDING and registration.confirm_by:
        confirm_url = terms.links.confirmation(registration.id)
        message = AddressConfirmationRequested(**about, confirm_url=confirm_url, confirm_by=registration.confirm_by)
        tell(session, registration, message)
    elif registration.status == Status.CONFIRMED:
        tell(session, registration, RegistrationConfirmed(**about))
    else:
        tell(session, registration, RegistrationWaitlisted(**about))


def _remind_owner(session: Session, repeated: Registration, *, now: datetime, terms: Terms) -> None:
    known = registrations.note_repeat(
        session, repeated.event_id, repeated.email_key, now=now, not_since=now - REMIND_AFTER
    )
    if known is not None:
        message = SignUpRepeated(registration=news_of(session, known, terms.links), event=events.snapshot(known.event))
        tell(session, known, message)

"""Somebody signs up: a place at once, or a position on the waiting list."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from services.registration.domain.consents import Purpose
from services.registration.domain.registrations import PlaceState, Receipt, SignUpWish, Status, Terms
from services.registration.domain.rejections import AlreadyRegistered, SignUpClosed
from services.registration.domain.sign_up import NewRegistration, draft
from services.registration.storage import events, figures, quotas, registrations
from services.registration.storage.quotas import Counters
from services.registration.storage.tables import Event
from services.registration.use_cases.as_if_new import as_if_new
from services.registration.use_cases.expire_unconfirmed import expire, is_lapsed
from services.registration.use_cases.giving import is_applied_for
from services.registration.use_cases.keep_answers import ensure_answered, keep_answers
from services.registration.use_cases.news import first_news, news_of, tell, tell_availability, tell_first
from services.registration.use_cases.open_questions import open_questions
from shared.contracts.registration import SignUpRepeated

REMIND_AFTER = timedelta(hours=1)  # the owner of an address hears of repeated sign-ups at most this often


def sign_up(
    wish: SignUpWish,
    *,
    event: Event,
    session: Session,
    now: datetime,
    terms: Terms,
    by_organiser: bool = False,
    answers_later: bool = False,
    reserved: UUID | None = None,
) -> Receipt:
    """Take a place in each chosen quota, or a number on its waiting list.

    An address that is registered already gets the same receipt as a new one and nothing is stored, so a stranger
    learns nothing; its owner is told by mail. An organiser signs people up outside the window too, the address
    counts at once, and she is told: AlreadyRegistered. `reserved` is a quota in which a place was taken for her
    before. answers_later: somebody else signs her up, and the questions wait on her own page. Raises the rejections
    of ensure_open and choose_quotas.
    """
    drafted = draft(wish, events.snapshot(event), new_id=uuid4(), now=now, terms=terms, by_organiser=by_organiser)
    registration = drafted.registration
    if not by_organiser and not answers_later:
        ensure_answered(wish, event)
    if not _store(session, registration, now=now, terms=terms):
        if by_organiser:
            raise AlreadyRegistered
        remind_owner(session, registration, now=now, terms=terms)
        figures.count(session, "repeated")
        return as_if_new(session, event, drafted.quota_ids, together=wish.together, now=now, terms=terms)
    note_consents(session, registration, drafted.agreed)
    if wish.sheet is not None:
        keep_answers(registration.id, wish.sheet, session=session, now=now, terms=terms)
    if wish.field_of_study or wish.audience:
        registrations.add_claim(session, registration.id, field_of_study=wish.field_of_study, audience=wish.audience)
    by_others = by_organiser or answers_later
    questions = len(open_questions(session, event, registration, now=now)) if by_others else 0
    how: dict[str, Any] = {"terms": terms, "questions": questions}
    if not by_organiser and _applies(session, event):
        receipt = _apply(session, registration, event, drafted.quota_ids, together=wish.together, **how)
    else:
        asked = _Asked(drafted.quota_ids, together=wish.together and len(drafted.quota_ids) > 1, reserved=reserved)
        receipt = _take_places(session, registration, event, asked, **how)
    figures.count(session, receipt.status)
    return receipt


def _store(session: Session, registration: NewRegistration, *, now: datetime, terms: Terms) -> bool:
    facts = vars(registration)
    if registrations.add(session, **facts):
        return True
    known = registrations.find_living(session, registration.event_id, registration.email_key)
    if known is not None and not is_lapsed(known.status, known.confirm_by, now):
        return False
    if known is not None:  # her own first try lapsed, and the job has not come round yet
        expire([known.id], session=session, now=now, links=terms.links)
    return registrations.add(session, **facts)


def note_consents(session: Session, registration: NewRegistration, agreed: tuple[Purpose, ...]) -> None:
    """Store what she agreed to, in which words."""
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


@dataclass(frozen=True)
class _Asked:
    """The quotas somebody wants: all of them `together` or as they come, one of them perhaps `reserved` before."""

    quota_ids: tuple[UUID, ...]
    together: bool
    reserved: UUID | None


def _applies(session: Session, event: Event) -> bool:
    """Whether it is not decided yet; whoever draws waits for those who apply, and the other way round."""
    told = events.snapshot(event)
    return is_applied_for(event, told) and is_applied_for(events.lock(session, event.id, share=True), told)


def _apply(
    session: Session,
    registration: NewRegistration,
    event: Event,
    quota_ids: tuple[UUID, ...],
    *,
    together: bool,
    terms: Terms,
    questions: int,
) -> Receipt:
    """Nothing is taken yet: who gets a place is decided later."""
    facts = {"registration_id": registration.id, "state": PlaceState.APPLIED, "number": None, "together": together}
    registrations.add_places(session, [{**facts, "quota_id": each} for each in quota_ids])
    if registration.status == Status.CONFIRMED:
        registration = replace(registration, status=Status.WAITING)
        registrations.set_status(session, registration.id, Status.WAITING)
    places: dict[UUID, int | None] = dict.fromkeys(quota_ids, 0)
    told = first_news(registration, places, events.snapshot(event), terms=terms, questions=questions)
    tell_first(session, registration, told)
    return _receipt(registration, places)


def _take_places(
    session: Session, registration: NewRegistration, event: Event, asked: _Asked, *, terms: Terms, questions: int
) -> Receipt:
    """From here on the quotas' rows are locked, so nothing slow may follow."""
    is_combined = len(asked.quota_ids) > 1 or events.snapshot(event).quota_choice == "any"
    if is_combined:
        quotas.lock_all(session, event.id)
    taken = _taken(session, asked, is_combined=is_combined)
    registrations.add_places(session, [_place(registration, each, together=asked.together) for each in taken])
    places = {each.id: each.position for each in taken}
    if registration.status == Status.CONFIRMED and None not in places.values():
        registration = replace(registration, status=Status.WAITING)
        registrations.set_status(session, registration.id, Status.WAITING)
    told = first_news(registration, places, events.snapshot(event), terms=terms, questions=questions)
    tell_first(session, registration, told)
    tell_availability(session, [each for each in taken if each.id != asked.reserved])
    return _receipt(registration, places)


def _receipt(registration: NewRegistration, places: dict[UUID, int | None]) -> Receipt:
    return Receipt(
        id=registration.id,
        event_id=registration.event_id,
        status=registration.status,
        places=places,
        confirm_by=registration.confirm_by,
    )


def _taken(session: Session, asked: _Asked, *, is_combined: bool) -> list[Counters]:
    """Places or numbers; of those who want all quotas or none, numbers everywhere if one of them is full.

    Where people combine quotas, who waits while there is room wants all or none, and lets her pass.
    """
    states = {each: quotas.state(session, each) for each in asked.quota_ids} if asked.together else {}
    if any(not each.has_room for each in states.values()):
        return [_ensured(quotas.queue(session, each)) for each in asked.quota_ids]
    take = quotas.take_past if is_combined else quotas.take
    return [
        quotas.state(session, each) if each == asked.reserved else _ensured(take(session, each))
        for each in asked.quota_ids
    ]


def _ensured(counters: Counters | None) -> Counters:
    if counters is None:
        raise SignUpClosed
    return counters


def _place(registration: NewRegistration, counters: Counters, *, together: bool) -> dict[str, Any]:
    return {
        "registration_id": registration.id,
        "quota_id": counters.id,
        "state": PlaceState.HELD if counters.number is None else PlaceState.WAITING,
        "number": counters.number,
        "together": together,
    }


def remind_owner(session: Session, repeated: NewRegistration, *, now: datetime, terms: Terms) -> None:
    """Tell the owner of a known address that it was used again; nobody else learns it."""
    known = registrations.note_repeat(
        session, repeated.event_id, repeated.email_key, now=now, not_since=now - REMIND_AFTER
    )
    if known is not None:
        message = SignUpRepeated(registration=news_of(session, known, terms.links), event=events.snapshot(known.event))
        tell(session, known, message)

"""Before an event begins: ask who comes, warn, free the places of those who do not answer, and remind."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.her_sessions import her_sessions
from services.registration.domain.links import Links
from services.registration.domain.notices import NoticeKind, Round, concerns, freed_at, rounds, warned_at
from services.registration.domain.registrations import PlaceState, Status
from services.registration.storage import events, notices, registrations
from services.registration.storage.tables import Event, Notice, Registration
from services.registration.use_cases.end_registration import end, hold
from services.registration.use_cases.news import news_of, tell
from shared.contracts.registration import AttendanceAsked, AttendeeReminded

EVENTS_AT_ONCE = 20
PEOPLE_AT_ONCE = 50


def make_rounds(*, session: Session, now: datetime) -> bool:
    """Note who is to be written to, of rounds that are due; each is made once. Whether there may be more."""
    due = notices.events_due(session, now, EVENTS_AT_ONCE)
    for event in due:
        planned = [each for each in rounds(events.snapshot(event)) if now < each.starts_at]
        for each in planned:
            if each.due_at <= now and notices.begin_round(session, event.id, each, now=now):
                notices.add(session, _concerned(session, event, each), event.id, each, now=now)
        notices.note_looked(
            session, event, next_at=min((each.due_at for each in planned if each.due_at > now), default=None)
        )
    return len(due) == EVENTS_AT_ONCE


def write_notices(*, session: Session, now: datetime, links: Links) -> bool:
    """Write to some of those who are due, each step exactly once; whether there may be more."""
    due = notices.due(session, now, PEOPLE_AT_ONCE)
    held = {each.id: each for each in hold(session, {each.registration_id for each in due})}
    notices.again(session, due)
    for notice in due:
        if notice.due_at is None or notice.due_at > now:
            continue  # somebody else was faster
        notice.due_at = None
        registration = held.get(notice.registration_id)
        if registration is not None and _still_counts(registration, notice, now):
            _take_step(session, registration, notice, now=now, links=links)
    return len(due) == PEOPLE_AT_ONCE


def say_coming(registration_id: UUID, *, session: Session, now: datetime) -> bool:
    """She comes. Again is harmless; False if nobody asks her, or if she no longer has a place."""
    (registration,) = registrations.lock(session, [registration_id])
    notice = notices.question(session, registration_id, now)
    if notice is None or registration.status != Status.CONFIRMED:
        return False
    session.refresh(notice)
    notice.answered_at, notice.due_at = notice.answered_at or now, None
    return True


def _concerned(session: Session, event: Event, each: Round) -> list[UUID]:
    told = events.snapshot(event)
    people = notices.coming(session, event.id, signed_up_by=each.due_at)
    return [key for key, quota_ids in people.items() if concerns(each, her_sessions(told, quota_ids))]


def _still_counts(registration: Registration, notice: Notice, now: datetime) -> bool:
    """She has a place, and what it leads to still begins then. The registration is locked and so its status is true."""
    told = events.snapshot(registration.event)
    hers = [each.quota_id for each in registration.places if each.state == PlaceState.HELD]
    starts = {each.starts_at for each in her_sessions(told, hers)} if hers else set()
    is_ahead = told.status == "published" and now < notice.starts_at
    return is_ahead and registration.status == Status.CONFIRMED and notice.starts_at in starts


def _take_step(session: Session, registration: Registration, notice: Notice, *, now: datetime, links: Links) -> None:
    if notice.kind == NoticeKind.REMINDER:
        notice.told_at = now
        _remind(session, registration, notice, now=now, links=links)
    elif notice.told_at is None:
        notice.told_at, notice.due_at = now, warned_at(now, notice.starts_at)
        _ask(session, registration, _frees(registration, notice), now=now, links=links)
    elif notice.warned_at is None:
        notice.warned_at, notice.due_at = now, _frees(registration, notice, now)
        _ask(session, registration, notice.due_at, now=now, links=links, is_warning=True)
    elif events.snapshot(registration.event).sign_up.answer_frees:
        end(session, [registration], Status.CANCELLED, by="no_answer", links=links, now=now)


def _frees(registration: Registration, notice: Notice, now: datetime | None = None) -> datetime | None:
    if notice.told_at is None or not events.snapshot(registration.event).sign_up.answer_frees:
        return None
    return freed_at(notice.told_at, notice.starts_at, now)


def _ask(
    session: Session,
    registration: Registration,
    until: datetime | None,
    *,
    now: datetime,
    links: Links,
    is_warning: bool = False,
) -> None:
    _grow(session, registration, now)
    message = AttendanceAsked(
        registration=news_of(session, registration, links),
        event=events.snapshot(registration.event),
        coming_url=links.coming(registration.id),
        cancel_url=links.cancelling(registration.id),
        until=until,
        is_warning=is_warning,
    )
    tell(session, registration, message)


def _remind(session: Session, registration: Registration, notice: Notice, *, now: datetime, links: Links) -> None:
    _grow(session, registration, now)
    message = AttendeeReminded(
        registration=news_of(session, registration, links),
        event=events.snapshot(registration.event),
        starts_at=notice.starts_at,
        cancel_url=links.cancelling(registration.id),
    )
    tell(session, registration, message)


def _grow(session: Session, registration: Registration, now: datetime) -> None:
    registration.version += 1
    registration.changed_at = now
    session.flush()

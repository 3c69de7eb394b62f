"""Before an event: who is asked, warned, freed and reminded, exactly once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from services.registration.domain.notices import beginnings, freed_at, warned_at
from services.registration.storage.tables import Registration
from services.registration.use_cases.cancel_registration import cancel_registration
from services.registration.use_cases.learn_of_event import learn_of_event
from services.registration.use_cases.write_before import make_rounds, say_coming, write_notices
from shared.contracts.events import EventSnapshot, SignUpRules
from shared.contracts.registration import AttendanceAsked, AttendeeReminded, RegistrationCancelled
from shared.database import sessions_for
from tests.registration.builders import (
    LINKS,
    NOW,
    a_quota,
    a_registration,
    a_session,
    a_snapshot,
    an_event,
    messages,
)
from tests.registration.use_cases.test_races import at_once

START = NOW + timedelta(days=10)
RULES = SignUpRules(answer_days=3, answer_frees=True)


def an_occasion(**more: Any) -> EventSnapshot:
    """An event in ten days that asks three days before."""
    sessions = more.pop("sessions", (a_session(starts_at=START, ends_at=START + timedelta(hours=2)),))
    return a_snapshot(**({"sessions": sessions, "sign_up": RULES} | more))


def work(session: Session, now: datetime) -> None:
    """Both jobs, until there is nothing left."""
    while make_rounds(session=session, now=now):
        pass
    while write_notices(session=session, now=now, links=LINKS):
        pass
    session.flush()


def told(session: Session, kind: type[Any]) -> list[Any]:
    """The messages of one kind."""
    return [each for each in messages(session) if isinstance(each, kind)]


def before(**duration: float) -> datetime:
    """So long before the start."""
    return START - timedelta(**duration)


def statuses(session: Session) -> dict[str, str]:
    """By name."""
    return {name: status for name, status in session.execute(select(Registration.name, Registration.status))}  # noqa: C416


def test_everybody_with_a_place_is_asked_once_and_the_later_ones_not(session: Session) -> None:
    event = an_event(session, an_occasion(capacity=2))
    anna = a_registration(session, event, name="Anna")
    work(session, before(days=3, minutes=1))
    too_early = told(session, AttendanceAsked)

    work(session, before(days=3))
    a_registration(session, event, name="Late", now=before(days=2, hours=23))
    waiting = a_registration(session, event, name="Waiting")
    for hours in (60, 59):
        work(session, before(hours=hours))

    assert too_early == []
    asked = told(session, AttendanceAsked)
    assert [each.registration.id for each in asked] == [anna.id]
    assert asked[0].coming_url == LINKS.coming(anna.id)
    assert asked[0].until == before(days=1)
    assert waiting.position == 1


def test_no_answer_is_warned_once_and_then_the_place_goes_to_the_next(session: Session) -> None:
    event = an_event(session, an_occasion(capacity=1))
    a_registration(session, event, name="Silent")
    a_registration(session, event, name="Next")

    for hours in (72, 49, 48, 47, 25):
        work(session, before(hours=hours))
    kept = statuses(session)
    warned = [each.is_warning for each in told(session, AttendanceAsked)]
    for hours in (24, 23):
        work(session, before(hours=hours))

    assert kept == {"Silent": "confirmed", "Next": "waiting"}
    assert warned == [False, True]
    assert statuses(session) == {"Silent": "cancelled", "Next": "confirmed"}
    assert [each.by for each in told(session, RegistrationCancelled)] == ["no_answer"]


def test_who_says_that_she_comes_is_left_alone(session: Session) -> None:
    event = an_event(session, an_occasion())
    anna = a_registration(session, event, name="Anna")
    work(session, before(days=3))

    first, again = (say_coming(anna.id, session=session, now=before(days=2, hours=20)) for _ in range(2))
    for hours in (48, 24, 13):
        work(session, before(hours=hours))

    assert (first, again) == (True, True)
    assert len(told(session, AttendanceAsked)) == 1
    assert statuses(session) == {"Anna": "confirmed"}


def test_where_the_organiser_only_asks_no_place_is_freed(session: Session) -> None:
    event = an_event(session, an_occasion(sign_up=SignUpRules(answer_days=3)))
    a_registration(session, event, name="Silent")

    for hours in (72, 48, 24, 1):
        work(session, before(hours=hours))

    assert statuses(session) == {"Silent": "confirmed"}
    assert [(each.until, each.is_warning) for each in told(session, AttendanceAsked)] == [(None, False), (None, True)]


def test_jobs_that_were_away_give_time_to_answer_all_the_same(session: Session) -> None:
    event = an_event(session, an_occasion())
    a_registration(session, event, name="Silent")
    work(session, before(hours=72))

    work(session, before(hours=20))
    at_once_ = statuses(session)
    work(session, before(hours=14))

    assert at_once_ == {"Silent": "confirmed"}
    assert statuses(session) == {"Silent": "cancelled"}


@pytest.mark.parametrize(("days", "warned", "freed"), [(7, 24, 48), (3, 24, 48), (2, 18, 36), (1, 6, 12)])
def test_warning_and_freeing_leave_time_before_the_start(days: int, warned: int, freed: int) -> None:
    asked = START - timedelta(days=days)

    assert warned_at(asked, START) == asked + timedelta(hours=warned)
    assert freed_at(asked, START) == asked + timedelta(hours=freed)


def test_too_short_before_the_start_nothing_is_freed() -> None:
    assert freed_at(before(hours=11), START) is None


def test_who_has_a_place_is_reminded_a_day_before_and_nobody_else(session: Session) -> None:
    event = an_event(session, an_occasion(capacity=2, sign_up=SignUpRules()))
    anna = a_registration(session, event, name="Anna")
    gone = a_registration(session, event, name="Gone")
    cancel_registration(gone.id, by="attendee", session=session, now=NOW, links=LINKS)

    work(session, before(hours=25))
    nobody = told(session, AttendeeReminded)
    a_registration(session, event, name="Late", now=before(hours=23))
    for hours in (24, 23, 1):
        work(session, before(hours=hours))

    assert nobody == []
    reminded = told(session, AttendeeReminded)
    assert [(each.registration.id, each.starts_at) for each in reminded] == [(anna.id, START)]
    assert reminded[0].cancel_url == LINKS.cancelling(anna.id)


def test_who_cancels_between_the_round_and_the_mail_gets_none(session: Session) -> None:
    event = an_event(session, an_occasion(sign_up=SignUpRules()))
    anna = a_registration(session, event)
    make_rounds(session=session, now=before(hours=24))
    cancel_registration(anna.id, by="attendee", session=session, now=before(hours=24), links=LINKS)

    work(session, before(hours=24))

    assert told(session, AttendeeReminded) == []


def test_an_event_that_moves_reminds_and_asks_again(session: Session) -> None:
    known = an_occasion()
    event = an_event(session, known)
    anna = a_registration(session, event)
    work(session, before(days=3))
    say_coming(anna.id, session=session, now=before(days=3))
    work(session, before(days=1))

    later = START + timedelta(days=20)
    moved = a_session(id=known.sessions[0].id, starts_at=later, ends_at=later + timedelta(hours=2))
    learn_of_event(
        an_occasion(id=known.id, version=2, sessions=(moved,), quotas=known.quotas),
        session=session,
        now=before(hours=20),
        links=LINKS,
    )
    for moment in (before(hours=1), later - timedelta(days=3), later - timedelta(days=1)):
        work(session, moment)

    assert [each.starts_at for each in told(session, AttendeeReminded)] == [START, later]
    assert [each.is_warning for each in told(session, AttendanceAsked)] == [False, False, True]


def test_an_event_that_is_called_off_reminds_nobody(session: Session) -> None:
    known = an_occasion()
    a_registration(session, an_event(session, known))
    learn_of_event(
        an_occasion(id=known.id, version=2, sessions=known.sessions, quotas=known.quotas, status="cancelled"),
        session=session,
        now=NOW,
        links=LINKS,
    )

    work(session, before(hours=24))

    assert told(session, AttendeeReminded) == []


def test_each_is_reminded_of_her_own_date(session: Session) -> None:
    dates = tuple(
        a_session(starts_at=START + timedelta(days=day), ends_at=START + timedelta(days=day, hours=1)) for day in (0, 7)
    )
    quotas = tuple(a_quota(5, kind="session", session_id=each.id) for each in dates)
    event = an_event(session, an_occasion(sessions=dates, quotas=quotas, sign_up=SignUpRules()))
    first, second = (a_registration(session, event, quota_ids=(each.id,)) for each in quotas)

    work(session, before(days=1))
    early = [each.registration.id for each in told(session, AttendeeReminded)]
    work(session, before(days=-6))

    assert early == [first.id]
    assert [each.registration.id for each in told(session, AttendeeReminded)] == [first.id, second.id]


def test_sessions_of_one_day_are_one_reminder_and_a_week_later_another() -> None:
    morning, noon, next_week = START, START + timedelta(hours=3), START + timedelta(days=7)
    blocks = [a_session(starts_at=each, ends_at=each + timedelta(hours=1)) for each in (noon, next_week, morning)]

    assert beginnings(blocks) == [morning, next_week]


def test_several_schedulers_write_everything_once(either_engine: Engine) -> None:
    sessions = sessions_for(either_engine)
    with sessions.begin() as session:
        event = an_event(session, an_occasion(capacity=20))
        for _ in range(20):
            a_registration(session, event)

    def job() -> None:
        for hours in (72, 48, 24):
            with sessions.begin() as session:
                make_rounds(session=session, now=before(hours=hours))
            with sessions.begin() as session:
                write_notices(session=session, now=before(hours=hours), links=LINKS)

    at_once([job] * 6, threads=6)

    with sessions.begin() as session:
        asked = [(each.registration.id, each.is_warning) for each in told(session, AttendanceAsked)]
        assert len(asked) == len(set(asked)) == 40
        assert len(told(session, RegistrationCancelled)) == 20

"""When people are asked whether they come, warned, and reminded."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.registration.domain.her_sessions import her_sessions
from shared.contracts.events import EventSnapshot, SessionSnapshot

REMINDED_BEFORE = timedelta(days=1)
_TIME_TO_ANSWER = timedelta(days=2)  # after half of it comes the warning
_FREED_BEFORE = timedelta(hours=12)  # of the start at the latest, so that somebody else can still come
_LEAST_TIME = timedelta(hours=6)  # between question, warning and freeing; with less nothing is freed


class NoticeKind(StrEnum):
    """What somebody is written to about."""

    QUESTION = "question"  # do you come?
    REMINDER = "reminder"


@dataclass(frozen=True, kw_only=True)
class Round:
    """At `due_at` everybody whose sessions begin at `starts_at` and who has a place by then is written to, once."""

    kind: NoticeKind
    starts_at: datetime
    due_at: datetime


def rounds(event: EventSnapshot) -> list[Round]:
    """All of an event, in no order."""
    hers = [her_sessions(event, [each.id]) for each in event.quotas]
    found = {(NoticeKind.REMINDER, start, REMINDED_BEFORE) for sessions in hers for start in beginnings(sessions)}
    if event.sign_up.answer_days:
        before = timedelta(days=event.sign_up.answer_days)
        found |= {(NoticeKind.QUESTION, sessions[0].starts_at, before) for sessions in hers if sessions}
    return [Round(kind=kind, starts_at=start, due_at=start - before) for kind, start, before in found]


def concerns(each: Round, sessions: list[SessionSnapshot]) -> bool:
    """Whether a round is for somebody with these sessions."""
    if each.kind == NoticeKind.QUESTION:
        return bool(sessions) and sessions[0].starts_at == each.starts_at
    return each.starts_at in beginnings(sessions)


def beginnings(sessions: Iterable[SessionSnapshot]) -> list[datetime]:
    """The starts before which somebody is reminded: not of a session that begins within a day after another one."""
    starts = sorted({each.starts_at for each in sessions})
    return [
        start
        for before, start in zip([None, *starts], starts, strict=False)
        if before is None or start - before > REMINDED_BEFORE
    ]


def warned_at(asked_at: datetime, starts_at: datetime) -> datetime:
    """A day after the question, or half-way to when places are freed."""
    return asked_at + (_ends(asked_at, starts_at) - asked_at) / 2


def freed_at(asked_at: datetime, starts_at: datetime, now: datetime | None = None) -> datetime | None:
    """When a place is freed without an answer; later if the warning came later, `now`. None if time is too short."""
    end = max(_ends(asked_at, starts_at), (now or asked_at) + _LEAST_TIME)
    is_too_short = end > starts_at - _LEAST_TIME or end - asked_at < 2 * _LEAST_TIME
    return None if is_too_short else end


def _ends(asked_at: datetime, starts_at: datetime) -> datetime:
    half_way = asked_at + (starts_at - asked_at) / 2
    return min(asked_at + _TIME_TO_ANSWER, max(starts_at - _FREED_BEFORE, half_way))

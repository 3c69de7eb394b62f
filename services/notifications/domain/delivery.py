"""When a mail is tried again, and when it is given up: what a server's answer means."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class MailState(StrEnum):
    """Where a mail is on its way. `superseded`: a newer calendar mail made it pointless before it left."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    SUPERSEDED = "superseded"


UNDERWAY = (MailState.QUEUED, MailState.SENDING, MailState.UNCERTAIN)


class Answer(StrEnum):
    """What came of one attempt."""

    ACCEPTED = "accepted"
    LATER = "later"  # 4xx: this mail, later
    NEVER = "never"  # 5xx: this mail, never
    TOO_BIG = "too_big"  # 552: said in passing by some large providers, so once more, slowly
    LOST = "lost"  # the connection died after DATA had begun: it may have arrived
    CLOSED = "closed"  # the server cannot be reached, is busy or refuses our password: all mails wait


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The new state of a mail after an attempt."""

    state: MailState
    next_at: datetime | None = None


RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))
SLOWLY = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=48)
RESEND_LOST_AFTER = timedelta(minutes=10)
LEASE = timedelta(minutes=5)  # to get as far as DATA
_SIZE_STATUS = "5.3.4"
_SLOW_DOWN = frozenset({421, 432, 454})
_NOT_OURS_TO_SEND = frozenset({530, 534, 535, 538})


def understand(code: int, text: str) -> Answer:
    """What an SMTP answer to MAIL, RCPT or DATA means (research of retries: RFC 5321 4.2.1, RFC 3463)."""
    if code in _SLOW_DOWN or code in _NOT_OURS_TO_SEND or " 4.7." in f" {text}":
        return Answer.CLOSED
    if 200 <= code < 300:
        return Answer.ACCEPTED
    if 500 <= code < 600:
        return Answer.TOO_BIG if code == 552 or _SIZE_STATUS in text else Answer.NEVER
    return Answer.LATER


def outcome(answer: Answer, *, attempts: int, created_at: datetime, now: datetime, jitter: float) -> Outcome:
    """The state after the given number of attempts; `jitter` in 0..1 spreads the retries by up to a fifth.

    CLOSED is not an outcome of a mail: nobody was at home.
    """
    if answer is Answer.ACCEPTED:
        return Outcome(state=MailState.SENT)
    if answer is Answer.NEVER or (answer is Answer.TOO_BIG and attempts > 1):
        return Outcome(state=MailState.FAILED)
    if now - created_at >= GIVE_UP_AFTER:
        return Outcome(state=MailState.FAILED)
    if answer is Answer.LOST:
        return Outcome(state=MailState.UNCERTAIN, next_at=now + RESEND_LOST_AFTER)
    pause = SLOWLY if answer is Answer.TOO_BIG else RETRY_AFTER[min(attempts, len(RETRY_AFTER)) - 1]
    return Outcome(state=MailState.QUEUED, next_at=now + pause * (1 + jitter / 5))

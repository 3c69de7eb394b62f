"""Answers go when the period is over that was promised next to the question."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.registration.storage import answers, files

MOST_AT_ONCE = 500


def forget_answers(*, session: Session, now: datetime) -> bool:
    """Delete what is due, and files that never became part of a registration; whether more may be left."""
    files.forget_unclaimed(session, now=now)
    return answers.forget_due(session, now=now, limit=MOST_AT_ONCE) >= MOST_AT_ONCE

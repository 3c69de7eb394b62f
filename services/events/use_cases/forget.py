"""What nobody needs any more is deleted by itself."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_
from sqlalchemy.orm import Session

from services.events.storage.tables import AccountSession, IdempotentAnswer, SignInLink

KEPT = timedelta(days=1)


def forget_old(*, session: Session, now: datetime) -> None:
    """Used-up links, ended account sessions and the answers to repeated requests, a day after they ended."""
    before = now - KEPT
    session.execute(delete(SignInLink).where(SignInLink.expires_at < before))
    session.execute(
        delete(AccountSession).where(or_(AccountSession.expires_at < before, AccountSession.revoked_at < before))
    )
    session.execute(delete(IdempotentAnswer).where(IdempotentAnswer.created_at < before))

"""Wake the postmen, in this process and in others, as soon as a transaction that queued mails is through."""

from sqlalchemy import event
from sqlalchemy.orm import Session

from shared.messaging.wakeup import nudge

_QUEUED = "werktor.mail_queued"


def after_commit(session: Session) -> None:
    """Ring when this transaction is through, and only then."""
    session.info[_QUEUED] = True


@event.listens_for(Session, "after_commit")
def _ring(session: Session) -> None:
    if session.info.pop(_QUEUED, False):
        nudge(session.get_bind())


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_QUEUED, None)

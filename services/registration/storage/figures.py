"""Count sign-ups by what became of them, once they are true."""

from sqlalchemy import event
from sqlalchemy.orm import Session

from shared.metrics import SIGN_UPS

_RESULT = "werktor.sign_up"


def count(session: Session, result: str) -> None:
    """When this transaction is through, and only then."""
    session.info[_RESULT] = result


def count_at_once(result: str) -> None:
    """What a statement that commits by itself has made true."""
    SIGN_UPS.labels(result).inc()


@event.listens_for(Session, "after_commit")
def _count(session: Session) -> None:
    if result := session.info.pop(_RESULT, ""):
        count_at_once(result)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_RESULT, None)

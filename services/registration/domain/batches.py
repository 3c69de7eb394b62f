"""Actions on many registrations: which there are, when they take effect, and until when they can be taken back."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.registration.domain.selection import Selection
from shared.errors import N_, InvalidInput, Rejection


class Action(StrEnum):
    """What can be done with many at once."""

    CANCEL = "cancel"
    MESSAGE = "message"
    RESEND = "resend"
    MOVE_UP = "move_up"
    MARK_PRESENT = "mark_present"


class BatchState(StrEnum):
    """Of an action on many."""

    WAITING = "waiting"  # until due_at; nothing has happened yet
    RUNNING = "running"
    DONE = "done"
    UNDONE = "undone"
    TAKING_BACK = "taking_back"


class ItemState(StrEnum):
    """Of one registration in it."""

    WAITING = "waiting"
    DONE = "done"
    SKIPPED = "skipped"
    UNDONE = "undone"


GRACE = timedelta(seconds=60)
BATCH = 25  # registrations of one transaction
MESSAGES_A_DAY = 3  # that one person gets from organisers about one event


class BatchHasBegun(Rejection):
    """It took effect already: mails may have left, places may have gone to others."""

    title = N_("It is too late to take this back")
    detail = N_("It has taken effect. Below you see what was done for whom.")


class NothingToTakeBack(Rejection):
    """It was taken back before."""

    title = N_("This was taken back already")


@dataclass(frozen=True, kw_only=True)
class BatchWish:
    """What is to be done with whom. subject and text are by language; without mail nobody is written a letter."""

    action: Action
    selection: Selection
    reason: str = ""
    with_mail: bool = True
    subject: dict[str, str] = field(default_factory=dict)
    text: dict[str, str] = field(default_factory=dict)
    session_id: UUID | None = None


def due_at(action: Action, now: datetime) -> datetime:
    """When it takes effect. Attendance does at once: it can be put right at any time."""
    return now if action is Action.MARK_PRESENT else now + GRACE


def is_reversible(action: Action) -> bool:
    """Whether it can be taken back even after it took effect."""
    return action is Action.MARK_PRESENT


def ensure_whole(wish: BatchWish) -> None:
    """Nothing is missing that the action needs. Raises InvalidInput."""
    missing = {}
    if wish.action is Action.MESSAGE:
        missing = {name: getattr(wish, name) for name in ("subject", "text") if not any(getattr(wish, name).values())}
        if not missing and wish.subject.keys() != wish.text.keys():
            raise InvalidInput({"text": [N_("Please write subject and text in the same languages.")]})
    if wish.action is Action.MOVE_UP and not wish.reason:
        missing["reason"] = ""
    if wish.action is Action.MARK_PRESENT and wish.session_id is None:
        missing["session_id"] = ""
    if missing:
        raise InvalidInput({name: [N_("Please fill this in.")] for name in missing})

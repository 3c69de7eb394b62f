"""Personal invitations: what is wished, what can become of them, and how long they are good for."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.registration.domain.addresses import Address
from shared.errors import N_, Rejection

MOST_AT_ONCE = 200


class InvitationState(StrEnum):
    """Of an invitation."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, kw_only=True)
class Invitee:
    """Somebody to be invited; the name may be unknown."""

    address: Address
    name: str = ""
    locale: str


@dataclass(frozen=True, kw_only=True)
class InvitationWish:
    """Whom to invite into which quota. With holds_place a free place is taken for each of them now."""

    invitees: tuple[Invitee, ...]
    quota_id: UUID | None = None
    deadline: datetime | None = None
    holds_place: bool = False


class NotSoManyFree(Rejection):
    """Fewer places are free than should be kept. Facts: wanted, free."""

    title = N_("There are not that many free places")
    detail = N_("%(wanted)s places should be kept, %(free)s are free. Nobody was invited.")


class AlreadyDecided(Rejection):
    """It was used, has expired, or was taken back before."""

    title = N_("This invitation is no longer open")


def is_open(state: str, deadline: datetime | None, now: datetime) -> bool:
    """Whether the link still works, also when the job has not come round yet."""
    return state == InvitationState.OPEN and (deadline is None or now < deadline)

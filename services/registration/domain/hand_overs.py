"""Handing one's place to somebody whom one knows: when, how long, and what becomes of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.registration.domain.addresses import Address
from shared.errors import N_, Rejection

TIME_TO_ANSWER = timedelta(hours=48)
MOST = 3  # people whom one registration may ask, one after the other: it is no way to write to strangers


class HandOverState(StrEnum):
    """Of a hand-over."""

    OPEN = "open"
    TAKEN = "taken"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True)
class Friend:
    """Whom she names."""

    name: str
    address: Address


class NoHandOver(Rejection):
    """The organiser does not allow it, she has no place, or it has begun."""

    title = N_("Your place cannot be handed on")
    detail = N_("The organiser does not allow it, or it is too late. If you cannot come, please cancel.")


class HandOverIsOpen(Rejection):
    """Somebody was asked and has not answered."""

    title = N_("You have asked somebody already")
    detail = N_("Please wait for the answer, or take your question back first.")


class TooManyHandOvers(Rejection):
    """She has asked as many people as one may."""

    title = N_("You have asked several people already")
    detail = N_("Nobody else can be asked. If you cannot come, please cancel: the next in line gets the place.")


class HandOverIsOver(Rejection):
    """Taken, taken back, too late, or never made: the holder of a link is told one and the same."""

    kind = "gone"
    title = N_("This place is no longer on offer")
    detail = N_("Perhaps the time to answer is over, or the place is needed after all. You can look for free places.")


def answer_until(now: datetime, starts_at: datetime) -> datetime:
    """Until when the friend may say yes."""
    return min(now + TIME_TO_ANSWER, starts_at)

"""What a sign-up is, when it is allowed, and what becomes of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.registration.domain.addresses import Address
from services.registration.domain.answers import Sheet
from services.registration.domain.key_ring import KeyRing, key_ring
from services.registration.domain.links import Links
from services.registration.domain.rejections import (
    EventIsCancelled,
    EventIsOver,
    SignUpByInvitation,
    SignUpClosed,
    SignUpNotOpenYet,
)
from shared.contracts.events import EventSnapshot
from shared.errors import N_, InvalidInput


class Status(StrEnum):
    """Of a registration."""

    PENDING = "pending"  # holds a place or a position until confirm_by; the address is not confirmed yet
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


SOURCES = ("form", "api", "organiser", "import", "invitation", "walk_in", "hand_over")
LIVING = (Status.PENDING, Status.CONFIRMED, Status.WAITING)


class PlaceState(StrEnum):
    """Of a registration in one quota."""

    HELD = "held"
    WAITING = "waiting"
    APPLIED = "applied"  # the order is not decided yet: by approval, lottery or priority
    OFFERED = "offered"  # a place is kept for her until offered_until, and she has not taken it yet
    RELEASED = "released"


@dataclass(frozen=True, kw_only=True)
class SignUpWish:
    """What somebody asks for. `consents` are the purposes that she agreed to; `sheet` her checked answers."""

    name: str
    address: Address
    locale: str
    consents: frozenset[str]
    quota_ids: tuple[UUID, ...] = ()
    source: str = "form"  # one of SOURCES
    answers: Mapping[str, Any] = field(default_factory=dict)  # as they came: schemas.answers makes the sheet
    answer_consents: frozenset[str] = frozenset()  # questions whose sensitive answer may be kept
    sheet: Sheet | None = None
    together: bool = False  # of several quotas all or none
    field_of_study: str = ""  # what she says where some come first
    audience: str = ""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How this installation takes sign-ups."""

    links: Links
    confirm_address: bool = True
    hold: timedelta = timedelta(minutes=30)
    answer_keys: tuple[tuple[str, bytes], ...] = ()  # (id, key), the newest first

    @property
    def ring(self) -> KeyRing:
        """The keys that seal sensitive answers."""
        return key_ring(self.links.key, self.answer_keys)


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What became of a sign-up: positions by quota, None for a held place, 0 where the order is not decided yet.

    It is the same for an address that was registered already, with an id that belongs to nobody.
    """

    id: UUID
    event_id: UUID
    status: Status
    places: dict[UUID, int | None] = field(default_factory=dict)
    confirm_by: datetime | None = None

    @property
    def position(self) -> int | None:
        """The best position on a waiting list, None as soon as one place is held."""
        return best_position(self.places.values())


def best_position(positions: Iterable[int | None]) -> int | None:
    """None as soon as one place is held, else the best position; 0 where she applied."""
    known = list(positions)
    return None if not known or None in known else min(each for each in known if each is not None)


def ensure_open(event: EventSnapshot, now: datetime) -> None:
    """Let a sign-up pass, or say why not."""
    ensure_alive(event, now)
    if event.sign_up.by_invitation:
        raise SignUpByInvitation
    if event.sign_up_opens_at and now < event.sign_up_opens_at:
        raise SignUpNotOpenYet(opens_at=event.sign_up_opens_at.isoformat())
    if event.sign_up_closes_at and now >= event.sign_up_closes_at:
        raise SignUpClosed
    if not event.quotas:
        raise SignUpClosed


def ensure_alive(event: EventSnapshot, now: datetime) -> None:
    """The event still lies ahead, or runs."""
    if event.status == "cancelled":
        raise EventIsCancelled
    if is_over(event, now):
        raise EventIsOver


def is_over(event: EventSnapshot, now: datetime) -> bool:
    """Whether the last session has ended."""
    return bool(event.sessions) and max(each.ends_at for each in event.sessions) <= now


def gives_places(event: EventSnapshot, now: datetime) -> bool:
    """Whether a freed place still goes to somebody who waits."""
    return event.status == "published" and not is_over(event, now)


def is_combined(event: EventSnapshot) -> bool:
    """Whether people may take part in several quotas."""
    return event.quota_choice == "any"


def choose_quotas(
    event: EventSnapshot, wanted: Iterable[UUID], *, held: frozenset[UUID] = frozenset()
) -> tuple[UUID, ...]:
    """The quotas that a sign-up is for, in the order in which they are locked.

    An event with a single quota needs no choice. held: where she has a place, which she may keep though the event does
    not offer it any more. Raises InvalidInput.
    """
    known = {each.id for each in event.quotas}
    chosen = set(wanted) or (known if len(known) == 1 else set())
    if not chosen:
        raise InvalidInput({"quota_ids": [N_("Please choose where you want to take part.")]})
    if chosen - known - held:
        raise InvalidInput({"quota_ids": [N_("This choice does not belong to the event.")]})
    if event.quota_choice == "one" and len(chosen) > 1:
        raise InvalidInput({"quota_ids": [N_("Please choose only one.")]})
    return tuple(sorted(chosen))


def standing(states: Iterable[PlaceState]) -> Status:
    """Of a registration whose address is confirmed: one held place is enough to come."""
    return Status.CONFIRMED if PlaceState.HELD in set(states) else Status.WAITING


def search_text(name: str, address: Address) -> str:
    """What an organiser's search looks through."""
    return f"{name} {address.written} {address.ascii}".casefold()

"""The rules of the door: who is let in, and what follows from a log of scans."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from shared.errors import N_, Rejection

# A scan that arrives later than this after it was made was waiting on a phone without connection.
LATE_AFTER = timedelta(seconds=10)


class UnknownTicket(Rejection):
    """The code belongs to no ticket, or to one that the asker may not know of."""

    kind = "unknown"
    title = N_("This is not a ticket of ours")
    detail = N_("Nobody signed up with this code.")


class TicketOfAnotherEvent(Rejection):
    """A real ticket at the wrong door. Says nothing about its holder."""

    title = N_("This ticket is for another event")


class AlreadyCheckedIn(Rejection):
    """Facts: name, scanned_at and device of the first scan, session_id."""

    title = N_("Already checked in")
    detail = N_("This ticket was scanned before.")


class NotConfirmed(Rejection):
    """Facts: name, state (pending or waiting)."""

    title = N_("The sign-up does not count yet")
    detail = N_("The address was not confirmed, or the place is still on the waiting list.")


class RegistrationIsCancelled(Rejection):
    """Facts: name, state (cancelled or expired)."""

    title = N_("This registration was cancelled")


class NoSuchSession(Rejection):
    """The event has no session of that id, or none at all."""

    kind = "unknown"
    title = N_("The event has no such session")


class NotForThisSession(Rejection):
    """Her place is in another session. Facts: name, session_id (hers), starts_at."""

    title = N_("This ticket is for another session")


class EventIsCancelled(Rejection):
    """Nobody is let in to an event that was called off."""

    title = N_("This event was called off")


class ScanIdIsTaken(Rejection):
    """The same scan_id with another content: the client made it twice."""

    title = N_("This scan was already sent with other content")
    detail = N_("A scan_id stands for one scan. Make a new one.")


class NothingToUndo(Rejection):
    """The scan let nobody in."""

    title = N_("This scan let nobody in")


@dataclass(frozen=True, kw_only=True)
class WantedScan:
    """What a door sent. scanned_at is missing where the door knows no time but now."""

    scan_id: UUID
    ticket: str
    event_id: UUID | None = None
    session_id: UUID | None = None
    device: str = ""
    scanned_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PlainScan:
    """A scan for one session of one event, as the log will hold it if the light is green."""

    scan_id: UUID
    content: str
    event_id: UUID
    session_id: UUID
    device: str
    scanned_at: datetime
    received_at: datetime
    actor_id: UUID | None


class TimeBlock(Protocol):
    """A session of the event, as far as the door cares: shared.contracts.events.SessionSnapshot."""

    @property
    def id(self) -> UUID: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who holds the ticket: only what the door may see, and the sessions her places are in."""

    name: str
    status: str
    sessions: tuple[TimeBlock, ...]


@dataclass(frozen=True, kw_only=True)
class LoggedScan:
    """One line of the scan log. verdict is what the door was shown: admitted | duplicate | refused | undone."""

    scan_id: UUID
    verdict: str
    scanned_at: datetime
    device: str = ""
    undoes: UUID | None = None


def choose_session(sessions: Iterable[TimeBlock], now: datetime) -> TimeBlock | None:
    """The running session, else the next, else the last."""
    in_order = sorted(sessions, key=lambda each: (each.starts_at, each.id))
    running = [each for each in in_order if each.starts_at <= now < each.ends_at]
    coming = [each for each in in_order if each.starts_at > now]
    return next(iter(running or coming or in_order[-1:]), None)


def refusal(
    holder: Holder, *, event_status: str, session_id: UUID | None, sessions: Iterable[TimeBlock]
) -> Rejection | None:
    """Why this ticket lets nobody in to this session, whatever was scanned before; None when it does."""
    if event_status == "cancelled":
        return EventIsCancelled()
    if holder.status in {"pending", "waiting"}:
        return NotConfirmed(name=holder.name, state=holder.status)
    if holder.status != "confirmed":
        return RegistrationIsCancelled(name=holder.name, state=holder.status)
    if session_id not in {each.id for each in sessions}:
        return NoSuchSession()
    if session_id not in {each.id for each in holder.sessions}:
        return _elsewhere(holder)
    return None


def _elsewhere(holder: Holder) -> Rejection:
    if not holder.sessions:
        return NotForThisSession(name=holder.name)
    hers = min(holder.sessions, key=lambda each: each.starts_at)
    return NotForThisSession(name=holder.name, session_id=str(hers.id), starts_at=hers.starts_at.isoformat())


def standing(log: Iterable[LoggedScan]) -> list[LoggedScan]:
    """The green scans that nobody took back, in the order they were made.

    The first is the check-in; more than one means that two doors without connection both let her in. Scans
    that were shown red never count, so that an undo cannot turn somebody's red into a green afterwards. The
    result does not depend on the order in which the scans arrived.
    """
    lines = list(log)
    undone = {each.undoes for each in lines}
    green = [each for each in lines if each.verdict == "admitted" and each.scan_id not in undone]
    return sorted(green, key=lambda each: (each.scanned_at, each.scan_id.bytes))


def lets_in(first: LoggedScan | None, *, scanned_at: datetime, received_at: datetime) -> bool:
    """Whether a scan is green, given the first one that stands.

    Live, the first to arrive wins. A scan that waited on a phone without connection and was made before the
    first one is the true first: it becomes it, and the other keeps the green light that it was shown.
    """
    if first is None:
        return True
    return scanned_at < first.scanned_at and received_at - scanned_at > LATE_AFTER


def time_of(scanned_at: datetime | None, received_at: datetime) -> datetime:
    """When a scan was made: as the phone says, but never in the future."""
    return min(scanned_at or received_at, received_at).astimezone(UTC)

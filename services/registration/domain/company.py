"""What a host company may see and do around its own event, and when."""

from datetime import datetime, timedelta

from services.registration.domain.registrations import is_over
from services.registration.domain.rejections import EventIsNotOver, NoCompanyHere
from shared.contracts.events import EventSnapshot, Host

TOLD_BEFORE = timedelta(days=3)  # the host hears then who comes
CONTACTS_FOR = timedelta(days=60)  # contacts are exchanged so long after the event, before its people are forgotten


def host_of(event: EventSnapshot) -> Host:
    """The host company. Raises NoCompanyHere."""
    if event.host is None:
        raise NoCompanyHere
    return event.host


def starts_at(event: EventSnapshot) -> datetime | None:
    """When the first session begins."""
    return min((each.starts_at for each in event.sessions), default=None)


def ends_at(event: EventSnapshot) -> datetime | None:
    """When the last session ends."""
    return max((each.ends_at for each in event.sessions), default=None)


def exchanges_contacts(event: EventSnapshot, now: datetime) -> bool:
    """Whether both sides may say now that they want to stay in touch."""
    end = ends_at(event)
    return (
        event.host is not None and event.status == "published" and end is not None and end <= now < end + CONTACTS_FOR
    )


def ensure_exchanges_contacts(event: EventSnapshot, now: datetime) -> None:
    """Raises NoCompanyHere, EventIsNotOver."""
    host_of(event)
    if not is_over(event, now):
        raise EventIsNotOver
    if not exchanges_contacts(event, now):
        raise NoCompanyHere

"""Addresses that nobody confirmed in time lose their places."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.links import Links
from services.registration.domain.registrations import Status
from services.registration.storage import registrations
from services.registration.use_cases.end_registration import end, hold

BATCH = 50  # of one transaction, so that no quota stays locked for long


def expire_unconfirmed(*, session: Session, now: datetime, links: Links) -> int:
    """End the registrations whose time to confirm is over; the number of those that ended."""
    return expire(registrations.lapsed(session, now, limit=BATCH), session=session, now=now, links=links)


def expire(registration_ids: Iterable[UUID], *, session: Session, now: datetime, links: Links) -> int:
    """End these, as far as they are still unconfirmed and late."""
    held = [each for each in hold(session, registration_ids) if is_lapsed(each.status, each.confirm_by, now)]
    end(session, held, Status.EXPIRED, by="expiry", links=links, now=now)
    return len(held)


def is_lapsed(status: str, confirm_by: datetime | None, now: datetime) -> bool:
    """Whether the time to confirm is over, also when the job has not come round yet."""
    return status == Status.PENDING and confirm_by is not None and confirm_by <= now

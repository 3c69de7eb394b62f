"""How registrations end: cancelled by somebody, or never confirmed. Both free places in the same way."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.links import Links
from services.registration.domain.registrations import LIVING, Status
from services.registration.storage import events, quotas, registrations
from services.registration.storage.tables import Registration
from services.registration.use_cases.free_places import give_back
from services.registration.use_cases.news import news_of, tell
from shared.contracts.registration import RegistrationCancelled


def hold(session: Session, registration_ids: Iterable[UUID]) -> list[Registration]:
    """Lock registrations with all their quotas, in the right order, and return those that still count.

    All quotas of their events are held: a freed place may complete what somebody waits for elsewhere.
    """
    ids = list(registration_ids)
    quotas.lock(session, registrations.concerned_quotas(session, ids))
    return [each for each in registrations.lock(session, ids) if each.status in LIVING]


def end(
    session: Session,
    held: list[Registration],
    status: Status,
    *,
    by: str,
    reason: str = "",
    silent: bool = False,
    links: Links,
    now: datetime,
) -> None:
    """End registrations that `hold` returned, tell about it, and give their places to those who wait.

    silent: without a letter to those whose registrations end.
    """
    had_ticket = {each.id: each.status == Status.CONFIRMED for each in held}
    for each in held:
        each.status = status
        each.cancelled_by = by
        each.cancelled_reason = reason
        each.changed_at = now
        each.version += 1
    give_back(session, held, links=links, now=now)
    for each in held:
        message = RegistrationCancelled(
            registration=news_of(session, each, links),
            event=events.snapshot(each.event),
            by=by,
            had_place=had_ticket[each.id],
            reason=reason,
            silent=silent,
        )
        tell(session, each, message)

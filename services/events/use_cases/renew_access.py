"""A signed-in browser asks for a fresh proof."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.events.storage import accounts
from shared.errors import NotSignedIn
from shared.policy import Actor


def renew_access(sid: str, *, session: Session, now: datetime) -> tuple[Actor, UUID]:
    """Who the account session belongs to, with today's roles, and the session's id. Raises NotSignedIn."""
    device = accounts.find_device(session, sid, now) if sid else None
    if device is None:
        raise NotSignedIn
    device.seen_at = now
    return accounts.actor_of(session, device.account), device.id

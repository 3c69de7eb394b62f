"""Invitations that come to nothing: taken back, or not used in time. A kept place goes to those who wait."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.invitations import InvitationState
from services.registration.domain.links import Links
from services.registration.storage import events, invitations, quotas
from services.registration.storage.quotas import Counters
from services.registration.storage.tables import Invitation
from services.registration.use_cases.free_places import move_up
from services.registration.use_cases.news import tell_availability


def close_invitations(
    chosen: Sequence[Invitation], state: InvitationState, *, session: Session, now: datetime, links: Links
) -> int:
    """Close those that are still open, once, and give their places on at once; how many they were."""
    held = [each for each in invitations.lock(session, [each.id for each in chosen]) if each.state == "open"]
    quotas.lock_events(session, {each.event_id for each in chosen})
    changed: dict[UUID, Counters] = {}
    touched = {}
    for each in held:
        each.state, each.changed_at, each.version = str(state), now, each.version + 1
        if each.holds_place:
            changed[each.quota_id] = quotas.release(session, each.quota_id)
            touched[each.event_id] = events.get(session, each.event_id)
    session.flush()
    move_up(session, changed, touched, links=links, now=now)
    tell_availability(session, changed.values())
    return len(held)

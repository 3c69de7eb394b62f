"""The job that ends invitations whose deadline is over."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.registration.domain.invitations import InvitationState
from services.registration.domain.links import Links
from services.registration.storage import invitations
from services.registration.use_cases.close_invitation import close_invitations

BATCH = 50


def expire_invitations(*, session: Session, now: datetime, links: Links) -> bool:
    """Close the next of them; True if there may be more."""
    found = invitations.lapsed(session, now, BATCH)
    close_invitations(found, InvitationState.EXPIRED, session=session, now=now, links=links)
    return len(found) == BATCH

"""An organiser takes an invitation back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.invitations import AlreadyDecided, InvitationState
from services.registration.domain.links import Links
from services.registration.storage import audit, events, invitations
from services.registration.use_cases.access import ensure_may
from services.registration.use_cases.close_invitation import close_invitations
from shared.policy import Actor


def revoke_invitation(invitation_id: UUID, *, actor: Actor, session: Session, now: datetime, links: Links) -> None:
    """The link no longer works; a kept place goes on at once. No mail is sent. Raises NotFound, AlreadyDecided."""
    found = invitations.get(session, invitation_id)
    event = events.get(session, found.event_id)
    ensure_may(actor, "change_registration", event)
    if not close_invitations([found], InvitationState.REVOKED, session=session, now=now, links=links):
        raise AlreadyDecided
    audit.record(
        session,
        actor,
        "revoke_invitation",
        object_id=invitation_id,
        organisation_id=event.organisation_id,
        event_id=event.id,
        now=now,
    )

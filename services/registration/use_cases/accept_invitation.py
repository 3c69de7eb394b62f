"""Somebody uses her personal link."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from services.registration.domain.addresses import Address
from services.registration.domain.invitations import InvitationState, is_open
from services.registration.domain.registrations import Receipt, SignUpWish, Terms
from services.registration.domain.rejections import InvitationIsSpent
from services.registration.storage import events, invitations
from services.registration.storage.tables import Invitation
from services.registration.use_cases.keep_answers import ensure_answered
from services.registration.use_cases.sign_up import sign_up


def accept_invitation(
    token: str, wish: SignUpWish, *, session: Session, now: datetime, terms: Terms
) -> tuple[Receipt, Invitation]:
    """Sign up with the invited address, which counts at once: the link came to it. The window does not matter.

    A place that was kept becomes hers; else she takes one as everybody does, or waits. Used once. Raises
    InvitationIsSpent, AlreadyRegistered, EventIsOver, EventIsCancelled, InvalidInput without answers to the form.
    """
    known = find_open(token, session=session, now=now)
    (found,) = invitations.lock(session, [known.id])
    if not is_open(found.state, found.deadline, now):
        raise InvitationIsSpent
    event = events.get(session, found.event_id)
    ensure_answered(wish, event)
    address = Address(written=found.email, ascii=found.ascii_email, key=found.email_key)
    receipt = sign_up(
        replace(wish, address=address, quota_ids=(found.quota_id,), source="invitation"),
        event=event,
        session=session,
        now=now,
        terms=terms,
        by_organiser=True,
        reserved=found.quota_id if found.holds_place else None,
    )
    found.state, found.registration_id, found.changed_at = str(InvitationState.USED), receipt.id, now
    found.version += 1
    return receipt, found


def find_open(token: str, *, session: Session, now: datetime) -> Invitation:
    """The invitation that a link opens. Raises InvitationIsSpent."""
    found = invitations.find_by_token(session, token)
    if found is None or not is_open(found.state, found.deadline, now):
        raise InvitationIsSpent
    return found

"""A member's role changes or ends."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.events.domain.accounts import LastAdminStays, ensure_grantable
from services.events.storage import audit, organisations
from services.events.storage.tables import Membership
from shared.policy import Actor, Role


def change_member(membership: Membership, *, role: Role, session: Session, now: datetime, by: Actor) -> None:
    """Give a member another role; it counts within five minutes. Raises RoleAboveOwn, LastAdminStays."""
    organisations.lock(session, membership.organisation_id)
    own = by.organisations.get(membership.organisation_id)
    ensure_grantable(Role(membership.role), by=own, actor=by)
    ensure_grantable(role, by=own, actor=by)
    ensure_not_last_admin(membership, role, session=session)
    membership.role = role
    session.flush()
    _record("change_member", membership, session=session, now=now, by=by)


def remove_member(membership: Membership, *, session: Session, now: datetime, by: Actor) -> None:
    """End a membership. Raises RoleAboveOwn, LastAdminStays."""
    organisations.lock(session, membership.organisation_id)
    ensure_grantable(Role(membership.role), by=by.organisations.get(membership.organisation_id), actor=by)
    ensure_not_last_admin(membership, None, session=session)
    session.delete(membership)
    session.flush()
    _record("remove_member", membership, session=session, now=now, by=by)


def ensure_not_last_admin(membership: Membership, role: Role | None, *, session: Session) -> None:
    """Raises LastAdminStays if nobody would be administrator any more; call it under the organisation's lock."""
    steps_down = membership.role == Role.ADMIN and role != Role.ADMIN
    if steps_down and organisations.admins(session, membership.organisation_id) == 1:
        raise LastAdminStays


def _record(action: str, membership: Membership, *, session: Session, now: datetime, by: Actor) -> None:
    audit.record(
        session,
        action,
        by=by,
        object_id=membership.account_id,
        organisation_id=membership.organisation_id,
        now=now,
        role=str(membership.role),
    )

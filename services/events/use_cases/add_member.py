"""Somebody gets a role in an organisation."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.events.domain.accounts import ensure_grantable
from services.events.storage import audit, organisations
from services.events.storage.tables import Membership, Organisation
from services.events.use_cases.change_member import ensure_not_last_admin
from services.events.use_cases.open_account import open_account
from services.events.use_cases.request_sign_in import send_link
from shared.policy import Actor, Role


def add_member(
    address: str,
    *,
    role: Role,
    organisation_id: UUID,
    session: Session,
    now: datetime,
    by: Actor,
    name: str = "",
    locale: str = "",
) -> Membership:
    """Give the address's account a role, opening the account if need be; a member's role is replaced.

    Raises NotFound, RoleAboveOwn, LastAdminStays.
    """
    organisation = organisations.get(session, organisation_id)
    organisations.lock(session, organisation_id)
    ensure_grantable(role, by=by.organisations.get(organisation_id), actor=by)
    account = open_account(address, name=name, locale=locale or organisation.locale, session=session, now=now)
    membership = session.get(Membership, (organisation_id, account.id))
    if membership is None:
        membership = Membership(organisation_id=organisation_id, account=account, role=role, created_at=now)
        session.add(membership)
    else:
        ensure_not_last_admin(membership, role, session=session)
        membership.role = role
    session.flush()
    audit.record(
        session, "add_member", by=by, object_id=account.id, organisation_id=organisation_id, now=now, role=str(role)
    )
    return membership


def invite_member(
    address: str,
    *,
    role: Role,
    organisation: Organisation,
    token: str,
    base_url: str,
    session: Session,
    now: datetime,
    by: Actor,
    name: str = "",
) -> Membership:
    """Add a member and mail a sign-in link that works for a week. Raises as add_member does."""
    membership = add_member(
        address, role=role, organisation_id=organisation.id, session=session, now=now, by=by, name=name
    )
    send_link(
        membership.account,
        token=token,
        base_url=base_url,
        session=session,
        now=now,
        purpose="invitation",
        next_path="/events/manage/",
    )
    return membership
